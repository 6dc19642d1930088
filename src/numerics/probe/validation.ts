import { allRows, largestIndex } from '../linear_algebra.ts';
import { affineLogits } from '../linear_head.ts';
import { CurvatureModel, spanCoordinates } from '../softmax/preconditioner.ts';
import { fitSoftmax, fittedHead, type SoftmaxProblem } from '../softmax/regression.ts';
import { standardisedRows } from '../standardisation.ts';
import type { Fold } from '../stratified_folds.ts';
import { type FeatureScaling, scaleRows } from './feature_scaling.ts';
import type { Population } from './population.ts';

/** Rows that all have a class, and how they are split. */
export interface ValidationRows {
  /** N × columns, row-major. */
  readonly features: Float32Array;
  /** Features of a row. */
  readonly columns: number;
  /** N classes, none −1. */
  readonly labels: Int32Array;
  /** Numbers of rows; in each at least two classes to learn. */
  readonly folds: readonly Fold[];
  /** For `unit+covariance`: the images in whose directions rows are weighted. */
  readonly population?: Population | undefined;
}

/** A way to fit a probe, and how well it does on rows that it has not seen. */
export interface Trial {
  /** What the features were brought to. */
  readonly scaling: FeatureScaling;
  /** λ of the fits. */
  readonly strength: number;
  /** Share of the held-out rows that are told right. */
  readonly accuracy: number;
  /** 1 for each row that is told right while held out. */
  readonly right: Uint8Array;
}

/** On the gradient's largest entry, per standardised feature: ranking asks for no more. */
const tolerance = 1e-4;

/**
 * Cross-validates a probe with one scaling at some strengths. Means and deviations are those of all rows together,
 * which know nothing of the held-out rows' classes: one set of coordinates then serves all folds.
 * @param strengths strongest first: each fit starts from its stronger neighbour's
 */
export function tryStrengths(
  { features, columns, labels, folds, population }: ValidationRows,
  scaling: FeatureScaling,
  strengths: readonly number[],
): Trial[] {
  const rows = allRows(labels.length);
  const scaled = scaleRows(scaling, features, columns, rows, population);
  const standardised = standardisedRows(scaled.features, scaled.columns, rows, scaled.standardisation);
  const { values, columns: width } = spanCoordinates(standardised, scaled.columns);
  const model = new CurvatureModel(values, width);
  const parts = folds.map((fold) => new TrialFold(values, width, labels, fold));
  let curvature = 1 / new Set(labels).size;
  return strengths.map((strength) => {
    const precondition = model.preconditioner(curvature, strength);
    const right = new Uint8Array(labels.length);
    const curvatures = parts.map((part) => part.fit(strength, precondition, right));
    curvature = curvatures.reduce((sum, value) => sum + value, 0) / parts.length;
    const total = parts.reduce((sum, { heldOut }) => sum + heldOut.length, 0);
    const count = right.reduce((sum, value) => sum + value, 0);
    return { scaling, strength, accuracy: count / total, right };
  });
}

/** One fold, with what its latest fit found. */
class TrialFold {
  readonly heldOut: Int32Array;
  readonly #problem: Omit<SoftmaxProblem, 'strength'>;
  /** The classes that there are to learn, ascending; the problem's labels are places among them. */
  readonly #present: readonly number[];
  readonly #labels: Int32Array;
  #parameters: Float64Array;

  constructor(values: Float32Array, width: number, labels: Int32Array, { train, heldOut }: Fold) {
    const present = [...new Set(train.map((row) => labels[row]!))].sort((a, b) => a - b);
    const place = new Map(present.map((label, at) => [label, at]));
    this.heldOut = heldOut;
    this.#present = present;
    this.#labels = labels;
    this.#problem = {
      features: values,
      rows: train,
      labels: train.map((row) => place.get(labels[row]!)!),
      classes: present.length,
      standardisation: { mean: new Float64Array(width), inverseStd: new Float64Array(width).fill(1) },
    };
    this.#parameters = new Float64Array(present.length * (width + 1));
  }

  /** Marks the held-out rows that are told right; returns the fit's curvature. */
  fit(
    strength: number,
    precondition: ReturnType<CurvatureModel['preconditioner']>,
    right: Uint8Array,
  ): number {
    const problem = { ...this.#problem, strength };
    const present = this.#present;
    const fit = fitSoftmax(problem, precondition, this.#parameters, tolerance);
    this.#parameters = fit.parameters;
    const head = fittedHead(fit.parameters, present.length, problem.standardisation);
    const logits = affineLogits(problem.features, this.heldOut, head);
    this.heldOut.forEach((row, i) => {
      const best = largestIndex(logits.subarray(i * present.length, (i + 1) * present.length));
      right[row] = present[best] === this.#labels[row] ? 1 : 0;
    });
    return fit.curvature;
  }
}
