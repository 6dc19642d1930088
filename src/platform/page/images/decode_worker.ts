/*
 * A worker that decodes images for the one that made it, one at a time. The build makes a file of its own of it, beside the
 * page's bundle.
 */
import { decode } from './decode.ts';
import type { Job } from './jobs.ts';

const worker = self as unknown as {
  onmessage: (event: MessageEvent<Job>) => void;
  postMessage(answer: unknown, transfer?: Transferable[]): void;
};

worker.onmessage = async ({ data: job }) => {
  try {
    const value = await decode(job);
    worker.postMessage({ value }, buffersOf(value));
  } catch (error) {
    worker.postMessage({ reason: error instanceof Error ? error.message : String(error) });
  }
};
worker.postMessage('ready');

/** What is handed over instead of copied. */
function buffersOf(value: unknown): Transferable[] {
  const holders = typeof value === 'object' && value !== null ? [value, ...Object.values(value)] : [];
  return holders.filter((held) => ArrayBuffer.isView(held)).map((held) => held.buffer as ArrayBuffer);
}
