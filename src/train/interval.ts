/**
 * 95% interval of a share k/n (Wilson 1927): what sampling n rows leaves open about an accuracy.
 * @returns [low, high]; [0, 1] for n = 0
 */
export function wilsonInterval(k: number, n: number): [number, number] {
  if (n === 0) return [0, 1];
  const z = 1.959964;
  const share = k / n;
  const centre = (share + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/** A mean with its 95% interval: over images (Wilson) or, where there are several, over label draws (Student's t). */
export interface Estimate {
  readonly mean: number;
  readonly interval: readonly [number, number];
  /** Images scored. */
  readonly images: number;
  /** Label draws averaged over. */
  readonly draws: number;
}
