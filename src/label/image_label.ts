import type { Status } from '../data/labels/status.ts';

/** What is said of one image: a row of labels.csv. */
export interface ImageLabel {
  /** The image's path, as the source lists it. */
  readonly path: string;
  /** Name of its class, given or predicted. */
  readonly label: string;
  /** Calibrated probability that the label is right; 1 for given labels. */
  readonly confidence: number;
  /** By how much the label is more probable than the runner-up; 1 for given labels. */
  readonly margin: number;
  /** The second most probable class; empty for given labels. */
  readonly runnerUp: string;
  /** How far the label is to be trusted: `given`, `auto`, `review`, `outlier` or `duplicate`. */
  readonly status: Status;
  /** Path of the most similar labelled image, or of the image that a duplicate repeats; empty for given labels. */
  readonly nearestLabelled: string;
  /**
   * Name of the group that the image counts as one observation with; empty where it stands alone. Absent where no groups
   * were given.
   */
  readonly group?: string;
}
