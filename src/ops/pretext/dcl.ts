import { currentTape, type Op } from '../../autograd/tape.ts';
import { requireShapes, type Tensor } from '../../autograd/tensor.ts';
import { positive, requireAttributes } from '../attributes.ts';
import {
  type ContrastiveSaved,
  contrastiveBackward,
  contrastiveForward,
  contrastiveTolerance,
} from '../contrastive.ts';
import type { LossWithMetrics } from '../softmax_cross_entropy.ts';

/** Settings of decoupled NT-Xent. */
export interface DclAttributes {
  /** τ, which the cosine similarities are divided by; above 0. */
  readonly temperature: number;
}

/**
 * Decoupled NT-Xent (Yeh et al. 2022, arXiv 2110.06848) over 2N views, streamed. Outputs the mean loss, and metrics
 * [contrastive top-1, mean cosine similarity of positives].
 */
export const dclOp: Op<DclAttributes, ContrastiveSaved> = {
  name: 'dcl',
  infer([views], attributes) {
    requireAttributes('dcl', attributes, { temperature: positive });
    const fits = views!.shape.length === 2 && views!.shape[0]! % 2 === 0 && views!.shape[0]! >= 4;
    requireShapes(
      'dcl',
      [views!],
      fits,
      'views [2N, D] of two images or more, row i and row i + N of one image',
    );
    return [
      { shape: [1], dtype: 'f32' },
      { shape: [2], dtype: 'f32' },
    ];
  },
  forward(run, [views], [loss, metrics], { temperature }) {
    const rows = { views: views!, labels: undefined, temperature, decoupled: true };
    return contrastiveForward(run, rows, loss!, metrics!);
  },
  backward(run, { inputs: [views], attributes: { temperature }, saved }, [dLoss], [dViews]) {
    if (!dViews || !dLoss) return;
    const rows = { views: views!, labels: undefined, temperature, decoupled: true };
    contrastiveBackward(run, rows, saved, dLoss, dViews);
  },
  tolerance: contrastiveTolerance,
};

/**
 * NT-Xent without the positive in its denominators, over views [2N, D] of two images or more: the mean over anchors of
 * log Σ e^{s(i,j)/τ} over the 2N − 2 views of other images, less s(i,p)/τ. Below 0 where positives are near. Metrics [2]
 * as NT-Xent's. Chance is log(2N − 2), which is also the value of a collapse to one point.
 * @throws ShapeError where the rows are no pairs, or of a single image; RangeError where the temperature is not above 0
 */
export function dcl(views: Tensor, options: DclAttributes): LossWithMetrics {
  const [loss, metrics] = currentTape().apply(dclOp, [views], options);
  return { loss: loss!, metrics: metrics! };
}
