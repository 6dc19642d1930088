import type { Estimate } from '../train/interval.ts';

/** One method, with the same labels and on the same images as all others. */
export interface ComparisonRow {
  readonly method: string;
  /** Accuracy of out-of-fold predictions of the given labels; null where the method made none. */
  readonly outOfFold: Estimate | null;
  /** Accuracy on images whose truth is known and was hidden; null where there are none. */
  readonly heldOut: Estimate | null;
  /** Mean difference to supervised training from scratch, paired image by image or draw by draw. */
  readonly advantage: Estimate | null;
  /** Whether this method's predictions became the labels: the best out of fold. */
  readonly chosen: boolean;
}
