import type { Status } from '../data/labels/status.ts';

/** What is said of one image: a row of labels.csv. */
export interface ImageLabel {
  readonly path: string;
  readonly label: string;
  /** Calibrated probability that the label is right; 1 for given labels. */
  readonly confidence: number;
  /** By how much the label is more probable than the runner-up; 1 for given labels. */
  readonly margin: number;
  /** The second most probable class; empty for given labels. */
  readonly runnerUp: string;
  readonly status: Status;
  /** Path of the most similar labelled image, or of the image that a duplicate repeats; empty for given labels. */
  readonly nearestLabelled: string;
}
