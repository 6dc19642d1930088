import { currentTape, type Op } from '../autograd/tape.ts';
import { requireShapes, type Tensor } from '../autograd/tensor.ts';
import {
  type CrossEntropyShape,
  crossEntropyGradient,
  crossEntropyMeans,
  crossEntropyRows,
} from '../kernels/softmax_cross_entropy.ts';
import { notNegative, positive, requireAttributes } from './attributes.ts';

/** Settings of a softmax cross-entropy. */
export interface CrossEntropyAttributes {
  /** τ, which the logits are divided by; above 0. */
  readonly temperature: number;
  /** Rows that the loss is averaged over; 0: the labelled ones. */
  readonly meanOver: number;
}

/**
 * Mean over labelled rows (or `meanOver`) of −log softmax(logits/τ)[label]; outputs the loss, and metrics [accuracy,
 * labelled rows].
 */
export const softmaxCrossEntropyOp: Op<CrossEntropyAttributes, Tensor> = {
  name: 'softmax_cross_entropy',
  integers: [1],
  infer(inputs, attributes) {
    requireAttributes('softmax_cross_entropy', attributes, { temperature: positive, meanOver: notNegative });
    const [logits, labels] = inputs;
    const fits =
      logits!.shape.length === 2 && labels!.shape.length === 1 && labels!.shape[0] === logits!.shape[0];
    requireShapes(
      'softmax_cross_entropy',
      inputs,
      fits && labels!.dtype === 'u32',
      'logits [N, classes] and u32 labels [N]',
    );
    return [
      { shape: [1], dtype: 'f32' },
      { shape: [2], dtype: 'f32' },
    ];
  },
  forward(run, [logits, labels], [loss, metrics], attributes) {
    const shape = describe(logits!, attributes);
    const statistics = run.temporary('cross-entropy by row', [3, shape.rows]);
    run.dispatch(crossEntropyRows(shape), { logits: logits!, labels: labels!, new_statistics: statistics });
    run.dispatch(crossEntropyMeans(shape), { statistics, labels: labels!, loss: loss!, metrics: metrics! });
    return statistics;
  },
  backward(run, { inputs: [logits, labels], outputs: [, metrics], attributes, saved }, [dLoss], [dLogits]) {
    if (!dLogits || !dLoss) return;
    const tensors = {
      logits: logits!,
      labels: labels!,
      saved,
      saved_metrics: metrics!,
      loss_gradient: dLoss,
    };
    run.dispatch(crossEntropyGradient(describe(logits!, attributes)), { ...tensors, gradient: dLogits });
  },
  // WGSL allows exp and log a few ulp, growing with the argument: 3 + 2·|x| ulp for exp.
  tolerance: 1e-5,
};

function describe(logits: Tensor, attributes: CrossEntropyAttributes): CrossEntropyShape {
  const [rows, classes] = logits.shape as [number, number];
  return { rows, classes, ...attributes };
}

/** A loss, and what it tells besides; metrics carry no gradient. */
export interface LossWithMetrics {
  /** f32 [1], to walk back from. */
  readonly loss: Tensor;
  /** f32 [2]: what they are, each loss says. */
  readonly metrics: Tensor;
}

/**
 * Softmax cross-entropy of logits [N, classes] with labels [N] (u32), averaged over the rows whose label is a class:
 * others (say 0xffffffff) are unlabelled and count nowhere. `meanOver` divides by that many rows instead, as where
 * masked rows are to count (FixMatch, arXiv 2001.07685). Metrics [2]: top-1 accuracy, number of labelled rows.
 * @throws ShapeError where the shapes do not fit; RangeError where the temperature is not above 0 or `meanOver` below it
 */
export function softmaxCrossEntropy(
  logits: Tensor,
  labels: Tensor,
  options: Partial<CrossEntropyAttributes> = {},
): LossWithMetrics {
  const { temperature = 1, meanOver = 0, ...others } = options;
  const attributes = { temperature, meanOver, ...others };
  const [loss, metrics] = currentTape().apply(softmaxCrossEntropyOp, [logits, labels], attributes);
  return { loss: loss!, metrics: metrics! };
}
