import shader from '#shaders/pretext/negative_cosine.wgsl';
import type { Launch } from '../../gpu/launch.ts';

/** Rows of predictions and targets, and how the loss follows from their mean cosine: offset − factor · cosine. */
export interface NegativeCosineShape {
  /** Rows of predictions, and of targets: first views before second ones. */
  readonly rows: number;
  /** Elements of a row. */
  readonly columns: number;
  /** What the mean cosine is multiplied by. */
  readonly factor: number;
  /** What it is subtracted from. */
  readonly offset: number;
}

const launch = (
  entry: string,
  { rows, columns, factor, offset }: NegativeCosineShape,
  grid: number,
): Launch => ({
  shader,
  entry,
  params: { rows, columns, factor, offset },
  grid: [grid, 1, 1],
});

/** Statistics [3][rows]: inverse lengths of predictions and of their targets, their cosines. */
export const comparePredictions = (shape: NegativeCosineShape): Launch =>
  launch('compare', shape, Math.ceil(shape.rows / 8));
/** The loss [1], and metrics [1]: the mean cosine. */
export const cosineMeans = (shape: NegativeCosineShape): Launch => launch('means', shape, 1);
/** The gradient of the predictions. */
export const predictionGradients = (shape: NegativeCosineShape): Launch =>
  launch('gradients', shape, Math.ceil(shape.rows / 8));
