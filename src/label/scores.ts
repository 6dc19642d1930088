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
  readonly count: number;
  readonly accuracy: number;
  /** 95% (Wilson). */
  readonly interval: readonly [number, number];
  /** Mean recall over the classes that occur. */
  readonly balancedAccuracy: number;
  readonly classes: readonly ClassScores[];
  /** `confusion[truth][predicted]` */
  readonly confusion: readonly (readonly number[])[];
}
