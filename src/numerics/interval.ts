import { inverseIncompleteBeta } from './incomplete_beta.ts';

/** The normal distribution's 97.5% quantile. */
export const z = 1.959964;

/**
 * 95% interval of a share k/n (Wilson 1927): what sampling n rows leaves open about an accuracy.
 * @returns [low, high]; [0, 1] for n = 0
 */
export function wilsonInterval(k: number, n: number): [number, number] {
  if (n === 0) return [0, 1];
  const share = k / n;
  const centre = (share + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/**
 * 95% interval of the mean of a normal variable (Student 1908): what a few draws leave open about their mean.
 * @param values two or more
 * @returns [low, high]
 * @throws RangeError for fewer than two
 */
export function studentInterval(values: readonly number[]): [number, number] {
  const n = values.length;
  if (n < 2) throw new RangeError('an interval over draws needs two of them or more');
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const half = studentQuantile(n - 1) * Math.sqrt(squares / (n - 1) / n);
  return [mean - half, mean + half];
}

/** The t that a Student variable of so many degrees of freedom exceeds in absolute value 5% of the time. */
export function studentQuantile(degrees: number): number {
  // t² / (degrees + t²) is a beta variable.
  const x = inverseIncompleteBeta(0.95, 0.5, degrees / 2);
  return Math.sqrt((degrees * x) / (1 - x));
}

/**
 * 95% interval of the difference of two classifiers' accuracies, the first's less the second's, on the same n images:
 * the normal interval of the paired differences with one image more of either kind (Bonett & Price 2012), which keeps
 * its level for small n and few disagreements, where the plain one does not.
 * @param firstRight 1 for each image that the first gets right, else 0
 * @param secondRight 1 for each image that the second gets right, else 0
 * @returns [low, high] within [−1, 1]
 */
export function pairedInterval(firstRight: Uint8Array, secondRight: Uint8Array): [number, number] {
  const n = firstRight.length;
  const onlyFirst = firstRight.filter((right, image) => right > secondRight[image]!).length;
  const onlySecond = firstRight.filter((right, image) => right < secondRight[image]!).length;
  const first = (onlyFirst + 1) / (n + 2);
  const second = (onlySecond + 1) / (n + 2);
  const difference = first - second;
  const half = z * Math.sqrt((first + second - difference * difference) / (n + 2));
  return [Math.max(-1, difference - half), Math.min(1, difference + half)];
}

/** A mean with its 95% interval: over images (Wilson) or, where there are several, over label draws (Student's t). */
export interface Estimate {
  /** The estimate. */
  readonly mean: number;
  /** Its 95% interval: [low, high]. */
  readonly interval: readonly [number, number];
  /** Images scored. */
  readonly images: number;
  /** Label draws averaged over. */
  readonly draws: number;
}
