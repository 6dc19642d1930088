import shader from '#shaders/softmax_cross_entropy.wgsl';
import type { Launch } from '../gpu/launch.ts';

/** Sizes and settings of a cross-entropy over logits [rows][classes]. */
export interface CrossEntropyShape {
  /** N: rows of logits. */
  readonly rows: number;
  /** Columns of the logits. */
  readonly classes: number;
  /** What the logits are divided by. */
  readonly temperature: number;
  /** Rows that the loss is averaged over; 0: the labelled ones. */
  readonly meanOver: number;
}

function launch(entry: string, shape: CrossEntropyShape, grid: number): Launch {
  const { rows, classes, temperature, meanOver } = shape;
  const params = { rows, classes, inverse_temperature: 1 / temperature, mean_over: meanOver };
  return { shader, entry, params, grid: [grid, 1, 1] };
}

/** Statistics [3][rows]: log-sum-exp, loss, hit. */
export const crossEntropyRows = (shape: CrossEntropyShape): Launch =>
  launch('row_losses', shape, Math.ceil(shape.rows / 8));
/** The mean loss [1], and metrics [2]: accuracy, labelled rows. */
export const crossEntropyMeans = (shape: CrossEntropyShape): Launch => launch('means', shape, 1);
/** The gradient of the logits from the rows' statistics, the metrics and the loss's gradient. */
export const crossEntropyGradient = (shape: CrossEntropyShape): Launch =>
  launch('logit_gradients', shape, Math.ceil(shape.rows / 8));
