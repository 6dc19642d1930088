import type { Engine } from '../autograd/engine.ts';
import { currentTape } from '../autograd/tape.ts';
import { copyThrough, multiplyAdd } from '../kernels/peak.ts';

export interface AdapterSpeed {
  /** Floating-point operations a second in fused multiply-adds, each counted as two. */
  readonly flops: number;
  /** Bytes a second, read and written, of a large copy. */
  readonly bandwidth: number;
}

const copiedBytes = 32 << 20;
const tries = 3;

/** Measures the adapter's multiply-add peak and its memory bandwidth, as the best of a few tries: under a second. */
export async function measureSpeed(engine: Engine): Promise<AdapterSpeed> {
  const software = engine.gpu.capabilities.driver !== 'gpu';
  const invocations = software ? 4096 : 1 << 20;
  const arithmetic = multiplyAdd(invocations, software ? 1024 : 4096);
  const y = engine.input([invocations]);
  const flops =
    arithmetic.flops / (await bestSeconds(engine, () => currentTape().dispatch(arithmetic.launch, { y })));

  const [source, target] = [engine.input([copiedBytes / 4]), engine.input([copiedBytes / 4])];
  const copy = copyThrough(copiedBytes / 16);
  const tensors = { source_vectors: source, target_vectors: target };
  const seconds = await bestSeconds(engine, () => currentTape().dispatch(copy.launch, tensors));
  for (const tensor of [y, source, target]) engine.free(tensor);
  return { flops, bandwidth: copy.bytes / seconds };
}

async function bestSeconds(engine: Engine, record: () => void): Promise<number> {
  const program = await engine.compile(() => {
    record();
    return {};
  });
  let best = Number.POSITIVE_INFINITY;
  // The first run compiles on some drivers and is not counted.
  for (let i = 0; i <= tries; i++) {
    const start = performance.now();
    program.run();
    await engine.gpu.idle();
    if (i > 0) best = Math.min(best, (performance.now() - start) / 1000);
  }
  program.destroy();
  return best;
}
