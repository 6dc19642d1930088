import { UserError } from '../errors.ts';
import { requireFinite } from './feature_rows.ts';
import { allRows, largestIndex } from './linear_algebra.ts';
import { affineLogits, type LinearHead } from './linear_head.ts';
import { curvatureFactor, fitSoftmax, fittedHead, type SoftmaxProblem } from './softmax_regression.ts';
import { rawHead, type Standardisation, standardise, standardisedMoments } from './standardisation.ts';
import { stratifiedFolds } from './stratified_folds.ts';

/** A linear classifier on frozen features: logits = W x̂ + b with x̂ = (x − mean) · inverseStd. */
export interface Probe extends Standardisation {
  /** How many classes there are. */
  readonly classes: number;
  /** Features of a row. */
  readonly columns: number;
  /** classes × columns, row-major. */
  readonly weights: Float64Array;
  /** A class without a training row has weights 0 and bias −∞: it is never predicted. */
  readonly bias: Float64Array;
  /** λ of the fit. */
  readonly strength: number;
  /**
   * Cross-validated accuracy at each strength tried, strongest first; empty where no class has two rows, or for one.
   */
  readonly validation: readonly { readonly strength: number; readonly accuracy: number }[];
  /** The final fit's largest gradient entry, at most 1e-7 unless rounding or the iteration limit ended it. */
  readonly gradientNorm: number;
}

/** How a probe's strength is chosen. */
export interface ProbeOptions {
  /** Draws the folds; 0 by default. */
  readonly seed?: number;
  /**
   * Cross-validation folds, 5 by default; fewer where the smallest class of at least two rows (or groups) is smaller.
   */
  readonly folds?: number;
  /** The group of copies that each row belongs to: the folds hold the rows of a group out together. */
  readonly groups?: Int32Array;
  /**
   * Strengths λ to choose from; the powers of ten from 10 to 1e-4 by default: from nearest class mean to nearly none.
   */
  readonly strengths?: readonly number[];
}

/** What a probe says of N rows. */
export interface Predictions {
  /** N × classes, row-major; −∞ for classes without a training row. */
  readonly logits: Float32Array;
  /** N × classes, row-major; rows sum to 1. */
  readonly probabilities: Float32Array;
  /** The likeliest class of each row, the first of equals. */
  readonly labels: Int32Array;
}

const defaultStrengths = [1e1, 1, 1e-1, 1e-2, 1e-3, 1e-4];
/** λ where one row per class leaves nothing to validate on. */
const defaultStrength = 1;
/** From here on one held-out fold of thousands of rows ranks the strengths as well as all folds do. */
const singleFoldRows = 10_000;
/** On the gradient's largest entry, per standardised feature: for ranking strengths, and for the probe itself. */
const validationTolerance = 1e-4;
const finalTolerance = 1e-7;

/**
 * Fits L2-regularised softmax regression on standardised features, as linear evaluation does. The strength is the
 * one with the best accuracy in stratified cross-validation, of equals the one nearest to 1: with few labels most are
 * equal, and the strongest of them would predict little but the classes' shares.
 * @param features N × columns, row-major, from the frozen encoder
 * @param labels N classes, 0 … classes − 1; rows with −1 are left out
 * @throws UserError for fewer than two classes, features that are not finite, or strengths that are not positive;
 *   RangeError for features that are no rows, or a label of no class
 */
export function fitProbe(
  features: Float32Array,
  labels: Int32Array,
  classes: number,
  options: ProbeOptions = {},
): Probe {
  const columns = countColumns(features, labels.length);
  const strengths = [...new Set(options.strengths ?? defaultStrengths)].sort((a, b) => b - a);
  if (strengths.length === 0 || !strengths.every((strength) => strength > 0 && Number.isFinite(strength))) {
    throw new UserError(`probe strengths ${strengths.join(', ')}: give positive numbers`);
  }
  requireFinite(features, columns);
  const rows = allRows(labels.length).filter((row) => labels[row]! >= 0);
  const whole = preparePart(features, columns, labels, rows, classes);
  if (whole.present.length < 2) {
    throw new UserError(
      `the probe needs labels of at least two classes but got ${whole.present.length}: label more images`,
    );
  }
  const moments = standardisedMoments(features, columns, rows, whole.standardisation);
  const { groups } = options;
  const folds = Math.min(options.folds ?? 5, smallestSharedClass(whole, groups));
  const parts = (folds < 2 ? [] : stratifiedFolds(labels, folds, options.seed ?? 0, groups))
    .slice(0, rows.length >= singleFoldRows ? 1 : folds)
    .map(({ train, heldOut }) => ({ ...preparePart(features, columns, labels, train, classes), heldOut }))
    .filter(({ present }) => present.length >= 2);

  const [only, ...others] = strengths;
  const start = others.length === 0 ? only! : defaultStrength;
  let chosen = { strength: start, accuracy: -1, curvature: 1 / whole.present.length };
  let curvature = chosen.curvature;
  const validation: { strength: number; accuracy: number }[] = [];
  // Strongest first: each fit starts from its stronger neighbour's.
  for (const strength of parts.length > 0 && others.length > 0 ? strengths : []) {
    const factor = curvatureFactor(moments, columns, curvature, strength);
    const fits = parts.map((part) => {
      const fit = fitSoftmax(
        problemOf(features, part, strength),
        factor,
        part.parameters,
        validationTolerance,
      );
      part.parameters = fit.parameters;
      return fit;
    });
    curvature = fits.reduce((sum, fit) => sum + fit.curvature, 0) / fits.length;
    const accuracy = heldOutAccuracy(features, labels, parts);
    validation.push({ strength, accuracy });
    const nearer = distance(strength) < distance(chosen.strength);
    if (accuracy > chosen.accuracy || (accuracy === chosen.accuracy && nearer))
      chosen = { strength, accuracy, curvature };
  }

  const { strength } = chosen;
  const factor = curvatureFactor(moments, columns, chosen.curvature, strength);
  const fit = fitSoftmax(problemOf(features, whole, strength), factor, whole.parameters, finalTolerance);
  const weights = new Float64Array(classes * columns);
  const bias = new Float64Array(classes).fill(-Infinity);
  whole.present.forEach((label, c) => {
    weights.set(fit.parameters.subarray(c * columns, (c + 1) * columns), label * columns);
    bias[label] = fit.parameters[whole.present.length * columns + c]!;
  });
  return {
    ...{ classes, columns, weights, bias, strength, validation, gradientNorm: fit.gradientNorm },
    ...whole.standardisation,
  };
}

/**
 * Classifies rows by a probe.
 * @param features N × probe.columns, row-major
 * @throws UserError for features that are not finite; RangeError for values that are no rows of the probe's columns
 */
export function predictProbe(probe: Probe, features: Float32Array): Predictions {
  const { classes, columns } = probe;
  const count = features.length / columns;
  if (!Number.isInteger(count)) {
    throw new RangeError(`predictProbe: ${features.length} values are not rows of ${columns} features`);
  }
  requireFinite(features, columns);
  const logits = affineLogits(features, allRows(count), probeHead(probe));
  const probabilities = new Float32Array(logits.length);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const row = logits.subarray(i * classes, (i + 1) * classes);
    labels[i] = largestIndex(row);
    const largest = row[labels[i]!]!;
    const weights = row.map((value) => Math.exp(value - largest));
    const sum = weights.reduce((total, value) => total + value, 0);
    for (let c = 0; c < classes; c++) probabilities[i * classes + c] = weights[c]! / sum;
  }
  return { logits: Float32Array.from(logits), probabilities, labels };
}

/** The probe as a head on raw features. */
export function probeHead(probe: Probe): LinearHead {
  return rawHead(probe.weights, probe.bias, probe);
}

/** The share of rows with a known class (≥ 0) that is predicted right. @throws RangeError where there is none */
export function accuracy(predicted: Int32Array, truth: Int32Array): number {
  let known = 0;
  let right = 0;
  truth.forEach((label, row) => {
    if (label < 0) return;
    known++;
    if (predicted[row] === label) right++;
  });
  if (known === 0) throw new RangeError('accuracy: no row has a known class');
  return right / known;
}

/** How far a strength is from the default one, in powers of ten. */
const distance = (strength: number): number => Math.abs(Math.log10(strength / defaultStrength));

/** Rows to fit, with what depends on them alone. */
interface Part {
  readonly rows: Int32Array;
  /** The classes among the rows, ascending; `labels` are positions in it. */
  readonly present: readonly number[];
  readonly labels: Int32Array;
  readonly standardisation: Standardisation;
  parameters: Float64Array;
}

function preparePart(
  features: Float32Array,
  columns: number,
  labels: Int32Array,
  rows: Int32Array,
  classes: number,
): Part {
  const present = [...new Set(rows.map((row) => labels[row]!))].sort((a, b) => a - b);
  if (present.at(-1)! >= classes)
    throw new RangeError(`fitProbe: label ${present.at(-1)} of ${classes} classes`);
  const position = new Map(present.map((label, index) => [label, index]));
  return {
    rows,
    present,
    labels: rows.map((row) => position.get(labels[row]!)!),
    standardisation: standardise(features, columns, rows),
    parameters: new Float64Array(present.length * (columns + 1)),
  };
}

function problemOf(features: Float32Array, part: Part, strength: number): SoftmaxProblem {
  const { rows, labels, standardisation, present } = part;
  return { features, rows, labels, classes: present.length, standardisation, strength };
}

/** The count of the smallest class of at least two rows, or groups of rows; 0 where there is none. */
function smallestSharedClass({ rows, labels, present }: Part, groups?: Int32Array): number {
  const members = present.map(() => new Set<number>());
  labels.forEach((label, i) => {
    members[label]!.add(groups ? groups[rows[i]!]! : i);
  });
  const counts = members.map(({ size }) => size);
  return counts.reduce((least, count) => (count >= 2 && (least === 0 || count < least) ? count : least), 0);
}

function heldOutAccuracy(
  features: Float32Array,
  labels: Int32Array,
  parts: readonly (Part & { readonly heldOut: Int32Array })[],
): number {
  let right = 0;
  let total = 0;
  for (const { parameters, present, standardisation, heldOut } of parts) {
    const head = fittedHead(parameters, present.length, standardisation);
    const logits = affineLogits(features, heldOut, head);
    heldOut.forEach((row, i) => {
      const best = largestIndex(logits.subarray(i * present.length, (i + 1) * present.length));
      if (present[best] === labels[row]) right++;
    });
    total += heldOut.length;
  }
  return right / total;
}

function countColumns(features: Float32Array, count: number): number {
  const columns = features.length / count;
  if (count === 0 || columns === 0 || !Number.isInteger(columns)) {
    throw new RangeError(`fitProbe: ${features.length} feature values for ${count} labels`);
  }
  return columns;
}
