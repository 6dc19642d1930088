import type { Candidate } from './choices.ts';
import type { Gpu } from './device.ts';
import { Program } from './program.ts';
import { Recording } from './recording.ts';
import type { Storage } from './storage.ts';
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

/**
 * A candidate as a program on the given buffers.
 * @param repeats calls in one run of it
 * @throws Error where a kernel does not compile
 */
export function buildCandidate(
  gpu: Gpu,
  { name, steps, scratch }: Candidate,
  buffers: ReadonlyMap<string, Storage>,
  repeats = 1,
): Promise<Program> {
  const recording = new Recording();
  const own = scratch > 0 ? recording.plan(`scratch of ${name}`, 4 * scratch) : undefined;
  const find = (buffer: string): Storage => {
    const storage = buffer === 'scratch' ? own : buffers.get(buffer);
    if (!storage) throw new Error(`${name}: there is no buffer '${buffer}'`);
    return storage;
  };
  for (let call = 0; call < repeats; call++) {
    for (const { launch, bindings } of steps) {
      const bound = Object.entries(bindings).map(([wgsl, buffer]) => [wgsl, find(buffer)] as const);
      recording.dispatch(launch, Object.fromEntries(bound));
    }
  }
  return Program.build(gpu, recording);
}
