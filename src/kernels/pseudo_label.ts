import shader from '#shaders/pseudo_label.wgsl';
import type { Launch } from '../gpu/launch.ts';

/** Sizes and settings of one making of labels from logits [rows][classes]. */
export interface PseudoLabelShape {
  /** N: rows of logits. */
  readonly rows: number;
  /** Columns of the logits. */
  readonly classes: number;
  /** How many labels to write; those beyond the rows are no class. */
  readonly labels: number;
  /** λ of the moving averages. */
  readonly decay: number;
  /** Bounds that the thresholds stay within. */
  readonly thresholds: readonly [lowest: number, highest: number];
}

/** The kernels of pseudo-labels: from logits to their softmax, from that to the averages, and from both to labels. */
export function pseudoLabelLaunches(shape: PseudoLabelShape): {
  probabilities: Launch;
  averages: Launch;
  choice: Launch;
} {
  const { thresholds, ...sizes } = shape;
  const params = { ...sizes, lowest: thresholds[0], highest: thresholds[1] };
  const launch = (entry: string, count: number): Launch => ({
    shader,
    entry,
    params,
    grid: [Math.ceil(count / 8), 1, 1],
  });
  return {
    probabilities: launch('probabilities_of_rows', shape.rows),
    averages: launch('move_averages', shape.classes + 2),
    choice: launch('choose', shape.labels),
  };
}
