import { currentTape, type Op } from '../autograd/tape.ts';
import { requireShapes, type Tensor } from '../autograd/tensor.ts';
import { positive, requireAttributes } from './attributes.ts';
import {
  type ContrastiveSaved,
  contrastiveBackward,
  contrastiveForward,
  contrastiveTolerance,
} from './contrastive.ts';
import type { LossWithMetrics } from './softmax_cross_entropy.ts';

/** Settings of SupCon. */
export interface SupConAttributes {
  /** τ, which the cosine similarities are divided by; above 0. */
  readonly temperature: number;
}

/**
 * SupCon (Khosla et al. 2020, arXiv 2004.11362, L_out) over labelled rows, streamed. Outputs the mean loss, and metrics
 * [share of anchors whose nearest row is a positive, mean cosine similarity of positives].
 */
export const supConOp: Op<SupConAttributes, ContrastiveSaved> = {
  name: 'sup_con',
  integers: [1],
  infer(inputs, attributes) {
    requireAttributes('sup_con', attributes, { temperature: positive });
    const [views, labels] = inputs;
    const fits =
      views!.shape.length === 2 && labels!.shape.length === 1 && labels!.shape[0] === views!.shape[0];
    requireShapes('sup_con', inputs, fits, 'views [R, D] and u32 labels [R]');
    return [
      { shape: [1], dtype: 'f32' },
      { shape: [2], dtype: 'f32' },
    ];
  },
  forward(run, [views, labels], [loss, metrics], { temperature }) {
    return contrastiveForward(run, { views: views!, labels: labels!, temperature }, loss!, metrics!);
  },
  backward(run, { inputs: [views, labels], attributes: { temperature }, saved }, [dLoss], [dViews]) {
    if (!dViews || !dLoss) return;
    contrastiveBackward(run, { views: views!, labels: labels!, temperature }, saved, dLoss, dViews);
  },
  tolerance: contrastiveTolerance,
};

/**
 * SupCon over views [R, D], not normalised, with their labels [R] (u32). Positives of a row are all others of its
 * label. Rows of the label 0xffffffff are unlabelled: neither anchors nor positives, but in the others' denominators,
 * as are labelled rows without a positive; with no positive at all loss, metrics and gradient are 0. Metrics [2], each
 * a mean over the anchors: whether the nearest of all other rows is a positive (of several equally near ones, the share
 * that are positives), the mean cosine similarity of its
 * positives. A collapse to one point gives log(R−1), which is also chance.
 * @throws ShapeError where the shapes do not fit; RangeError where the temperature is not above 0
 */
export function supCon(views: Tensor, labels: Tensor, options: SupConAttributes): LossWithMetrics {
  const [loss, metrics] = currentTape().apply(supConOp, [views, labels], options);
  return { loss: loss!, metrics: metrics! };
}
