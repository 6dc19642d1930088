import type { Random } from '../../src/random.ts';

/** A standard normal value (Box and Muller). */
export function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

export interface LabelledFeatures {
  readonly features: Float32Array;
  readonly labels: Int32Array;
}

/**
 * Rows that belong to their classes in turn: a mean of its own for each class, `separation` long, plus noise of
 * variance 1 that `correlation` of all columns share, all shifted by 3 as features after a ReLU are.
 */
export function drawClasses(
  random: Random,
  { rows, columns, classes, separation = 1, correlation = 0 }: DrawOptions,
): LabelledFeatures {
  const means = Float64Array.from({ length: classes * columns }, () => gaussian(random));
  const features = new Float32Array(rows * columns);
  const labels = Int32Array.from({ length: rows }, (_, row) => row % classes);
  for (let row = 0; row < rows; row++) {
    const common = gaussian(random) * Math.sqrt(correlation);
    for (let j = 0; j < columns; j++) {
      const noise = common + gaussian(random) * Math.sqrt(1 - correlation);
      features[row * columns + j] =
        3 + noise + (separation * means[labels[row]! * columns + j]!) / Math.sqrt(columns);
    }
  }
  return { features, labels };
}

interface DrawOptions {
  readonly rows: number;
  readonly columns: number;
  readonly classes: number;
  readonly separation?: number;
  readonly correlation?: number;
}
