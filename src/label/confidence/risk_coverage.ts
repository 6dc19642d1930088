import { binomialBound } from '../../numerics/binomial_bound.ts';
import { countBelow } from '../../numerics/sampling/count_below.ts';
import {
  type Accepted,
  acceptedByThreshold,
  chooseThreshold,
  type ScoredPredictions,
} from './threshold_rule.ts';

/** What accepting every prediction of at least some confidence means. */
export interface RiskCoveragePoint {
  /** Least confidence accepted. */
  readonly threshold: number;
  /** Observations accepted: labelled images that were predicted out of fold, or groups of them. */
  readonly accepted: number;
  /** Accepted ones that were wrong; of groups those of which an accepted image was. */
  readonly errors: number;
  /** Share of the out-of-fold predictions accepted; weighted where classes were. */
  readonly coverage: number;
  /**
   * Error among the accepted; weighted where classes were, and then with what is open about their shares on top. Of groups,
   * on average over these where that is larger.
   */
  readonly error: number;
  /**
   * One-sided 95% upper bound (Clopper & Pearson 1934) of that error, for this threshold alone: choosing one among all
   * asks for more (see `chooseThreshold`), so a point whose bound just meets the target need not be the chosen one.
   */
  readonly bound: number;
  /** Unlabelled images that would be labelled automatically. */
  readonly auto: number;
  /** Unlabelled images that would go to review. */
  readonly queued: number;
}

/** Selective prediction (Geifman & El-Yaniv 2017, arXiv 1705.08500) at the error that the user allows. */
export interface RiskCoverage {
  /** The largest error that the user allows among automatic labels, 0 … 1. */
  readonly target: number;
  /** The chosen point; null where for no threshold the target can be promised. */
  readonly chosen: RiskCoveragePoint | null;
  /**
   * The point that would be chosen if the labels stood for the other images, which they do not; absent where it is chosen,
   * or nothing would be. An audit of the predictions that it accepts can promise what the labels cannot.
   */
  readonly withheld?: RiskCoveragePoint;
  /** From the strictest to the most lenient threshold. */
  readonly points: readonly RiskCoveragePoint[];
}

/** Rows of the table, about. */
const tableRows = 50;

/**
 * What each threshold would mean, and the most lenient one for which the target error can be promised.
 * @param outOfFold out-of-fold predictions of the labelled images; weights as `classWeights` gives them, and the group of each where some count as one
 * @param rest confidences of the unlabelled images
 * @param options.target largest error allowed among what is accepted, between 0 and 1
 * @param options.level confidence of the promise and of the bounds in the table
 * @param options.candidates so many predictors were compared by these same predictions, and the best of them kept: the
 * promise is made at a level at which it holds for all of them (Bonferroni)
 * @param options.margins what is to be added to the error at each threshold (see `shareMargins`); nothing by default
 * @throws UserError where the target does not lie between 0 and 1
 */
export function riskCoverage(
  outOfFold: ScoredPredictions,
  rest: ArrayLike<number>,
  {
    target,
    level = 0.95,
    candidates = 1,
    margins,
  }: {
    target: number;
    level?: number;
    candidates?: number;
    margins?: (accepted: readonly Accepted[]) => Float64Array;
  },
): RiskCoverage {
  const plain = acceptedByThreshold(outOfFold);
  const more = margins?.(plain);
  const accepted = plain.map((own, at) => ({ ...own, error: Math.min(1, own.error + (more?.[at] ?? 0)) }));
  const chosen = chooseThreshold(accepted, target, 1 - (1 - level) / candidates);
  const sorted = Float64Array.from(rest).sort();
  const total = accepted.at(-1)?.weight ?? 0;
  const point = (index: number): RiskCoveragePoint => {
    const { threshold, count, errors, weight, error, effectiveCount } = accepted[index]!;
    const queued = countBelow(sorted, threshold);
    return {
      threshold,
      accepted: count,
      errors,
      coverage: total > 0 ? weight / total : 0,
      error,
      bound: binomialBound(error * effectiveCount, effectiveCount, level),
      auto: sorted.length - queued,
      queued,
    };
  };
  const last = accepted.length - 1;
  const shown = new Set(chosen < 0 ? [] : [chosen]);
  for (let row = 0; row < tableRows && last >= 0; row++)
    shown.add(Math.round((row * last) / (tableRows - 1)));
  return {
    target,
    chosen: chosen < 0 ? null : point(chosen),
    points: [...shown].sort((a, b) => a - b).map(point),
  };
}

/** Without a choice; what would have been chosen is withheld, so that an audit may promise it. */
export function withheldRisk(risk: RiskCoverage): RiskCoverage {
  return risk.chosen ? { ...risk, chosen: null, withheld: risk.chosen } : risk;
}
