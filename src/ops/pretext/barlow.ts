import { currentTape, type Op, type Run } from '../../autograd/tape.ts';
import { requireShapes, type Tensor } from '../../autograd/tensor.ts';
import { type MatmulShape, matmul } from '../../kernels/matmul.ts';
import {
  type BarlowShape,
  barlowMeans,
  correlate,
  standardiseViews,
  throughStandardising,
} from '../../kernels/pretext/barlow.ts';
import { notNegative, requireAttributes } from '../attributes.ts';
import type { LossWithMetrics } from '../softmax_cross_entropy.ts';

/** The weight of Barlow Twins' second term. */
export interface BarlowAttributes {
  /** λ, of the correlations of different columns. */
  readonly redundancy: number;
}

/** What the gradient needs beside inputs and outputs. */
export interface BarlowSaved {
  /** Columns of each view at mean 0 and variance 1, f32 [2N, D]. */
  readonly standardised: Tensor;
  /** The inverses of their deviations, f32 [2D]. */
  readonly inverses: Tensor;
  /** The matrix that they are multiplied by in the gradient, f32 [D, D]. */
  readonly matrix: Tensor;
}

/** Barlow Twins (Zbontar et al. 2021, arXiv 2103.03230): the views' cross-correlation matrix and the identity. */
export const barlowTwinsOp: Op<BarlowAttributes, BarlowSaved> = {
  name: 'barlow_twins',
  infer([x], attributes) {
    requireAttributes('barlow_twins', attributes, { redundancy: notNegative });
    const fits = x!.shape.length === 2 && x!.shape[0]! % 2 === 0 && x!.shape[0]! >= 4;
    requireShapes(
      'barlow_twins',
      [x!],
      fits,
      'rows [2N, D] of two images or more, row i and row i + N of one image',
    );
    return [
      { shape: [1], dtype: 'f32' },
      { shape: [2], dtype: 'f32' },
    ];
  },
  forward(run, [x], [loss, metrics], attributes) {
    const shape = describe(x!, attributes);
    const { images, columns } = shape;
    const standardised = run.temporary('standardised columns', x!.shape);
    const inverses = run.temporary('inverse deviations', [2 * columns]);
    const matrix = run.temporary('cross-correlations', [columns, columns]);
    const terms = run.temporary('correlations by column', [2, columns]);
    run.dispatch(standardiseViews(shape), { x: x!, standardised, inverses });
    const size = { m: columns, n: columns, k: images, transposeA: true, transposeB: false };
    multiply(
      run,
      { ...size, start: { a: 0, b: images * columns, c: 0 } },
      standardised,
      standardised,
      matrix,
    );
    run.dispatch(correlate(shape), { products: matrix, terms });
    run.dispatch(barlowMeans(shape), { column_terms: terms, loss: loss!, metrics: metrics! });
    return { standardised, inverses, matrix };
  },
  backward(run, { inputs: [x], attributes, saved: { standardised, inverses, matrix } }, [dLoss], [dX]) {
    if (!dX || !dLoss) return;
    const shape = describe(x!, attributes);
    const { images, columns } = shape;
    const size = { m: images, n: columns, k: columns, transposeA: false };
    const second = images * columns;
    for (const [from, to, transposeB] of [
      [second, 0, true],
      [0, second, false],
    ] as const)
      multiply(run, { ...size, transposeB, start: { a: from, b: 0, c: to } }, standardised, matrix, dX);
    const tensors = { rows: standardised, column_inverses: inverses };
    run.dispatch(throughStandardising(shape), { loss_gradient: dLoss, ...tensors, gradient: dX });
  },
  // Sums of N and of D products of order one, in f32; the way back takes two means off a gradient, which leaves less of it.
  tolerance: 2e-5,
};

/** A product of blocks, which is never split. */
function multiply(run: Run, shape: MatmulShape, a: Tensor, b: Tensor, c: Tensor): void {
  run.dispatch(matmul(run, shape).product, { a, b, c, bias: b });
}

function describe(x: Tensor, attributes: BarlowAttributes): BarlowShape {
  const [rows, columns] = x.shape as [number, number];
  return { images: rows / 2, columns, ...attributes };
}

/**
 * Barlow Twins over x [2N, D], first views before second ones: how far the matrix of correlations between the columns of
 * the first views and those of the second is from the identity, (1 − C_ii)² of the diagonal and λ·C_ij² beside it, summed
 * and divided by D. Metrics [2]: the mean of the diagonal, the sum of the squares beside it divided by D.
 * @throws ShapeError where the rows are no pairs or of a single image; RangeError for a weight that is none
 */
export function barlowTwins(x: Tensor, options: Partial<BarlowAttributes> = {}): LossWithMetrics {
  const { redundancy = 0.0051, ...others } = options;
  const [loss, metrics] = currentTape().apply(barlowTwinsOp, [x], { redundancy, ...others });
  return { loss: loss!, metrics: metrics! };
}
