import { UserError } from '../../errors.ts';
import { requireFinite } from '../feature_rows.ts';
import { allRows, largestIndex } from '../linear_algebra.ts';
import { affineLogits, type LinearHead } from '../linear_head.ts';
import { CurvatureModel } from '../softmax/preconditioner.ts';
import { fitSoftmax } from '../softmax/regression.ts';
import { rawHead, type Standardisation, standardisedRows } from '../standardisation.ts';
import { type ChoiceRows, chooseRows, chooseTrial } from './choice.ts';
import { type FeatureScaling, isUnitLength, scaleRows } from './feature_scaling.ts';
import type { Population } from './population.ts';
import { usualStrength, usualStrengths } from './strength.ts';
import type { Trial } from './validation.ts';

/** A linear classifier on frozen features: logits = W x̂ + b with x̂ = (x − mean) · inverseStd. */
export interface Probe extends Standardisation {
  /** How many classes there are. */
  readonly classes: number;
  /** Features of a row. */
  readonly columns: number;
  /** What features are brought to; where it is a unit length, x is the row at length 1. */
  readonly scaling: FeatureScaling;
  /** classes × columns, row-major. */
  readonly weights: Float64Array;
  /** A class without a training row has weights 0 and bias −∞: it is never predicted. */
  readonly bias: Float64Array;
  /** λ of the fit. */
  readonly strength: number;
  /** At each strength tried, strongest first; empty where no class has two rows, or nothing was to be chosen. */
  readonly validation: readonly ProbeScore[];
  /** Of each scaling tried its best, on 500 rows where there are more; empty where `validation` is. */
  readonly scalings: readonly ProbeScore[];
  /** The final fit's largest gradient entry, at most 1e-7 unless rounding or the iteration limit ended it. */
  readonly gradientNorm: number;
}

/** How well a way to fit a probe does in cross-validation. */
export interface ProbeScore {
  /** What features are brought to. */
  readonly scaling: FeatureScaling;
  /** λ of the fits. */
  readonly strength: number;
  /** Share of the held-out rows that are told right. */
  readonly accuracy: number;
}

/** How a probe's scaling and strength are chosen. */
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
   * Strengths λ to choose from; by default `usualStrengths`: from nearest class mean to nearly none.
   */
  readonly strengths?: readonly number[];
  /**
   * Scalings to choose from; the first stays unless another is clearly better. By default all that need no population,
   * `unit` first; with a population and few labels `unit+covariance` before them.
   */
  readonly scalings?: readonly FeatureScaling[];
  /** The images that the classifier is for, labelled or not: what `unit+covariance` weights by. */
  readonly population?: Population | undefined;
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

/**
 * The first is kept where none is clearly better. With 10 labels of cats and dogs each, unit length is 1 to 2 points more
 * accurate than standardised columns on the features of three convolutional networks, whose lengths say how much of an
 * image is in contrast; with more labels, or more classes, the two are within half a point.
 */
const defaultScalings: readonly FeatureScaling[] = ['unit', 'standardised', 'unit+standardised', 'raw'];
/**
 * Up to so many labels, of up to so many classes, what all images say of the directions is worth more than what the labels
 * say of the choice. Over draws of photos, of chest X-rays and of two to five classes of CIFAR-10 and CIFAR-100, with
 * features of three networks, `unit+covariance` was on average 1.5 points more accurate than `unit` with 4 to 20 labels
 * (best +5, worst −0.7); with 40 to 100 labels, ten classes or single labels of thirty it was as often worse.
 */
const [fewLabels, fewClasses] = [24, 5];
/** On the gradient's largest entry, per scaled feature. */
const tolerance = 1e-7;

/**
 * Fits L2-regularised softmax regression on scaled features, as linear evaluation does; `chooseTrial` chooses scaling and
 * strength among those offered.
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
  const { folds = 5, seed = 0, population } = options;
  if (options.strengths) requireStrengths(options.strengths);
  requireFinite(features, columns);
  const known = knownRows({ features, columns, labels, groups: options.groups, population });
  const present = [...new Set(known.labels)].sort((a, b) => a - b);
  if (present.length > 0 && present.at(-1)! >= classes) {
    throw new RangeError(`fitProbe: label ${present.at(-1)} of ${classes} classes`);
  }
  if (present.length < 2) {
    throw new UserError(
      `the probe needs labels of at least two classes but got ${present.length}: label more images`,
    );
  }
  const usual = usualStrength(present.length);
  const scalings = options.scalings ?? usualScalings(known);
  const strengths = [...new Set(options.strengths ?? usualStrengths(present.length))].sort((a, b) => b - a);
  const choice = chooseTrial(known, { scalings, strengths, usual, folds, seed });
  const { scaling, strength } = choice?.chosen ?? {
    scaling: scalings[0]!,
    strength: strengths.length === 1 ? strengths[0]! : usual,
  };

  const rows = allRows(known.labels.length);
  const scaled = scaleRows(scaling, known.features, columns, rows, population);
  const { features: seen, columns: width, standardisation } = scaled;
  const model = new CurvatureModel(standardisedRows(seen, width, rows, standardisation), width);
  const place = new Map(present.map((label, at) => [label, at]));
  const fit = fitSoftmax(
    {
      features: seen,
      rows,
      labels: known.labels.map((label) => place.get(label)!),
      classes: present.length,
      standardisation,
      strength,
    },
    model.preconditioner(1 / present.length, strength),
    new Float64Array(present.length * (width + 1)),
    tolerance,
  );
  const fitted = fit.parameters.subarray(0, present.length * width);
  const own = scaled.unweighted?.weights(fitted) ?? fitted;
  const weights = new Float64Array(classes * columns);
  const bias = new Float64Array(classes).fill(-Infinity);
  present.forEach((label, c) => {
    weights.set(own.subarray(c * columns, (c + 1) * columns), label * columns);
    bias[label] = fit.parameters[present.length * width + c]!;
  });
  const figures = (trials: readonly Trial[] = []) =>
    trials.map(({ scaling: of, strength: at, accuracy: reached }) => ({
      scaling: of,
      strength: at,
      accuracy: reached,
    }));
  return {
    ...{ classes, columns, scaling, weights, bias, strength, gradientNorm: fit.gradientNorm },
    validation: figures(choice?.strengths),
    scalings: figures(choice?.scalings),
    ...(scaled.unweighted?.standardisation ?? standardisation),
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
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp(row[c]! - largest);
    for (let c = 0; c < classes; c++) probabilities[i * classes + c] = Math.exp(row[c]! - largest) / sum;
  }
  return { logits: Float32Array.from(logits), probabilities, labels };
}

/** The probe as a head on raw features, which it brings to length 1 itself where the probe's scaling does. */
export function probeHead(probe: Probe): LinearHead {
  const head = rawHead(probe.weights, probe.bias, probe);
  return isUnitLength(probe.scaling) ? { ...head, unitLength: true } : head;
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

/** The rows with a class; a copy only where some have none. */
function knownRows(all: ChoiceRows): ChoiceRows {
  const { labels } = all;
  const rows = allRows(labels.length).filter((row) => labels[row]! >= 0);
  return rows.length === labels.length ? all : chooseRows(all, rows);
}

/** What is offered where nothing is asked for. */
function usualScalings({ labels, population }: ChoiceRows): readonly FeatureScaling[] {
  if (!population || labels.length > fewLabels) return defaultScalings;
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const lone = [...counts.values()].some((count) => count < 2);
  return lone || counts.size > fewClasses ? defaultScalings : ['unit+covariance', ...defaultScalings];
}

function requireStrengths(strengths: readonly number[]): void {
  if (strengths.length > 0 && strengths.every((strength) => strength > 0 && Number.isFinite(strength)))
    return;
  throw new UserError(`probe strengths ${strengths.join(', ')}: give positive numbers`);
}

function countColumns(features: Float32Array, count: number): number {
  const columns = features.length / count;
  if (count === 0 || columns === 0 || !Number.isInteger(columns)) {
    throw new RangeError(`fitProbe: ${features.length} feature values for ${count} labels`);
  }
  return columns;
}
