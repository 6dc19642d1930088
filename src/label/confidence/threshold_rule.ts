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
  /** The group of each, whose predictions are right or wrong together as like as not; each alone by default. */
  readonly groups?: ArrayLike<number> | undefined;
}

/**
 * All predictions of at least some confidence; equal confidences are never parted. What counts is groups: the predictions
 * of a group that are accepted are one trial, whose error is their mean.
 */
export interface Accepted {
  /** Least confidence accepted. */
  readonly threshold: number;
  /** Groups of which a prediction is accepted. */
  readonly count: number;
  /** Groups of which an accepted prediction is wrong. */
  readonly errors: number;
  /** Sum of the accepted predictions' weights. */
  readonly weight: number;
  /** Weighted share of errors: among the predictions or on average over groups, whichever is larger. */
  readonly error: number;
  /**
   * Σv over the largest v of all, where v is a group's mean weight: so many groups of equal weight are taken to say as
   * much. A group of weight v counts as v / max v trials, of which all, none or a part is wrong: a sum of such parts
   * spreads no further than a binomial of as many whole trials (Hoeffding 1956), so the binomial's bound holds. Kish's
   * (Σv)² / Σv² trials are more, but errors that lie in classes of large weight come in lumps which a binomial of so many
   * does not know: in simulations its promises of 95% were false in up to 27% of draws.
   */
  readonly effectiveCount: number;
}

/** What every distinct confidence would accept as a threshold, from the strictest to the most lenient. */
export function acceptedByThreshold(predictions: ScoredPredictions): Accepted[] {
  const { confidence, correct } = predictions;
  const order = Array.from(confidence, (_, row) => row).sort((a, b) => confidence[b]! - confidence[a]!);
  const { groupOf, weightOf, groups } = groupsOf(predictions);
  const heaviest = groups.reduce((most, { mean }) => Math.max(most, mean), 0);
  const all: Accepted[] = [];
  let [count, errors, weight, wrong] = [0, 0, 0, 0];
  let [groupWeight, groupWrong] = [0, 0];
  order.forEach((row, index) => {
    const w = weightOf(row);
    const group = groups[groupOf(row)]!;
    if (group.accepted === 0) {
      count++;
      groupWeight += group.mean;
    } else groupWrong -= group.mean * (group.wrong / group.accepted);
    group.accepted += w;
    weight += w;
    if (!correct[row]) {
      if (group.wrong === 0) errors++;
      group.wrong += w;
      wrong += w;
    }
    if (group.accepted > 0) groupWrong += group.mean * (group.wrong / group.accepted);
    const threshold = confidence[row]!;
    if (index + 1 < order.length && confidence[order[index + 1]!] === threshold) return;
    all.push({
      threshold,
      count,
      errors,
      weight,
      error: weight > 0 ? Math.min(1, Math.max(wrong / weight, groupWrong / groupWeight)) : 0,
      effectiveCount: heaviest > 0 ? groupWeight / heaviest : 0,
    });
  });
  return all;
}

/** Groups by place, each with the mean weight of its predictions, and how a prediction finds its own. */
function groupsOf({ confidence, weights, groups }: ScoredPredictions) {
  const weightOf = (row: number) => (weights ? weights[row]! : 1);
  const rows = Array.from(confidence, (_, row) => row);
  const placeOf = new Map<number, number>();
  const places = rows.map((row) => {
    const group = groups ? groups[row]! : row;
    const place = placeOf.get(group) ?? placeOf.size;
    placeOf.set(group, place);
    return place;
  });
  const found = Array.from(placeOf, () => ({ mean: 0, accepted: 0, wrong: 0 }));
  const sizes = new Float64Array(found.length);
  for (const row of rows) {
    const place = places[row]!;
    sizes[place]!++;
    found[place]!.mean += (weightOf(row) - found[place]!.mean) / sizes[place]!;
  }
  return { groupOf: (row: number) => places[row]!, weightOf, groups: found };
}

/**
 * The most lenient threshold of which `level` can be promised that the error above it is at most `target`, although
 * it is chosen among many: the plain bound at each is too lenient by the choice (Learn then Test, arXiv 2110.01052), so
 * each is tested at the simultaneous level. Thresholds that differ by less than 1% of what they accept count as one.
 * Where groups are spread over the confidences, the predictions that a more lenient threshold adds are for the most part
 * of groups that count already: the tests are then less than independent of each other, and the level is on the safe side.
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
  const all = accepted.at(-1);
  // The whole's count in proportion to what is accepted: without groups the very count of what is.
  const reached = ({ weight }: Accepted) => Math.round((all!.effectiveCount * weight) / all!.weight);
  const tested: number[] = [];
  for (let index = accepted.length - 1, least = Infinity; index >= 0; index--) {
    const reach = reached(accepted[index]!);
    if (!(reach >= 1 && reach <= least / 1.01)) continue;
    if (!boundHolds(0, accepted[index]!.effectiveCount, target, level)) continue;
    tested.push(index);
    least = reach;
  }
  const counts = tested.map((index) => reached(accepted[index]!)).reverse();
  const strict = simultaneousLevel(counts, target, level);
  const passes = (index: number) => {
    const { error, effectiveCount } = accepted[index]!;
    return boundHolds(error * effectiveCount, effectiveCount, target, strict);
  };
  return tested.find(passes) ?? -1;
}
