import { wilsonInterval, z } from '../interval.ts';

/**
 * 95% interval of the mean over a finite population of differences in [−1, 1], by a random sample of them without
 * replacement: the normal interval with one more difference of +1 and one of −1 (Bonett & Price 2012), as the plain one
 * shrinks to nothing where a sample shows no difference at all. Rows that were drawn are known: the interval is about
 * those that were not, and where all were drawn it is the mean itself.
 * @param differences of the units drawn, each the mean over its rows; at least one
 * @param drawn the part of the population's rows that was drawn, above 0, up to 1
 * @returns [low, high]
 */
export function differenceInterval(differences: readonly number[], drawn: number): [number, number] {
  const n = differences.length;
  const sum = differences.reduce((a, b) => a + b, 0);
  const squares = differences.reduce((a, b) => a + b * b, 0);
  const adjusted = sum / (n + 2);
  const variance = (squares + 2) / (n + 2) - adjusted * adjusted;
  const centre = drawn * (sum / n) + (1 - drawn) * adjusted;
  const half = z * Math.sqrt((variance / (n + 2)) * (1 - drawn));
  return [centre - half, centre + half];
}

/**
 * 95% interval of a share in a finite population by a random sample without replacement: Wilson's for the rows that were
 * not drawn, with the finite population's correction.
 * @param share in the sample
 * @param n units drawn, ≥ 1; their own shares may lie between 0 and 1, which spreads no more than 0 and 1 do
 * @param drawn the part of the population's rows that was drawn, above 0, up to 1
 * @returns [low, high]
 */
export function finiteShareInterval(share: number, n: number, drawn: number): [number, number] {
  const [low, high] = wilsonInterval(share * n, n);
  const centre = drawn * share + ((1 - drawn) * (low + high)) / 2;
  const half = (Math.sqrt(1 - drawn) * (high - low)) / 2;
  return [centre - half, centre + half];
}
