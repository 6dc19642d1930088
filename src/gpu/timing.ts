import type { Candidate } from './choices.ts';
import type { Gpu } from './device.ts';
import { Program } from './program.ts';
import { Recording } from './recording.ts';
import type { Storage } from './storage.ts';

/** Milliseconds of one run of a program. */
export type Stopwatch = (program: Program) => Promise<number>;

/** Times by the adapter's own clock where it has one, else until the host hears that the work is done. */
export function stopwatch(gpu: Gpu): Stopwatch {
  return gpu.capabilities.features.has('timestamp-query')
    ? (program) => byTimestamps(gpu, program)
    : (program) => byHost(gpu, program);
}

async function byTimestamps(gpu: Gpu, program: Program): Promise<number> {
  const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const querySet = gpu.device.createQuerySet({ type: 'timestamp', count: 2 });
  const resolved = gpu.createBuffer('timestamps', 16, QUERY_RESOLVE | COPY_SRC);
  const staging = gpu.createBuffer('timestamp readback', 16, COPY_DST | MAP_READ);
  try {
    const encoder = gpu.device.createCommandEncoder();
    const timestampWrites = { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 };
    program.encode(encoder, { timestampWrites });
    encoder.resolveQuerySet(querySet, 0, 2, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, 16);
    gpu.device.queue.submit([encoder.finish()]);
    await gpu.wait(staging.mapAsync(GPUMapMode.READ));
    gpu.check();
    const [start, end] = new BigUint64Array(staging.getMappedRange());
    return Number(end! - start!) / 1e6;
  } finally {
    for (const buffer of [resolved, staging]) gpu.destroyBuffer(buffer);
    querySet.destroy();
  }
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
