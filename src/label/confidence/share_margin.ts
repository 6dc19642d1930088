import { labelledShares } from './class_weights.ts';
import type { Accepted } from './threshold_rule.ts';

/** Labelled images by confidence, as thresholds accept them, and class shares that are likely. */
export interface MarginInputs {
  /** Confidence of each row. */
  readonly confidence: Float32Array;
  /** 1 for each row that is right. */
  readonly correct: Uint8Array;
  /** Class of each row; −1 where it is not known. */
  readonly labels: Int32Array;
  /** What each row counts: 1 in all for a group. */
  readonly counts: Float64Array;
  /** Shares of the classes among the other images, each as likely as the others (see `ClassShares`). */
  readonly draws: readonly Float64Array[];
}

/** At so much of the likely shares the error is no larger than what is reckoned with. */
const covered = 0.95;
/** More draws than these change the quantile by less than it matters. */
const mostDraws = 200;

/**
 * By how much the error above each threshold may exceed the weighted one because class shares are not known: the 95%
 * quantile over likely shares of the error reweighted by each. Where what is accepted errs alike in all classes it is
 * about 0, however wide the shares' intervals are.
 * @param accepted as `acceptedByThreshold` gives it, from the strictest threshold
 * @returns the margin of each, ≥ 0
 */
export function shareMargins(inputs: MarginInputs, accepted: readonly Accepted[]): Float64Array {
  const { confidence, correct, labels, counts } = inputs;
  const draws = inputs.draws.slice(0, mostDraws);
  const classes = draws[0]?.length ?? 0;
  const labelled = labelledShares(labels, classes, counts);
  const order = Array.from(confidence.keys()).sort((a, b) => confidence[b]! - confidence[a]!);
  const taken = new Float64Array(classes);
  const wrong = new Float64Array(classes);
  // Rows of no known class weigh 1, whatever the shares.
  let [unknown, unknownWrong] = [0, 0];
  let next = 0;
  const perLabel = draws.map((draw) => draw.map((share, k) => (labelled[k]! > 0 ? share / labelled[k]! : 0)));
  return Float64Array.from(accepted, ({ threshold, error }) => {
    for (; next < order.length && confidence[order[next]!]! >= threshold; next++) {
      const row = order[next]!;
      const label = labels[row]!;
      const bad = correct[row] ? 0 : counts[row]!;
      if (label < 0) [unknown, unknownWrong] = [unknown + counts[row]!, unknownWrong + bad];
      else [taken[label]!, wrong[label]!] = [taken[label]! + counts[row]!, wrong[label]! + bad];
    }
    const errors = perLabel.map((weights) => {
      let [all, bad] = [unknown, unknownWrong];
      for (let k = 0; k < classes; k++) {
        all += weights[k]! * taken[k]!;
        bad += weights[k]! * wrong[k]!;
      }
      return all > 0 ? bad / all : 0;
    });
    if (errors.length === 0) return 0;
    const sorted = Float64Array.from(errors).sort();
    return Math.max(0, sorted[Math.ceil(covered * sorted.length) - 1]! - error);
  });
}
