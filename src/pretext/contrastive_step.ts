import type { Compiled, Engine } from '../autograd/engine.ts';
import { backward, currentTape } from '../autograd/tape.ts';
import type { Tensor } from '../autograd/tensor.ts';
import type { ImageBank } from '../encoder/image_bank.ts';
import type { CompileProgress } from '../gpu/program.ts';
import { accumulate } from '../kernels/elementwise.ts';
import type { LossWithMetrics } from '../ops/softmax_cross_entropy.ts';
import type { LossScale } from '../optim/loss_scale.ts';
import type { Optimizer } from '../optim/optimizer.ts';

/** What a training step is recorded from. */
export interface ContrastiveParts {
  readonly optimizer: Optimizer;
  /** Where activations are f16. */
  readonly lossScale?: LossScale | undefined;
  /** The images that `project` takes. */
  readonly bank: Pick<ImageBank, 'indices' | 'select'>;
  /** Records two views of each image of the bank and their projections [2·images, D], first views before second ones. */
  readonly project: () => Tensor;
  /** Records the loss of all projections of a batch. */
  readonly loss: (projections: Tensor) => LossWithMetrics;
  /** Loss [1] and metrics [2], to which each step adds. */
  readonly sums: { readonly loss: Tensor; readonly metrics: Tensor };
}

/** A compiled training step. */
export interface ContrastiveStep {
  /** The program that gives the loss: the whole step, where it is not done in chunks. */
  readonly program: Compiled<{ loss: Tensor }>;
  /** Submits the step on the images of a batch; returns before the GPU has finished. */
  run(images: ArrayLike<number>): void;
  /** Gives the memory of its programs back. */
  destroy(): void;
}

/** Compiles a step that takes the whole batch at once. */
export async function wholeStep(
  engine: Engine,
  parts: ContrastiveParts,
  onProgress?: CompileProgress,
): Promise<ContrastiveStep> {
  const { bank, optimizer, lossScale, project } = parts;
  const program = await engine.compile(
    () => {
      const outputs = recordLoss(parts, project());
      optimizer.update({ lossScale });
      return outputs;
    },
    onProgress ? { onProgress } : {},
  );
  return {
    program,
    run(images) {
      bank.select(images);
      program.run();
    },
    destroy: () => program.destroy(),
  };
}

/** Records the loss of a batch's projections, its gradients back to them and beyond, and its share of the sums. */
export function recordLoss(
  { loss: lossOf, lossScale, sums }: Pick<ContrastiveParts, 'loss' | 'lossScale' | 'sums'>,
  projections: Tensor,
): { loss: Tensor } {
  const { loss, metrics } = lossOf(projections);
  backward(loss, lossScale ? { gradient: lossScale.gradient } : {});
  const tape = currentTape();
  tape.dispatch(accumulate(1), { x: loss, y: sums.loss });
  tape.dispatch(accumulate(2), { x: metrics, y: sums.metrics });
  return { loss };
}
