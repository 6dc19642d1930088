import type { Compiled, Engine } from '../autograd/engine.ts';
import { backward, currentTape, noGrad, type Tape, withoutMovingStatistics } from '../autograd/tape.ts';
import { elements, type Tensor } from '../autograd/tensor.ts';
import type { CompileProgress } from '../gpu/program.ts';
import { sumGradients } from '../optim/rank_gradients.ts';
import type { FactoredModel, Objective } from './method.ts';
import { recordLoss, type StepParts, type TrainingStep } from './training_step.ts';

/** Records a chunk's projections alone: no activation outlives the layer behind it. */
export function projectOnly(project: () => Tensor): { projections: Tensor } {
  return { projections: noGrad(() => withoutMovingStatistics(project)) };
}

/**
 * Records a chunk's projections anew, and the way back from their gradient, which adds to the parameters' gradients.
 */
export function projectAndBack(project: () => Tensor, gradient: Tensor): Record<never, Tensor> {
  backward(project(), { gradient, accumulate: true });
  return {};
}

/** What a chunked step records. */
export interface ChunkedModel extends Pick<FactoredModel, 'views'> {
  /** Records the projections of a chunk: [views·chunk, D]. */
  readonly project: () => Tensor;
  /** Records the loss of a batch's projections, [views·batch, D]. */
  readonly loss: (projections: Tensor) => Objective;
}

/**
 * Compiles a step that keeps the activations of one chunk at a time (GradCache: Gao, Zhang, Han & Callan 2021, arXiv
 * 2101.06983): the projections of all chunks, the loss of the whole batch and its gradient at the projections, then
 * each chunk forward once more and back. The loss sees all rows, and its gradient is that of the whole batch at once;
 * only batch norm, in training mode, has the statistics of the chunk that it sees, as it has those of a device's share
 * when SimCLR is trained on several devices. Running statistics move once a chunk. Both passes draw the same views,
 * which follow from seed, step and image.
 * @param parts with the bank of one chunk, and the parameters, whose gradients begin each step at 0
 * @param model `project` records a chunk, `loss` the loss of a whole batch's projections; `views` are the rows of an
 *   image
 * @param batch images of a step; of a rank its share of them, and `loss` records that of all ranks' projections
 * @throws RangeError where the batch is no multiple of the chunk
 */
export async function chunkedStep(
  engine: Engine,
  parts: StepParts,
  model: ChunkedModel,
  batch: number,
  onProgress?: CompileProgress,
): Promise<TrainingStep> {
  const { bank, parameters, optimizer, lossScale, afterUpdate } = parts;
  const { views, project, loss } = model;
  const chunk = bank.indices.size;
  if (batch % chunk !== 0) throw new RangeError(`chunks of ${chunk} images do not make a batch of ${batch}`);
  const compile = <Outputs extends Record<string, Tensor>>(body: () => Outputs): Promise<Compiled<Outputs>> =>
    engine.compile(body, onProgress ? { onProgress } : {});
  const forward = await compile(() => projectOnly(project));
  const { projections } = forward.outputs;
  const columns = projections.shape[1]!;
  // Leaves, as parameters are, for the loss to give their gradients.
  const leaves = engine.parameters();
  const zeros = (shape: readonly number[]) => new Float32Array(elements(shape));
  const all = leaves.trainable('projections', [views * batch, columns], zeros, { decay: false });
  const program = await compile(() => {
    parameters.clearGradients();
    // The passes so far have left the running statistics alone.
    lossScale?.begin(parameters);
    return recordLoss(parts, loss(all));
  });
  const gradient = engine.input(projections.shape);
  let walked: Tape | undefined;
  const back = await compile(() => {
    walked = currentTape();
    return projectAndBack(project, gradient);
  });
  const update = await compile(() => {
    sumGradients(parameters);
    optimizer.update({ walked, lossScale });
    afterUpdate?.();
    return {};
  });

  const bytes = 4 * chunk * columns;
  /** Where the rows of each view of a chunk's images lie: among its own, and among the batch's. */
  const places = (start: number) =>
    Array.from({ length: views }, (_, view) => ({
      own: view * bytes,
      whole: 4 * columns * (view * batch + start),
    }));
  return {
    program,
    run(images) {
      if (images.length !== batch)
        throw new RangeError(`a batch takes ${batch} images, not ${images.length}`);
      const chosen = Array.from(images);
      const starts = Array.from({ length: batch / chunk }, (_, i) => i * chunk);
      const projectChunk = (start: number) => () => {
        bank.select(chosen.slice(start, start + chunk));
        return oneByOne([
          () => forward.run(),
          () =>
            engine.gpu.copy(
              places(start).map(({ own, whole }) => ({
                ...{ from: projections.storage, fromByte: own },
                ...{ to: all.storage, toByte: whole, bytes },
              })),
            ),
        ]);
      };
      const walkBack = (start: number) => () => {
        bank.select(chosen.slice(start, start + chunk));
        engine.gpu.copy(
          places(start).map(({ own, whole }) => ({
            ...{ from: all.gradient!, fromByte: whole },
            ...{ to: gradient.storage, toByte: own, bytes },
          })),
        );
        return back.run();
      };
      return oneByOne([
        ...starts.map(projectChunk),
        () => program.run(),
        ...starts.map(walkBack),
        () => update.run(),
      ]);
    },
    destroy() {
      for (const each of [forward, program, back, update]) each.destroy();
      leaves.destroy();
      engine.free(gradient);
    },
  };
}

/** Does one thing behind the other; at once, as far as nothing is to be waited for. */
function oneByOne(actions: readonly (() => Promise<void> | undefined | void)[]): Promise<void> | undefined {
  for (const [i, action] of actions.entries()) {
    const pending = action();
    if (pending) return pending.then(() => oneByOne(actions.slice(i + 1)));
  }
  return undefined;
}
