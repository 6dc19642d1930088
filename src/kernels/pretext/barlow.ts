import shader from '#shaders/pretext/barlow.wgsl';
import type { Launch } from '../../gpu/launch.ts';

/** Sizes and weight of Barlow Twins. */
export interface BarlowShape {
  /** N: images, each with two rows. */
  readonly images: number;
  /** D: elements of a row. */
  readonly columns: number;
  /** λ, of the correlations of different columns. */
  readonly redundancy: number;
}

const launch = (entry: string, shape: BarlowShape, invocations: number): Launch => ({
  shader,
  entry,
  params: { ...shape },
  grid: [Math.ceil(invocations / 64), 1, 1],
});

/** Each view's columns at mean 0 and variance 1 [2N][D], and the inverses of their deviations [2D]. */
export const standardiseViews = (shape: BarlowShape): Launch =>
  launch('standardise', shape, 2 * shape.columns);
/** The product ŷᵀŷ' [D][D] becomes the matrix of the gradient; terms [2][D] of the columns. */
export const correlate = (shape: BarlowShape): Launch => launch('correlate', shape, shape.columns);
/** The loss [1], and metrics [2]: the mean correlation of a column's views, the summed squares of others over D. */
export const barlowMeans = (shape: BarlowShape): Launch => launch('means', shape, 1);
/** The gradient of standardised columns becomes that of the rows, and takes the loss's in. */
export const throughStandardising = (shape: BarlowShape): Launch =>
  launch('through', shape, 2 * shape.columns);
