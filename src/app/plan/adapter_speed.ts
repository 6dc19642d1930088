import type { Compiled, Engine } from '../../autograd/engine.ts';
import { currentTape } from '../../autograd/tape.ts';
import { copyThrough, multiplyAdd } from '../../kernels/peak.ts';

/** What an adapter reaches, from which sizes follow that the user leaves open. */
export interface AdapterSpeed {
  /** Floating-point operations a second in fused multiply-adds, each counted as two. */
  readonly flops: number;
  /** Bytes a second, read and written, of a large copy. */
  readonly bandwidth: number;
}

/** A program whose amount of work is known: what the adapter can do at best. */
export interface Yardstick {
  /** What is run and timed. */
  readonly program: Compiled<Record<never, never>>;
  /** Floating-point operations or, of the copy, bytes of one run. */
  readonly amount: number;
}

/** The adapter's limits as programs, to run as often as wanted and between other work. */
export interface Yardsticks {
  /** Multiply-adds of f32 numbers. */
  readonly f32: Yardstick;
  /** Absent where the adapter lacks `shader-f16`. */
  readonly f16?: Yardstick;
  /** A copy of a large buffer. */
  readonly copy: Yardstick;
  /** Gives their memory back. */
  destroy(): void;
}

const copiedBytes = 32 << 20;
const tries = 3;

/** Makes the programs: multiply-adds in each precision that the adapter has, and a copy too large for any cache. */
export async function yardsticks(engine: Engine): Promise<Yardsticks> {
  const { capabilities } = engine.gpu;
  const [invocations, count] = capabilities.driver === 'gpu' ? [1 << 20, 1 << 17] : [4096, 1 << 16];
  const y = engine.input([invocations]);
  const [source, target] = [engine.input([copiedBytes / 4]), engine.input([copiedBytes / 4])];
  const arithmetic = async (precision: 'f32' | 'f16'): Promise<Yardstick> => {
    const { launch, flops } = multiplyAdd(capabilities, invocations, count, precision);
    return { program: await compile(engine, () => currentTape().dispatch(launch, { y })), amount: flops };
  };
  const { launch, bytes } = copyThrough(copiedBytes / 16);
  const tensors = { source_vectors: source, target_vectors: target };
  const f32 = await arithmetic('f32');
  const f16 = capabilities.features.has('shader-f16') ? await arithmetic('f16') : undefined;
  const copy = {
    program: await compile(engine, () => currentTape().dispatch(launch, tensors)),
    amount: bytes,
  };
  const destroy = () => {
    for (const yardstick of [f32, f16, copy]) yardstick?.program.destroy();
    for (const tensor of [y, source, target]) engine.free(tensor);
  };
  return { f32, ...(f16 && { f16 }), copy, destroy };
}

/** Measures the adapter's multiply-add peak and its memory bandwidth, as the best of a few tries: under a second. */
export async function measureSpeed(engine: Engine): Promise<AdapterSpeed> {
  const { f32, copy, destroy } = await yardsticks(engine);
  try {
    return { flops: await bestRate(engine, f32), bandwidth: await bestRate(engine, copy) };
  } finally {
    destroy();
  }
}

const compile = (engine: Engine, record: () => void): Promise<Compiled<Record<never, never>>> =>
  engine.compile(() => {
    record();
    return {};
  });

async function bestRate(engine: Engine, { program, amount }: Yardstick): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  // The first run compiles on some drivers and is not counted.
  for (let i = 0; i <= tries; i++) {
    const start = performance.now();
    program.run();
    await engine.gpu.idle();
    if (i > 0) best = Math.min(best, (performance.now() - start) / 1000);
  }
  return amount / best;
}
