import type { Compiled, Engine } from '../autograd/engine.ts';
import type { Parameters } from '../autograd/parameters.ts';
import { backward, currentTape } from '../autograd/tape.ts';
import type { Tensor } from '../autograd/tensor.ts';
import type { ImageBank } from '../encoder/image_bank.ts';
import type { CompileProgress } from '../gpu/program.ts';
import { accumulate } from '../kernels/elementwise.ts';
import type { LossScale } from '../optim/loss_scale.ts';
import type { Optimizer } from '../optim/optimizer.ts';
import { sumGradients } from '../optim/rank_gradients.ts';
import type { Objective } from './method.ts';

/** Loss f32 [1] and metrics f32 [as many as the method has], to which each step adds; undefined where it has none. */
export interface EpochSums {
  /** f32 [1]: the sum of the losses. */
  readonly loss: Tensor;
  /** f32, one a metric of the method: the sums of the metrics; undefined where it has none. */
  readonly metrics: Tensor | undefined;
}

/** What every training step is recorded with. */
export interface StepParts {
  /** The tensors that the step trains. */
  readonly parameters: Parameters;
  /** What moves the weights. */
  readonly optimizer: Optimizer;
  /** Where activations are f16. */
  readonly lossScale?: LossScale | undefined;
  /** The images that the step takes. */
  readonly bank: Pick<ImageBank, 'indices' | 'select'>;
  /** What each step adds its loss and metrics to. */
  readonly sums: EpochSums;
  /** Records what a step does behind the optimizer's update. */
  readonly afterUpdate?: (() => void) | undefined;
}

/** A compiled training step. */
export interface TrainingStep {
  /** The program that gives the loss: the whole step, where it is not done in chunks. */
  readonly program: Compiled<{ loss: Tensor }>;
  /**
   * Submits the step on the images of a batch, or of this rank's share of it; returns before the GPU has finished.
   * @returns among ranks: a promise that all is submitted
   */
  run(images: ArrayLike<number>): Promise<void> | undefined;
  /** Gives the memory of its programs back. */
  destroy(): void;
}

/**
 * Compiles a step that takes the whole batch at once.
 * @param objective records the loss of the bank's images
 */
export async function wholeStep(
  engine: Engine,
  parts: StepParts,
  objective: () => Objective,
  onProgress?: CompileProgress,
): Promise<TrainingStep> {
  const { bank, parameters, optimizer, lossScale, afterUpdate } = parts;
  const program = await engine.compile(
    () => {
      lossScale?.begin(parameters);
      const outputs = recordLoss(parts, objective());
      sumGradients(parameters);
      optimizer.update({ lossScale });
      afterUpdate?.();
      return outputs;
    },
    onProgress ? { onProgress } : {},
  );
  return {
    program,
    run(images) {
      bank.select(images);
      return program.run();
    },
    destroy: () => program.destroy(),
  };
}

/** Records the gradients of a loss back to the parameters, and its share of the sums. */
export function recordLoss(
  { lossScale, sums }: Pick<StepParts, 'lossScale' | 'sums'>,
  { loss, metrics }: Objective,
): { loss: Tensor } {
  backward(loss, lossScale ? { gradient: lossScale.gradient } : {});
  const tape = currentTape();
  tape.dispatch(accumulate(1), { x: loss, y: sums.loss });
  if (sums.metrics) tape.dispatch(accumulate(sums.metrics.size), { x: metrics!, y: sums.metrics });
  return { loss };
}
