import type { Engine } from '../autograd/engine.ts';
import { Parameters } from '../autograd/parameters.ts';
import { backward } from '../autograd/tape.ts';
import { placeless, type Shape } from '../autograd/tensor.ts';
import { named, sentence, UserError } from '../errors.ts';
import type { ProgramNeeds } from '../gpu/device.ts';
import type { BatchData } from './batches.ts';
import { projectAndBack, projectOnly } from './chunked_step.ts';
import { isFactored, type PretextModel } from './method.ts';
import { methodBatches } from './method_batches.ts';
import { declareModel, recordObjective } from './model.ts';
import { chosenMethod, type PretextOptions } from './options.ts';
import { shareOf } from './ranks/share.ts';
import type { MethodRegistry } from './registry.ts';

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
 * fit 3 GiB (1 GiB those of more than 512 images) and the adapter's buffers, the length of its grids of workgroups and, of a
 * software adapter, what is free of the machine's memory; else the largest of its divisors whose intermediates fit 1 GiB and
 * all of that. Where none does, or the method's step cannot be done in chunks, the whole
 * batch is left to the adapter.
 * @param methods those that the options may name
 * @throws UserError where the chunk asked for does not divide the batch, is less than the batch of a method without
 *   chunks, or needs more than the adapter allows, or where the method learns from labels and there are none
 *   of two classes; RangeError for fewer images than a batch
 */
export function chooseChunk(
  engine: Engine,
  data: BatchData & { readonly size: number },
  options: PretextOptions,
  methods?: MethodRegistry,
): number {
  const chosen = chosenMethod(options, methods);
  const { method } = chosen;
  const batch = shareOf(methodBatches(method, data, options).size, engine.ranks);
  const { model } = declareModel(new Parameters(engine.gpu), chosen, options, {
    size: data.size,
    images: data.labels.length,
  });
  const wanted = options.chunk;
  if (!isFactored(model)) {
    if (wanted === undefined || wanted >= batch) return batch;
    throw new UserError(
      sentence`${named('pretext', method.name)} takes a batch at once: leave ${named('chunk')} out, or lower ${named('batch')}`,
      { setting: 'chunk' },
    );
  }
  const divisors = Array.from({ length: batch }, (_, i) => batch - i).filter((n) => batch % n === 0);
  const needsOf = (chunk: number) => modelNeeds(engine, data.size, model, { batch, chunk });
  if (wanted !== undefined) {
    const chunk = Math.min(wanted, batch);
    if (batch % chunk === 0) {
      requireRoom(engine, wanted, needsOf(chunk));
      return chunk;
    }
    const above = divisors.findLast((n) => n > wanted)!;
    const below = divisors.find((n) => n < wanted)!;
    throw new UserError(
      sentence`${named('chunk', wanted)} does not divide the batch of ${batch} images: take ${below} or ${above}, or another ${named('batch')}`,
    );
  }
  const fits = (chunk: number, budget: number) => {
    const needs = needsOf(chunk);
    return needs.buffers.reduce((sum, bytes) => sum + bytes, 0) <= budget && engine.gpu.allows(needs);
  };
  // One image's two views are no statistics.
  const budgetOf = (n: number) => (n === batch && batch <= usualBatch ? wholeBudget : chunkBudget);
  return divisors.find((n) => n > 1 && fits(n, budgetOf(n))) ?? batch;
}

/** @throws UserError where the adapter does not allow what the chunk asked for needs */
function requireRoom({ gpu }: Engine, wanted: number, { buffers, workgroups }: ProgramNeeds): void {
  const largest = Math.max(...buffers);
  const [bytes, groups] = [gpu.largestBuffer, gpu.largestGrid];
  const excess =
    largest > bytes
      ? `${largest} bytes in one buffer and this adapter allows ${bytes}`
      : workgroups > groups
        ? `${workgroups} workgroups along one axis and this adapter allows ${groups}`
        : undefined;
  if (excess !== undefined)
    throw new UserError(
      sentence`${named('chunk', wanted)} needs ${excess}: take a smaller ${named('chunk')}, ${named('imageSize')} or ${named('width')}`,
    );
  gpu.memory.require(buffers.reduce((sum, each) => sum + each, 0));
}

/**
 * Bytes of the buffers that a step's programs would have for their intermediates; those of a chunked step's loss are
 * few.
 * @param sourceSize side of the stored images, in pixels
 * @param chunk images of a chunk: the whole batch, or less where the method's step can be done in chunks
 * @param methods those that the options may name
 */
export function plannedBuffers(
  engine: Engine,
  sourceSize: number,
  options: PretextOptions,
  chunk: number,
  methods?: MethodRegistry,
): readonly number[] {
  const chosen = chosenMethod(options, methods);
  const { model } = declareModel(new Parameters(engine.gpu), chosen, options, {
    size: sourceSize,
    images: options.batch,
  });
  return modelNeeds(engine, sourceSize, model, { batch: options.batch, chunk }).buffers;
}

function modelNeeds(
  engine: Engine,
  sourceSize: number,
  model: PretextModel,
  { batch, chunk }: { readonly batch: number; readonly chunk: number },
): ProgramNeeds {
  const indices = placeless([chunk], 'u32');
  const images = placeless([Math.ceil((3 * sourceSize ** 2) / 4)], 'u32');
  const taken = { images, indices, numbers: indices, counter: placeless([2], 'u32') };
  if (!isFactored(model) || chunk === batch) {
    const labels = placeless([model.views * chunk * (engine.ranks?.link.size ?? 1)], 'u32');
    return engine.planned(() => {
      const { loss } = recordObjective(model, taken, labels);
      backward(loss);
      return { loss };
    });
  }
  const project = () => model.project(taken);
  let shape: Shape = [];
  const forward = engine.planned(() => {
    const outputs = projectOnly(project);
    shape = outputs.projections.shape;
    return outputs;
  });
  const back = engine.planned(() => projectAndBack(project, placeless(shape, 'f32')));
  return {
    buffers: [...forward.buffers, ...back.buffers],
    workgroups: Math.max(forward.workgroups, back.workgroups),
  };
}
