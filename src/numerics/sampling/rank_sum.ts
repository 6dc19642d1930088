import { countBelow } from './count_below.ts';

/** Scores of two samples that are compared stratum by stratum. */
export interface RankedRows {
  /** The score of each row. */
  readonly scores: ArrayLike<number>;
  /** 1 for rows of the first sample, 0 for rows of the second. */
  readonly first: ArrayLike<number>;
  /** The stratum of each row: only rows of one stratum are compared. */
  readonly strata: ArrayLike<number>;
  /** What each row of the first sample counts. */
  readonly weights: ArrayLike<number>;
  /** The group of each row of the first sample: rows of one group are taken to have the same rank. */
  readonly groups: ArrayLike<number>;
}

/**
 * How many standard deviations the first sample's scores lie below the second's: a weighted rank sum (Wilcoxon 1945) over
 * strata, as van Elteren (1960) joins them. Each row of the first sample has a place u between 0 and 1 among its stratum's
 * rows of the second, the middle of equals; where both come from one distribution Σ w (1/2 − u) has mean 0 and
 * variance Σ (Σ_group w)²/12 for the first sample, whose groups are independent, and (Σ_stratum w)²/(12 n) for n rows
 * of the second.
 * @returns 0 where no stratum has rows of both
 */
export function rankSumDeviations({ scores, first, strata, weights, groups }: RankedRows): number {
  const others = new Map<number, number[]>();
  for (let row = 0; row < scores.length; row++) {
    if (first[row]) continue;
    const list = others.get(strata[row]!);
    if (list) list.push(scores[row]!);
    else others.set(strata[row]!, [scores[row]!]);
  }
  const sorted = new Map(
    Array.from(others, ([stratum, list]) => [stratum, Float64Array.from(list).sort()] as const),
  );
  const ofGroup = new Map<number, number>();
  const ofStratum = new Map<number, number>();
  let sum = 0;
  for (let row = 0; row < scores.length; row++) {
    const list = sorted.get(strata[row]!);
    if (!first[row] || !list) continue;
    const weight = weights[row]!;
    const below = countBelow(list, scores[row]!);
    const place = (below + countBelow(list, scores[row]!, true)) / 2 / list.length;
    sum += weight * (0.5 - place);
    ofGroup.set(groups[row]!, (ofGroup.get(groups[row]!) ?? 0) + weight);
    ofStratum.set(strata[row]!, (ofStratum.get(strata[row]!) ?? 0) + weight);
  }
  let variance = 0;
  for (const weight of ofGroup.values()) variance += weight ** 2 / 12;
  for (const [stratum, weight] of ofStratum) variance += weight ** 2 / 12 / sorted.get(stratum)!.length;
  return variance > 0 ? sum / Math.sqrt(variance) : 0;
}
