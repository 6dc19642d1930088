import { wilsonInterval } from '../../numerics/interval.ts';

/** Precision and recall of one class. */
export interface ClassScores {
  /** Rows of this class. */
  readonly support: number;
  /** Rows predicted as this class. */
  readonly predicted: number;
  /** Null where nothing was predicted as this class. */
  readonly precision: number | null;
  /** Null where no row is of this class. */
  readonly recall: number | null;
}

/** How predictions compare with the truth. */
export interface ClassificationScores {
  /** Predictions scored. */
  readonly count: number;
  /** Share of the predictions that are right. */
  readonly accuracy: number;
  /** 95% (Wilson). */
  readonly interval: readonly [number, number];
  /** Mean recall over the classes that occur. */
  readonly balancedAccuracy: number;
  /** Precision and recall of each class, by its number. */
  readonly classes: readonly ClassScores[];
  /** `confusion[truth][predicted]` */
  readonly confusion: readonly (readonly number[])[];
}

/**
 * Accuracy and per-class scores of predictions.
 * @param predicted classes 0 … classes − 1
 * @param truth as `predicted`; rows of −1 are left out
 * @param options.observations groups of rows that are right or wrong together; as many as rows by default. The interval
 * is that of so many independent rows, as if those of a group were all alike
 * @returns accuracies of 0 and the interval [0, 1] where no row is left
 */
export function classificationScores(
  predicted: Int32Array,
  truth: Int32Array,
  classes: number,
  options: { readonly observations?: number } = {},
): ClassificationScores {
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  truth.forEach((label, row) => {
    if (label >= 0) confusion[label]![predicted[row]!]!++;
  });
  const scores = confusion.map((row, k): ClassScores => {
    const support = row.reduce((sum, count) => sum + count, 0);
    const all = confusion.reduce((sum, other) => sum + other[k]!, 0);
    const right = row[k]!;
    return {
      support,
      predicted: all,
      precision: all > 0 ? right / all : null,
      recall: support > 0 ? right / support : null,
    };
  });
  const count = scores.reduce((sum, { support }) => sum + support, 0);
  const right = confusion.reduce((sum, row, k) => sum + row[k]!, 0);
  const { observations = count } = options;
  const recalls = scores.flatMap(({ recall }) => (recall === null ? [] : [recall]));
  return {
    count,
    accuracy: right / Math.max(1, count),
    interval: wilsonInterval((right / Math.max(1, count)) * observations, observations),
    balancedAccuracy: recalls.reduce((sum, recall) => sum + recall, 0) / Math.max(1, recalls.length),
    classes: scores,
    confusion,
  };
}
