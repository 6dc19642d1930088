import { largestIndex } from '../../numerics/linear_algebra.ts';
import { topTwo } from '../decide.ts';
import { type Calibration, calibrate, calibratedProbabilities } from './calibration.ts';
import { classWeights } from './class_weights.ts';
import { type CheckedRows, distinctRows } from './distinct_rows.ts';
import { type RiskCoverage, riskCoverage } from './risk_coverage.ts';
import { type ClassificationScores, classificationScores } from './scores.ts';

/** What the given labels say of a model's predictions for them, each made without that label. */
export interface OutOfFold {
  /** Calibrated, given labels × classes. */
  readonly probabilities: Float32Array;
  /** Accuracy, recall and confusion of the predictions. */
  readonly scores: ClassificationScores;
  /** The temperature that was fitted on the predictions, and what it changes. */
  readonly calibration: Calibration;
  /** Predictions that count as evidence: one a group of copies. */
  readonly distinct: CheckedRows;
}

/**
 * Calibrates a model by its out-of-fold predictions of the given labels.
 * @param rows those predictions, copies among them; a label of −1 is one that another of the very same image contradicts:
 * nothing is fitted to it, and its prediction counts as wrong
 * @param groups the group of copies that each row belongs to
 */
export function assess(rows: CheckedRows, groups: Int32Array, classes: number): OutOfFold {
  const distinct = distinctRows(rows, groups);
  const calibration = calibrate(distinct.logits, distinct.labels, classes);
  const probabilities = calibratedProbabilities(rows.logits, classes, calibration.temperature);
  const scores = classificationScores(likeliest(probabilities, classes), rows.labels, classes);
  return { probabilities, scores, calibration, distinct };
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
 */
export function promiseError(
  { distinct, calibration }: OutOfFold,
  probabilities: Float32Array,
  open: Int32Array,
  classes: number,
  options: { readonly target: number; readonly candidates: number },
): ErrorPromise {
  const { logits, labels } = distinct;
  const checked = calibratedProbabilities(logits, classes, calibration.temperature);
  const predicted = likeliest(checked, classes);
  const rest = open.map((row) => topTwo(probabilities, row, classes).first);
  const { weights, limited } = classWeights(labels, rest, classes);
  const risk = riskCoverage(
    {
      confidence: Float32Array.from(predicted, (label, row) => checked[row * classes + label]!),
      correct: Uint8Array.from(predicted, (label, row) => (label === labels[row] ? 1 : 0)),
      weights,
    },
    Float32Array.from(open, (row) => topTwo(probabilities, row, classes).confidence),
    options,
  );
  return { risk, limited };
}

/** The likeliest class of each row, the first of equals. */
function likeliest(probabilities: Float32Array, classes: number): Int32Array {
  return Int32Array.from({ length: probabilities.length / classes }, (_, row) =>
    largestIndex(probabilities.subarray(row * classes, (row + 1) * classes)),
  );
}
