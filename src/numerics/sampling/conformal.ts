import { countBelow } from './count_below.ts';

/** Scores of what is known to be usual; the larger, the less usual. */
export interface CalibrationScores {
  /** One for each row. */
  readonly scores: ArrayLike<number>;
  /** The group of each row, whose rows are not independent; by default each is its own. */
  readonly groups?: ArrayLike<number> | undefined;
}

/**
 * Conformal p-values: the chance that a usual row's score is at least as large as each of some scores. It holds for
 * finite samples, whatever the scores are, as long as usual rows are exchangeable with those known (Vovk et al. 2005):
 *
 *   p = (1 + number of known scores ≥ score) / (n + 1)
 *
 * so p ≤ α exactly where the score exceeds the k-th smallest known one with k = ⌈(n + 1)(1 − α)⌉; where that k is more than
 * n none does. Equals count against. (An empirical quantile at the level k/n that takes the higher of two neighbours
 * is the next one up, as its ranks begin with 0.)
 *
 * Of groups each counts 1, shared among its rows, and a score is held against that of a row of a further group: hierarchical
 * conformal prediction (Lee, Barber & Willett 2023, arXiv 2306.06342).
 * @returns one p-value for each score, above 0, up to 1
 */
export function conformalPValues(known: CalibrationScores, scores: ArrayLike<number>): Float64Array {
  const { sorted, tail, groups } = sortedShares(known);
  return Float64Array.from(scores, (score) => (1 + tail[countBelow(sorted, score)]!) / (groups + 1));
}

/** Known scores ascending, how much of the groups lies at or above each, and how many groups there are. */
function sortedShares({ scores, groups }: CalibrationScores) {
  const sizes = new Map<number, number>();
  const groupOf = (row: number) => (groups ? groups[row]! : row);
  for (let row = 0; row < scores.length; row++) sizes.set(groupOf(row), (sizes.get(groupOf(row)) ?? 0) + 1);
  const order = Array.from(scores, (_, row) => row).sort((a, b) => scores[a]! - scores[b]!);
  const tail = new Float64Array(order.length + 1);
  for (let at = order.length - 1; at >= 0; at--)
    tail[at] = tail[at + 1]! + 1 / sizes.get(groupOf(order[at]!))!;
  // Shares of groups sum up to whole numbers only but for rounding.
  const whole = tail.map((sum) => (Math.abs(sum - Math.round(sum)) < 1e-9 ? Math.round(sum) : sum));
  return { sorted: Float64Array.from(order, (row) => scores[row]!), tail: whole, groups: sizes.size };
}

/**
 * The tests that are passed so that on average at most the share `rate` of those passed are false (Benjamini & Hochberg
 * 1995); for conformal p-values of one set of known scores it holds as well (Bates et al. 2023, arXiv 2104.08279).
 * @returns the largest p-value that passes; 0 where none does
 */
export function falseDiscoveryLimit(pValues: ArrayLike<number>, rate: number): number {
  const sorted = Float64Array.from(pValues).sort();
  for (let rank = sorted.length; rank > 0; rank--) {
    const p = sorted[rank - 1]!;
    if (p * sorted.length <= rate * rank * (1 + 1e-12)) return p;
  }
  return 0;
}
