import type { MixtureShare } from '../../numerics/sampling/mixture_share.ts';
import { type RiskCoverage, withheldRisk } from '../confidence/risk_coverage.ts';
import { topTwo } from '../decide.ts';
import { type Novelty, unnamedShare } from './novelty.ts';

/** What models say of images, row by row. */
export interface Predictions {
  /** Calibrated, images × classes. */
  readonly probabilities: Float32Array;
  /** Labelled rows. */
  readonly labelled: Int32Array;
  /** Their calibrated out-of-fold probabilities, labelled rows × classes. */
  readonly checked: Float32Array;
  /** How many classes there are. */
  readonly classes: number;
}

/** The likeliest class of each image; of labelled ones out of fold. */
export function predictedClasses({ probabilities, labelled, checked, classes }: Predictions): Int32Array {
  const predicted = Int32Array.from(
    { length: probabilities.length / classes },
    (_, row) => topTwo(probabilities, row, classes).first,
  );
  labelled.forEach((row, at) => {
    predicted[row] = topTwo(checked, at, classes).first;
  });
  return predicted;
}

/** What images of no named class mean for a promise. */
export interface UnnamedVerdict {
  /** Their share among the images that would be automatic; null where none would be, or labels are too few to tell. */
  readonly automatic: MixtureShare | null;
  /** Whether they alone make more of these labels wrong than is allowed. */
  readonly withheld: boolean;
  /** What is then still promised. */
  readonly risk: RiskCoverage;
}

/**
 * Withholds a promise that images of no named class break by themselves. That there are any must be more than chance among
 * all open images (see `mixtureShare`); how many of them would be automatic is then estimated among those, or where too few
 * labels are as sure, among all.
 * @param groups the group that each row counts as one observation with
 * @param open rows that may be labelled automatically
 */
export function judgeUnnamed(
  { scores, share, unusual }: Novelty,
  groups: Int32Array,
  { probabilities, labelled, checked, classes }: Predictions,
  open: Int32Array,
  risk: RiskCoverage,
): UnnamedVerdict {
  const point = risk.chosen ?? risk.withheld;
  if (!point) return { automatic: null, withheld: false, risk };
  const accepts = (all: Float32Array, at: number, row: number) =>
    !unusual[row] && topTwo(all, at, classes).confidence >= point.threshold;
  const known = labelled.filter((row, at) => accepts(checked, at, row));
  const accepted = open.filter((row) => accepts(probabilities, row, row));
  const automatic = unnamedShare(scores, groups, known, accepted);
  const evident = share !== null && share.atLeast > 0;
  const withheld = evident && (automatic ?? share).share > risk.target;
  return { automatic, withheld, risk: withheld ? withheldRisk(risk) : risk };
}
