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

/** Settings of NT-Xent. */
export interface NtXentAttributes {
  /** τ, which the cosine similarities are divided by; above 0. */
  readonly temperature: number;
}

/**
 * NT-Xent (Chen et al. 2020, arXiv 2002.05709) over 2N views, streamed. Outputs the mean loss, and metrics [contrastive
 * top-1, mean cosine similarity of positives].
 */
export const ntXentOp: Op<NtXentAttributes, ContrastiveSaved> = {
  name: 'nt_xent',
  infer([views], attributes) {
    requireAttributes('nt_xent', attributes, { temperature: positive });
    const fits = views!.shape.length === 2 && views!.shape[0]! % 2 === 0;
    requireShapes('nt_xent', [views!], fits, 'views [2N, D], row i and row i + N of one image');
    return [
      { shape: [1], dtype: 'f32' },
      { shape: [2], dtype: 'f32' },
    ];
  },
  forward(run, [views], [loss, metrics], { temperature }) {
    return contrastiveForward(run, { views: views!, labels: undefined, temperature }, loss!, metrics!);
  },
  backward(run, { inputs: [views], attributes: { temperature }, saved }, [dLoss], [dViews]) {
    if (!dViews || !dLoss) return;
    contrastiveBackward(run, { views: views!, labels: undefined, temperature }, saved, dLoss, dViews);
  },
  tolerance: contrastiveTolerance,
};

/**
 * NT-Xent over views [2N, D]: rows 0 … N−1 are the first views of N images, rows N … 2N−1 their second views, not
 * normalised. Metrics [2]: share of anchors whose positive is nearest of all (of k rows that are equally near each counts
 * 1/k), mean cosine similarity of positives.
 * Chance is log(2N−1), which is also the value of a collapse to one point.
 * @throws ShapeError where the rows are no pairs; RangeError where the temperature is not above 0
 */
export function ntXent(views: Tensor, options: NtXentAttributes): LossWithMetrics {
  const [loss, metrics] = currentTape().apply(ntXentOp, [views], options);
  return { loss: loss!, metrics: metrics! };
}
