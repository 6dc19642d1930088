import { currentTape, type Op } from '../../autograd/tape.ts';
import { requireShapes, stopGradient, type Tensor } from '../../autograd/tensor.ts';
import {
  comparePredictions,
  cosineMeans,
  type NegativeCosineShape,
  predictionGradients,
} from '../../kernels/pretext/negative_cosine.ts';
import { finite, positive, requireAttributes } from '../attributes.ts';
import type { LossWithMetrics } from '../softmax_cross_entropy.ts';

/** How a loss follows from a mean cosine: offset − factor · cosine. */
export interface NegativeCosineAttributes {
  /** What the mean cosine is multiplied by; above 0. */
  readonly factor: number;
  /** What it is subtracted from. */
  readonly offset: number;
}

/** offset − factor · mean cosine of predictions and the other views' targets, to which no gradient goes. */
export const negativeCosineOp: Op<NegativeCosineAttributes, Tensor> = {
  name: 'negative_cosine',
  infer(inputs, attributes) {
    requireAttributes('negative_cosine', attributes, { factor: positive, offset: finite });
    const [predictions, targets] = inputs;
    const { shape } = predictions!;
    const fits = shape.length === 2 && shape[0]! % 2 === 0 && targets!.shape.join() === shape.join();
    requireShapes(
      'negative_cosine',
      inputs,
      fits,
      'predictions [2N, D] and as many targets, row i and row i + N of one image',
    );
    return [
      { shape: [1], dtype: 'f32' },
      { shape: [1], dtype: 'f32' },
    ];
  },
  forward(run, [predictions, targets], [loss, metrics], attributes) {
    const shape = describe(predictions!, attributes);
    const statistics = run.temporary('cosines by row', [3, shape.rows]);
    const tensors = { predictions: predictions!, targets: targets!, new_statistics: statistics };
    run.dispatch(comparePredictions(shape), tensors);
    run.dispatch(cosineMeans(shape), { statistics, loss: loss!, metrics: metrics! });
    return statistics;
  },
  backward(run, { inputs: [predictions, targets], attributes, saved }, [dLoss], [dPredictions]) {
    if (!dPredictions || !dLoss) return;
    run.dispatch(predictionGradients(describe(predictions!, attributes)), {
      ...{ predictions: predictions!, targets: targets!, saved },
      ...{ loss_gradient: dLoss, gradient: dPredictions },
    });
  },
  // Three sums of D products and two inverse square roots of 2 ulp; in the gradient a difference of two of them.
  tolerance: 1e-5,
};

function describe(predictions: Tensor, attributes: NegativeCosineAttributes): NegativeCosineShape {
  const [rows, columns] = predictions.shape as [number, number];
  return { rows, columns, ...attributes };
}

/**
 * How far predictions [2N, D] of first and second views lie from the targets of the other view of their image: offset −
 * factor · mean cosine, not normalised rows. Targets are constants. Metrics [1]: the mean cosine.
 * @throws ShapeError where the shapes do not fit; RangeError where the factor is not above 0
 */
export function negativeCosine(
  predictions: Tensor,
  targets: Tensor,
  { factor = 1, offset = 0 }: Partial<NegativeCosineAttributes> = {},
): LossWithMetrics {
  const [loss, metrics] = currentTape().apply(negativeCosineOp, [predictions, stopGradient(targets)], {
    factor,
    offset,
  });
  return { loss: loss!, metrics: metrics! };
}
