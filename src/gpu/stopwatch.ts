import type { Gpu } from './device.ts';
import type { Program } from './program.ts';
import { aroundPass, millisecondsOf, readTimestamps } from './timestamps.ts';

/** Milliseconds of one run of a program. */
export type Stopwatch = (program: Program) => Promise<number>;

/** Times by the adapter's own clock where it has one, else until the host hears that the work is done. */
export function stopwatch(gpu: Gpu): Stopwatch {
  return gpu.capabilities.features.has('timestamp-query')
    ? (program) => byTimestamps(gpu, program)
    : (program) => byHost(gpu, program);
}

async function byTimestamps(gpu: Gpu, program: Program): Promise<number> {
  const timestamps = await readTimestamps(gpu, 2, (encoder, querySet) =>
    program.encode(encoder, aroundPass(querySet, 0)),
  );
  return millisecondsOf(timestamps, 0);
}

async function byHost(gpu: Gpu, program: Program): Promise<number> {
  const start = performance.now();
  program.run();
  await gpu.idle();
  return performance.now() - start;
}
