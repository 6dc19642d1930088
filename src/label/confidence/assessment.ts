import { pickRows } from '../../numerics/feature_rows.ts';
import { largestIndex } from '../../numerics/linear_algebra.ts';
import { topTwo } from '../decide.ts';
import { type Calibration, calibrate, calibratedProbabilities } from './calibration.ts';
import { type ClassShares, classShares } from './class_shares.ts';
import { classWeights } from './class_weights.ts';
import { type RiskCoverage, riskCoverage, withheldRisk } from './risk_coverage.ts';
import { type ClassificationScores, classificationScores } from './scores.ts';
import { shareMargins } from './share_margin.ts';

/** Out-of-fold predictions of the labelled images that can check them. */
export interface CheckedRows {
  /** Predictions [rows × classes], before the softmax. */
  readonly logits: Float32Array;
  /** The true class of each row. */
  readonly labels: Int32Array;
}

/** The rows of predictions that a list marks with 1, in their order. */
export function chosenRows(
  { logits, labels }: CheckedRows,
  groups: Int32Array,
  marks: Uint8Array,
): { rows: CheckedRows; groups: Int32Array } {
  const classes = labels.length > 0 ? logits.length / labels.length : 0;
  const kept = Int32Array.from(labels.keys()).filter((row) => marks[row]);
  return {
    rows: { logits: pickRows(logits, classes, kept), labels: kept.map((row) => labels[row]!) },
    groups: kept.map((row) => groups[row]!),
  };
}

/** What the given labels say of a model's predictions for them, each made without that label. */
export interface OutOfFold {
  /** Calibrated, given labels × classes. */
  readonly probabilities: Float32Array;
  /** Accuracy, recall and confusion of the predictions. */
  readonly scores: ClassificationScores;
  /** The temperature that was fitted on the predictions, and what it changes. */
  readonly calibration: Calibration;
  /** The predictions. */
  readonly rows: CheckedRows;
  /** The group that each of them counts as one observation with. */
  readonly groups: Int32Array;
}

/**
 * Calibrates a model by its out-of-fold predictions of the given labels. A group counts as one observation however many
 * labels it has: its images are told right or wrong together, and ten images copied eight times say what ten do.
 * @param rows those predictions; a label of −1 is one that another of the very same image contradicts: nothing is fitted
 * to it, and its prediction counts as wrong
 * @param groups the group of each row
 */
export function assess(rows: CheckedRows, groups: Int32Array, classes: number): OutOfFold {
  const calibration = calibrate(rows.logits, rows.labels, classes, undefined, sharesOf(groups));
  const probabilities = calibratedProbabilities(rows.logits, classes, calibration.temperature);
  const scores = classificationScores(likeliest(probabilities, classes), rows.labels, classes, {
    observations: new Set(groups).size,
  });
  return { probabilities, scores, calibration, rows, groups };
}

/** What each row counts, so that each group counts 1. */
export function sharesOf(groups: Int32Array): Float64Array {
  const sizes = new Map<number, number>();
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  return Float64Array.from(groups, (group) => 1 / sizes.get(group)!);
}

/** Which automatic labels can be promised, and of which classes the labels say too little for it. */
export interface ErrorPromise {
  /** Error against coverage, and the threshold that keeps the promise. */
  readonly risk: RiskCoverage;
  /** Classes, by number, whose share of the labels is too far from that of the images to be weighted in full. */
  readonly limited: readonly number[];
}

/** A sample that is said to be random is taken for none where class shares make that less likely. */
const leastSampled = 0.05;

/**
 * Which confidence keeps the target error, by the out-of-fold predictions of the given labels, each weighted by the
 * share of its class among the images to label, with what is open about that share reckoned against the promise.
 * @param probabilities calibrated, images × classes
 * @param open rows of them that may be labelled automatically
 * @param options.target largest error allowed among automatic labels, 0 … 1
 * @param options.candidates so many predictors were compared by the same predictions
 * @param options.nameless rows of `probabilities` whose images a person said belong to no class, and the group of each: a
 * label would have been wrong, so each counts as a wrong prediction
 * @param options.held 1 for rows of `probabilities` that no confidence makes automatic
 * @param options.refused whether the predictions cannot speak for other images: then no threshold is chosen
 * @param options.shares of the classes among `open` (see `sharesAmong`); null where there are none, and nothing is weighted
 * @param options.sampled whether the labelled images are known to be a random sample of all: then, unless what is predicted
 * of the others speaks against it, they need no weights, and nothing is open about class shares that counts
 */
export function promiseError(
  outOfFold: OutOfFold,
  probabilities: Float32Array,
  open: Int32Array,
  classes: number,
  options: {
    readonly target: number;
    readonly candidates: number;
    readonly nameless?: { readonly rows: Int32Array; readonly groups: Int32Array };
    readonly held?: Uint8Array;
    readonly refused?: boolean;
    readonly sampled?: boolean;
    readonly shares: ClassShares | null;
  },
): ErrorPromise {
  const {
    target,
    candidates,
    held,
    shares,
    nameless = { rows: new Int32Array(0), groups: new Int32Array(0) },
  } = options;
  const known = outOfFold.rows.labels;
  const none = nameless.rows;
  const predicted = likeliest(outOfFold.probabilities, classes);
  const confidenceOf = (row: number) => topTwo(probabilities, row, classes).confidence;
  const groups = Int32Array.from([...outOfFold.groups, ...nameless.groups]);
  const labels = Int32Array.from([...known, ...none.map(() => -1)]);
  const counts = sharesOf(groups);
  const sampled = options.sampled === true && shares !== null && shares.sampled >= leastSampled;
  const { weights, limited } =
    shares && !sampled
      ? classWeights(labels, shares.mean, counts)
      : { weights: new Float64Array(labels.length).fill(1), limited: [] };
  const sure = Array.from(predicted, (label, row) => outOfFold.probabilities[row * classes + label]!);
  const confidence = Float32Array.from([...sure, ...Array.from(none, confidenceOf)]);
  // Of an image of no class any label is wrong.
  const correct = labels.map((label, row) => (row < known.length && label === predicted[row] ? 1 : 0));
  const rows = { confidence, correct: Uint8Array.from(correct), labels, counts };
  const risk = riskCoverage(
    { ...rows, weights, groups },
    Float32Array.from(open, (row) => (held?.[row] ? 0 : confidenceOf(row))),
    {
      target,
      candidates,
      ...(!sampled && {
        margins: (accepted) => shareMargins({ ...rows, draws: shares?.draws ?? [] }, accepted),
      }),
    },
  );
  // Of a class whose weight was held back the labels do not say what the images would.
  const refused = options.refused || limited.length > 0;
  return { risk: refused ? withheldRisk(risk) : risk, limited };
}

/**
 * Shares of the classes among images to label, by what is predicted of them.
 * @param probabilities calibrated, images × classes
 * @param open rows of them, at least one
 * @param options.openGroups the group of each of the rows in `open`; by default each is its own
 * @param options.seed of the sampler
 */
export function sharesAmong(
  { rows: { labels }, probabilities: checked, groups }: OutOfFold,
  probabilities: Float32Array,
  open: Int32Array,
  classes: number,
  { openGroups = open, seed }: { readonly openGroups?: Int32Array; readonly seed: number },
): ClassShares {
  const counts = sharesOf(groups);
  const confusion = Array.from({ length: classes }, () => new Float64Array(classes));
  likeliest(checked, classes).forEach((label, row) => {
    if (labels[row]! >= 0) confusion[labels[row]!]![label]! += counts[row]!;
  });
  const predicted = new Float64Array(classes);
  const openCounts = sharesOf(openGroups);
  open.forEach((row, at) => {
    predicted[topTwo(probabilities, row, classes).first]! += openCounts[at]!;
  });
  return classShares({ confusion, predicted }, seed);
}

/** The likeliest class of each row, the first of equals. */
function likeliest(probabilities: Float32Array, classes: number): Int32Array {
  return Int32Array.from({ length: probabilities.length / classes }, (_, row) =>
    largestIndex(probabilities.subarray(row * classes, (row + 1) * classes)),
  );
}
