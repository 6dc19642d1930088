import { UserError } from '../../errors.ts';
import { boundHolds } from '../../numerics/binomial_bound.ts';
import { simultaneousLevel } from './simultaneous_level.ts';

/** Predictions whose truth is known. */
export interface ScoredPredictions {
  /** Confidence of each prediction. */
  readonly confidence: ArrayLike<number>;
  /** Whether each was right: true or 1. */
  readonly correct: ArrayLike<boolean | number>;
  /** How many images of the population each stands for; 1 for all by default. */
  readonly weights?: ArrayLike<number> | undefined;
}

/** All predictions of at least some confidence; equal confidences are never parted. */
export interface Accepted {
  /** Least confidence accepted. */
  readonly threshold: number;
  /** Predictions of at least that confidence. */
  readonly count: number;
  /** Accepted predictions that are wrong. */
  readonly errors: number;
  /** Sum of the accepted predictions' weights. */
  readonly weight: number;
  /** Weighted share of errors. */
  readonly error: number;
  /**
   * Σw over the largest weight of all: so many unweighted predictions are taken to say as much. A row of weight w counts
   * as w / max w trials, of which all or none is wrong: a sum of such parts spreads no further than a binomial of as many
   * whole trials (Hoeffding 1956), so the binomial's bound holds. Kish's (Σw)² / Σw² trials are more, but errors that
   * lie in classes of large weight come in lumps which a binomial of so many does not know: in simulations its
   * promises of 95% were false in up to 27% of draws.
   */
  readonly effectiveCount: number;
}

/** What every distinct confidence would accept as a threshold, from the strictest to the most lenient. */
export function acceptedByThreshold({ confidence, correct, weights }: ScoredPredictions): Accepted[] {
  const order = Array.from(confidence, (_, row) => row).sort((a, b) => confidence[b]! - confidence[a]!);
  const heaviest = weights ? Array.from(weights).reduce((a, b) => Math.max(a, b), 0) : 1;
  const all: Accepted[] = [];
  let errors = 0;
  let weight = 0;
  let wrong = 0;
  order.forEach((row, index) => {
    const w = weights ? weights[row]! : 1;
    weight += w;
    if (!correct[row]) {
      errors++;
      wrong += w;
    }
    const threshold = confidence[row]!;
    if (index + 1 < order.length && confidence[order[index + 1]!] === threshold) return;
    all.push({
      threshold,
      count: index + 1,
      errors,
      weight,
      error: weight > 0 ? wrong / weight : 0,
      effectiveCount: heaviest > 0 ? weight / heaviest : 0,
    });
  });
  return all;
}

/**
 * The most lenient threshold of which `level` can be promised that the error above it is at most `target`, although
 * it is chosen among many: the plain bound at each is too lenient by the choice (Learn then Test, arXiv 2110.01052), so
 * each is tested at the simultaneous level. Thresholds that differ by less than 1% of what they accept count as one.
 * @param accepted as `acceptedByThreshold` gives it
 * @returns the index of the choice, −1 where none passes
 * @throws UserError where the target does not lie between 0 and 1
 */
export function chooseThreshold(accepted: readonly Accepted[], target: number, level = 0.95): number {
  if (!(target > 0 && target < 1)) {
    throw new UserError(
      `the target error ${target} must lie between 0 and 1, such as 0.05 for one label in twenty`,
    );
  }
  const tested: number[] = [];
  for (let index = accepted.length - 1, least = Infinity; index >= 0; index--) {
    const { effectiveCount } = accepted[index]!;
    if (Math.round(effectiveCount) > least / 1.01 || !boundHolds(0, effectiveCount, target, level)) continue;
    tested.push(index);
    least = Math.round(effectiveCount);
  }
  const counts = tested.map((index) => Math.round(accepted[index]!.effectiveCount)).reverse();
  const strict = simultaneousLevel(counts, target, level);
  const passes = (index: number) => {
    const { error, effectiveCount } = accepted[index]!;
    return boundHolds(error * effectiveCount, effectiveCount, target, strict);
  };
  return tested.find(passes) ?? -1;
}
