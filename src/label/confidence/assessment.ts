import { largestIndex } from '../../numerics/linear_algebra.ts';
import { topTwo } from '../decide.ts';
import { type Calibration, calibrate, calibratedProbabilities } from './calibration.ts';
import { classWeights } from './class_weights.ts';
import { type RiskCoverage, riskCoverage, withheldRisk } from './risk_coverage.ts';
import { type ClassificationScores, classificationScores } from './scores.ts';

/** Out-of-fold predictions of labelled images: logits (rows × classes) and the given label of each row. */
export interface CheckedRows {
  /** Predictions [rows × classes], before the softmax. */
  readonly logits: Float32Array;
  /** The true class of each row. */
  readonly labels: Int32Array;
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
function sharesOf(groups: Int32Array): Float64Array {
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

/**
 * Which confidence keeps the target error, by the out-of-fold predictions of the given labels.
 * @param probabilities calibrated, images × classes
 * @param open rows of them that may be labelled automatically
 * @param options.target largest error allowed among automatic labels, 0 … 1
 * @param options.candidates so many predictors were compared by the same predictions
 * @param options.nameless rows of `probabilities` whose images a person said belong to no class, and the group of each: a
 * label would have been wrong, so each counts as a wrong prediction
 * @param options.held 1 for rows of `probabilities` that no confidence makes automatic
 * @param options.refused whether the predictions cannot speak for other images: then no threshold is chosen
 */
export function promiseError(
  { rows: { labels }, probabilities: checked, groups }: OutOfFold,
  probabilities: Float32Array,
  open: Int32Array,
  classes: number,
  options: {
    readonly target: number;
    readonly candidates: number;
    readonly nameless?: { readonly rows: Int32Array; readonly groups: Int32Array };
    readonly held?: Uint8Array;
    readonly refused?: boolean;
  },
): ErrorPromise {
  const predicted = likeliest(checked, classes);
  const none = options.nameless?.rows ?? new Int32Array(0);
  const confidenceOf = (row: number) => topTwo(probabilities, row, classes).confidence;
  const observed = Int32Array.from([...groups, ...(options.nameless?.groups ?? [])]);
  const truth = Int32Array.from([...labels, ...none.map(() => -1)]);
  const rest = open.map((row) => topTwo(probabilities, row, classes).first);
  const { weights, limited } = classWeights(truth, rest, classes, sharesOf(observed));
  const sure = Array.from(predicted, (label, row) => checked[row * classes + label]!);
  const right = Array.from(predicted, (label, row) => label === labels[row]);
  const risk = riskCoverage(
    {
      confidence: Float32Array.from([...sure, ...Array.from(none, confidenceOf)]),
      correct: [...right, ...Array.from(none, () => false)],
      weights,
      groups: observed,
    },
    Float32Array.from(open, (row) => (options.held?.[row] ? 0 : confidenceOf(row))),
    options,
  );
  // Of a class whose weight was held back the labels do not say what the images would.
  const refused = options.refused || limited.length > 0;
  return { risk: refused ? withheldRisk(risk) : risk, limited };
}

/** The likeliest class of each row, the first of equals. */
function likeliest(probabilities: Float32Array, classes: number): Int32Array {
  return Int32Array.from({ length: probabilities.length / classes }, (_, row) =>
    largestIndex(probabilities.subarray(row * classes, (row + 1) * classes)),
  );
}
