import shader from '#shaders/pretext/swav.wgsl';
import { type Launch, linearGrid } from '../../gpu/launch.ts';

/** Sizes of SwAV's scores. */
export interface SwavShape {
  /** N: images, each with two rows. */
  readonly images: number;
  /** K: scores of a row. */
  readonly prototypes: number;
  /** What scores are divided by: ε of the codes, τ of the predictions; above 0. */
  readonly temperature: number;
}

const launch = (
  entry: string,
  { images, prototypes, temperature }: SwavShape,
  grid: Launch['grid'],
  sweep = 0,
): Launch => ({
  shader,
  entry,
  params: { images, prototypes, inverse_temperature: 1 / temperature, sweep },
  grid,
});

const byRow = ({ images }: SwavShape): Launch['grid'] => [Math.ceil((2 * images) / 8), 1, 1];

/** log u [2][K] from log v [2N], which is 0 in sweep 0. */
export const fitPrototypes = (shape: SwavShape, sweep: number): Launch =>
  launch('fit_prototypes', shape, [Math.ceil((2 * shape.prototypes) / 8), 1, 1], sweep);
/** log v [2N] from log u [2][K]. */
export const fitRows = (shape: SwavShape): Launch => launch('fit_rows', shape, byRow(shape));
/** Codes [2N][K] from log u, each of sum 1. */
export const assignCodes = (shape: SwavShape): Launch => launch('assign', shape, byRow(shape));
/** Terms [3][2N], and how far predictions are from the other view's codes [2N][K]. */
export const predictCodes = (shape: SwavShape): Launch => launch('predict', shape, byRow(shape));
/** The loss [1], and metrics [2]: how often a prediction and its code are largest at one prototype, a code's entropy. */
export const predictionMeans = (shape: SwavShape): Launch => launch('means', shape, [1, 1, 1]);
/** The gradient of the scores [2N][K]. */
export const throughPredictions = (shape: SwavShape): Launch =>
  launch('through', shape, linearGrid(Math.ceil((2 * shape.images * shape.prototypes) / 8)));
