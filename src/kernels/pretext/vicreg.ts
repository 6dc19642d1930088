import shader from '#shaders/pretext/vicreg.wgsl';
import { type Launch, linearGrid } from '../../gpu/launch.ts';

/** Sizes and weights of VICReg. */
export interface VicregShape {
  /** N: images, each with two rows. */
  readonly images: number;
  /** D: elements of a row. */
  readonly columns: number;
  /** λ, of the mean squared difference of the views. */
  readonly invariance: number;
  /** μ, of what the columns' deviations lack. */
  readonly variance: number;
  /** ν, of the columns' covariances. */
  readonly covariance: number;
  /** γ: the deviation that a column should have. */
  readonly deviation: number;
}

const launch = (entry: string, shape: VicregShape, grid: Launch['grid']): Launch => ({
  shader,
  entry,
  params: { ...shape },
  grid,
});

/** Rows less their view's mean [2N][D], and each column's sum of squared differences of the views. */
export const centreViews = (shape: VicregShape): Launch =>
  launch('centre', shape, [Math.ceil(shape.columns / 64), 1, 1]);
/** Both views' products x̄ᵀx̄ [2][D][D] become the matrices of the gradient; terms [3][2D] of the columns. */
export const regularise = (shape: VicregShape): Launch =>
  launch('regularise', shape, [Math.ceil((2 * shape.columns) / 64), 1, 1]);
/** The loss [1], and metrics [3]: mean squared difference, mean deviation, mean of the summed squared covariances. */
export const vicregMeans = (shape: VicregShape): Launch => launch('means', shape, [1, 1, 1]);
/** Adds the views' pull on each other to x̄·M and takes the loss's gradient in. */
export const joinGradient = (shape: VicregShape): Launch =>
  launch('join', shape, linearGrid(Math.ceil((2 * shape.images * shape.columns) / 64)));
