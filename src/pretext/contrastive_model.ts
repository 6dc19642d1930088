import type { Parameters } from '../autograd/parameters.ts';
import type { Tensor } from '../autograd/tensor.ts';
import type { AugmentationPolicy } from '../data/policy.ts';
import type { ImageBank } from '../encoder/image_bank.ts';
import { createEncoder, type Encoder } from '../nn/encoder.ts';
import { architectureOf, type EncoderOptions } from '../nn/families.ts';
import { projectionHead } from '../nn/projection_head.ts';
import { drawChoices, renderViews } from '../ops/augment.ts';
import type { LossWithMetrics } from '../ops/softmax_cross_entropy.ts';
import type { OptimizerOptions } from '../optim/named_optimizer.ts';
import type { Precision } from './precision.ts';
import { type PretextMethod, pretextLoss } from './pretext_method.ts';

/** Settings of a contrastive pretext task. */
export interface ContrastiveOptions {
  /** Default `simclr`. */
  readonly method?: PretextMethod;
  /** Weight of the SupCon term beside NT-Xent in `mixed`. Default 1. */
  readonly labelledWeight?: number;
  readonly encoder: EncoderOptions;
  /** Widths of the projection head behind the features, say [512, 128]; batch norm between. */
  readonly projection: readonly number[];
  /** Images of a step; the loss sees two views of each. */
  readonly batch: number;
  /**
   * Images whose activations are kept at once, a divisor of the batch. Fewer than the batch take less memory and a third
   * to a half more time (see `chunkedStep`), and batch norm then has the statistics of a chunk. Default: the whole batch.
   */
  readonly chunk?: number;
  /** Side of the views, in pixels. */
  readonly imageSize: number;
  readonly temperature: number;
  readonly policy: AugmentationPolicy;
  readonly optimizer: OptimizerOptions;
  /** What images, activations and their gradients are stored as. Default f32. */
  readonly precision?: Precision;
  readonly seed: number;
}

/** What a method's optional settings are where they are not given. */
export function methodOf({
  method = 'simclr',
  labelledWeight = 1,
}: Pick<ContrastiveOptions, 'method' | 'labelledWeight'>) {
  return { method, labelledWeight };
}

/** The network and the loss of a contrastive pretext task. */
export interface ContrastiveModel {
  readonly encoder: Encoder;
  /**
   * Records two views of each chosen image and their projections.
   * @param batch images as `augment` takes them, u32 [B] which of them, and u32 [B] their numbers to draw choices by
   * @param counter u32 [2]: seed and step
   * @returns [2·B, D], first views before second ones
   */
  project(batch: Pick<ImageBank, 'images' | 'indices' | 'numbers'>, counter: Tensor): Tensor;
  /** Records the loss of a batch's projections [2·B, D]; the labels, u32 [2·B], may say nothing to the method. */
  loss(projections: Tensor, labels: Tensor): LossWithMetrics;
}

/** Declares the model. @param sourceSize side of the images that views are made from, in pixels */
export function contrastiveModel(
  parameters: Parameters,
  options: ContrastiveOptions,
  sourceSize: number,
): ContrastiveModel {
  const { imageSize, temperature, policy, precision = 'f32', seed } = options;
  const context = { parameters, seed };
  const encoder = createEncoder(context, architectureOf(options.encoder));
  const sizes = [encoder.featureSize, ...options.projection];
  const head = projectionHead(context, 'projector', { sizes, batchNorm: true });
  const shape = { policy, sourceSize, imageSize, views: 2, dtype: precision } as const;
  return {
    encoder,
    project: ({ images, indices, numbers }, counter) => {
      const draws = drawChoices(numbers, counter, shape);
      return head(encoder.forward(renderViews(images, indices, draws, shape)));
    },
    loss: (projections, labels) => pretextLoss(projections, labels, { ...methodOf(options), temperature }),
  };
}
