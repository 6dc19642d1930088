import type { Engine } from '../autograd/engine.ts';
import { Parameters } from '../autograd/parameters.ts';
import { backward } from '../autograd/tape.ts';
import { bytesOf, type DType, type Shape, Tensor } from '../autograd/tensor.ts';
import { UserError } from '../errors.ts';
import { Storage } from '../gpu/storage.ts';
import { type BatchData, Batches } from './batches.ts';
import { projectAndBack, projectOnly } from './chunked_step.ts';
import { type ContrastiveOptions, contrastiveModel, methodOf } from './contrastive_model.ts';

/**
 * Bytes of intermediates up to which a batch of usual size stays whole. An adapter does not say how much of its memory
 * is free: the published width with a batch of 256 images of 32×32 fits (2.5 GiB), whose batch norm sees them all.
 */
const wholeBudget = 3 * 2 ** 30;
/** Images of the largest batch of usual size. */
const usualBatch = 512;
/** Bytes of a chunk's, or of a larger batch's: with parameters, optimizer and images beside them these fit in 2 GB. */
const chunkBudget = 2 ** 30;

/**
 * Settles how many images' activations a step keeps at once: as asked for; else the whole batch where its intermediates
 * fit 3 GiB (1 GiB those of more than 512 images) and each of them the adapter's buffers; else the largest of its
 * divisors whose intermediates fit 1 GiB. Where none does, the whole batch is left to the adapter.
 * @throws UserError where the chunk asked for does not divide the batch, or needs larger buffers than the adapter allows;
 *   otherwise as `Batches` does
 */
export function chooseChunk(
  engine: Engine,
  data: BatchData & { readonly size: number },
  options: ContrastiveOptions,
): number {
  const { size: batch } = new Batches(data, { ...options, ...methodOf(options) });
  const wanted = options.chunk;
  const divisors = Array.from({ length: batch }, (_, i) => batch - i).filter((n) => batch % n === 0);
  const buffersOf = (chunk: number) => plannedBuffers(engine, data.size, { ...options, batch }, chunk);
  if (wanted !== undefined) {
    const chunk = Math.min(wanted, batch);
    if (batch % chunk === 0) {
      requireRoom(engine, wanted, Math.max(...buffersOf(chunk)));
      return chunk;
    }
    const above = divisors.findLast((n) => n > wanted);
    const below = divisors.find((n) => n < wanted);
    throw new UserError(
      `--chunk ${wanted} does not divide the batch of ${batch} images: take ${below} or ${above}, or another --batch`,
    );
  }
  const fits = (chunk: number, budget: number) => {
    const buffers = buffersOf(chunk);
    const total = buffers.reduce((sum, bytes) => sum + bytes, 0);
    return total <= budget && Math.max(...buffers) <= engine.gpu.largestBuffer;
  };
  // One image's two views are no statistics.
  const budgetOf = (n: number) => (n === batch && batch <= usualBatch ? wholeBudget : chunkBudget);
  return divisors.find((n) => n > 1 && fits(n, budgetOf(n))) ?? batch;
}

/** @throws UserError where the adapter allows no buffer as large as the largest that the chunk asked for needs */
function requireRoom({ gpu }: Engine, wanted: number, largest: number): void {
  if (largest <= gpu.largestBuffer) return;
  throw new UserError(
    `--chunk ${wanted} needs ${largest} bytes in one buffer and this adapter allows ${gpu.largestBuffer}: take a smaller --chunk, --image-size or --width`,
  );
}

/** Bytes of the buffers that a step's programs would have for their intermediates; those of a chunked step's loss are few. */
export function plannedBuffers(
  engine: Engine,
  sourceSize: number,
  options: ContrastiveOptions,
  chunk: number,
): readonly number[] {
  const model = contrastiveModel(new Parameters(engine.gpu), options, sourceSize);
  const images = placeless([Math.ceil((3 * sourceSize ** 2) / 4)], 'u32');
  const indices = placeless([chunk], 'u32');
  const counter = placeless([2], 'u32');
  const project = () => model.project({ images, indices, numbers: indices }, counter);
  if (chunk === options.batch) {
    const labels = placeless([2 * chunk], 'u32');
    return engine.planned(() => {
      const { loss } = model.loss(project(), labels);
      backward(loss);
      return { loss };
    });
  }
  const columns = options.projection.at(-1) ?? model.encoder.featureSize;
  const gradient = placeless([2 * chunk, columns], 'f32');
  return [
    ...engine.planned(() => projectOnly(project)),
    ...engine.planned(() => projectAndBack(project, gradient)),
  ];
}

/** A tensor to record with, not to run. */
function placeless(shape: Shape, dtype: DType): Tensor {
  return new Tensor({ shape, dtype }, new Storage('placeless', bytesOf(shape)));
}
