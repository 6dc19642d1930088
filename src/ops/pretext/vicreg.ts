import { currentTape, type Op, type Run } from '../../autograd/tape.ts';
import { requireShapes, type Tensor } from '../../autograd/tensor.ts';
import { type MatmulShape, matmul } from '../../kernels/matmul.ts';
import {
  centreViews,
  joinGradient,
  regularise,
  type VicregShape,
  vicregMeans,
} from '../../kernels/pretext/vicreg.ts';
import { notNegative, positive, requireAttributes } from '../attributes.ts';
import type { LossWithMetrics } from '../softmax_cross_entropy.ts';

/** Weights of VICReg's three terms, and the deviation that columns should have. */
export interface VicregAttributes {
  /** λ, of the mean squared difference of the views. */
  readonly invariance: number;
  /** μ, of what the columns' deviations lack. */
  readonly variance: number;
  /** ν, of the columns' covariances. */
  readonly covariance: number;
  /** γ: the deviation that a column should have; above 0. */
  readonly deviation: number;
}

/** What the gradient needs beside inputs and outputs. */
export interface VicregSaved {
  /** Rows less their view's mean, f32 [2N, D]. */
  readonly centred: Tensor;
  /** The matrices that they are multiplied by in the gradient, f32 [2, D, D]. */
  readonly matrices: Tensor;
}

/** VICReg (Bardes, Ponce & LeCun 2022, arXiv 2105.04906): invariance, variance and covariance of two views' rows. */
export const vicregOp: Op<VicregAttributes, VicregSaved> = {
  name: 'vicreg',
  infer([x], attributes) {
    const weights = { invariance: notNegative, variance: notNegative, covariance: notNegative };
    requireAttributes('vicreg', attributes, { ...weights, deviation: positive });
    const fits = x!.shape.length === 2 && x!.shape[0]! % 2 === 0 && x!.shape[0]! >= 4;
    requireShapes(
      'vicreg',
      [x!],
      fits,
      'rows [2N, D] of two images or more, row i and row i + N of one image',
    );
    return [
      { shape: [1], dtype: 'f32' },
      { shape: [3], dtype: 'f32' },
    ];
  },
  forward(run, [x], [loss, metrics], attributes) {
    const shape = describe(x!, attributes);
    const { images, columns } = shape;
    const centred = run.temporary('centred rows', x!.shape);
    const invariances = run.temporary('invariance by column', [columns]);
    const matrices = run.temporary('covariances', [2, columns, columns]);
    const terms = run.temporary('regularisation by column', [3, 2 * columns]);
    run.dispatch(centreViews(shape), { x: x!, centred, invariances });
    const size = { m: columns, n: columns, k: images, transposeA: true, transposeB: false };
    for (const view of [0, 1]) {
      const rows = view * images * columns;
      const start = { a: rows, b: rows, c: view * columns ** 2 };
      multiply(run, { ...size, start }, centred, centred, matrices);
    }
    run.dispatch(regularise(shape), { products: matrices, terms });
    const tensors = { column_terms: terms, column_invariances: invariances };
    run.dispatch(vicregMeans(shape), { ...tensors, loss: loss!, metrics: metrics! });
    return { centred, matrices };
  },
  backward(run, { inputs: [x], attributes, saved: { centred, matrices } }, [dLoss], [dX]) {
    if (!dX || !dLoss) return;
    const shape = describe(x!, attributes);
    const { images, columns } = shape;
    const size = { m: images, n: columns, k: columns, transposeA: false, transposeB: false };
    for (const view of [0, 1]) {
      const rows = view * images * columns;
      multiply(run, { ...size, start: { a: rows, b: view * columns ** 2, c: rows } }, centred, matrices, dX);
    }
    run.dispatch(joinGradient(shape), { x: x!, loss_gradient: dLoss, gradient: dX });
  },
  // Sums of N and of D products of order one, in f32; weights of up to 25 multiply what is lost in the means.
  tolerance: 2e-5,
};

/** A product of blocks, which is never split. */
function multiply(run: Run, shape: MatmulShape, a: Tensor, b: Tensor, c: Tensor): void {
  run.dispatch(matmul(run, shape).product, { a, b, c, bias: b });
}

function describe(x: Tensor, attributes: VicregAttributes): VicregShape {
  const [rows, columns] = x.shape as [number, number];
  return { images: rows / 2, columns, ...attributes };
}

/**
 * VICReg over x [2N, D], first views before second ones: λ times the mean squared difference of the views, μ times the
 * mean of max(0, γ − σ) over the columns of both views, ν times the sum over views of the squared covariances of
 * different columns, divided by D. Metrics [3]: the mean squared difference, the mean σ, the mean over views of the
 * summed squared covariances divided by D.
 * @throws ShapeError where the rows are no pairs or of a single image; RangeError for weights that are none
 */
export function vicreg(x: Tensor, options: Partial<VicregAttributes> = {}): LossWithMetrics {
  const { invariance = 25, variance = 25, covariance = 1, deviation = 1, ...others } = options;
  const attributes = { invariance, variance, covariance, deviation, ...others };
  const [loss, metrics] = currentTape().apply(vicregOp, [x], attributes);
  return { loss: loss!, metrics: metrics! };
}
