import { outerProducts } from '../linear_algebra.ts';
import { affineLogits, type LinearHead } from '../linear_head.ts';
import { rawHead, type Standardisation } from '../standardisation.ts';
import { searchLine } from './line_search.ts';
import type { Preconditioner } from './preconditioner.ts';

/**
 * L2-regularised multinomial logistic regression on standardised features,
 * J(W, b) = 1/N Σ_i −log softmax(W x̂_i + b)[y_i] + λ/2 ‖W‖², the bias free, x̂ = (x − mean) · inverseStd.
 * The features stay raw and float32: standardising is moved into the weights, V = W · inverseStd, and back out of
 * the gradient, so that cross-validation copies nothing and the arithmetic is float64 throughout.
 */
export interface SoftmaxProblem {
  /** Raw features, row-major, as many rows as `rows` may name. */
  readonly features: Float32Array;
  /** The N rows to fit. */
  readonly rows: Int32Array;
  /** For each entry of `rows` its class, 0 … classes − 1; every class should occur. */
  readonly labels: Int32Array;
  /** How many classes there are. */
  readonly classes: number;
  /** What features are brought to before the fit sees them. */
  readonly standardisation: Standardisation;
  /** λ */
  readonly strength: number;
}

/** Where the minimisation ended. */
export interface SoftmaxFit {
  /** W (classes × columns, row-major), then b (classes). */
  readonly parameters: Float64Array;
  /** The largest magnitude among the gradient's entries at the end. */
  readonly gradientNorm: number;
  /** Mean over the rows of (1 − Σ_c p_c²)/(classes − 1): 1/classes where p is uniform, 0 where it is certain. */
  readonly curvature: number;
}

/** How many (step, gradient change) pairs L-BFGS keeps; 5 to 20 are usual. */
const memory = 10;
const mostIterations = 1000;

/**
 * Minimises J by preconditioned L-BFGS (Nocedal & Wright, Numerical Optimization, algorithm 7.4).
 * @param solve from a `CurvatureModel`; any positive definite one leads to the same minimum
 * @param start parameters to begin from: zeros, or the fit at a neighbouring strength
 * @param tolerance the fit ends once no entry of the gradient is larger
 */
export function fitSoftmax(
  problem: SoftmaxProblem,
  solve: Preconditioner,
  start: Float64Array,
  tolerance: number,
): SoftmaxFit {
  const { classes, strength } = problem;
  const weightCount = start.length - classes;
  const parameters = start.slice();
  const logits = linearLogits(problem, parameters);
  const residuals = new Float64Array(logits.length);
  let gradient = new Float64Array(start.length);
  const history: Correction[] = [];
  const precondition = (vector: Float64Array) => {
    solve(vector.subarray(0, weightCount));
    // The bias's own curvature is κ; it is uncorrelated with standardised features, and L-BFGS soon learns it.
    for (let j = weightCount; j < vector.length; j++) vector[j]! *= classes;
  };

  for (let iterations = 0; ; iterations++) {
    const curvature = lossResiduals(problem, logits, residuals);
    const previous = gradient;
    gradient = lossGradient(problem, parameters, residuals);
    const gradientNorm = gradient.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    const latest = history.at(-1);
    if (latest) {
      for (let j = 0; j < gradient.length; j++) latest.gradientChange[j] = gradient[j]! - previous[j]!;
      latest.product = dot(latest.step, latest.gradientChange);
      // J is strictly convex in W, so only rounding can lose the positive curvature that the update needs.
      if (!(latest.product > 0)) history.pop();
    }
    if (gradientNorm <= tolerance || iterations === mostIterations) {
      return { parameters, gradientNorm, curvature };
    }
    const step = searchDirection(history, gradient, precondition);
    const change = linearLogits(problem, step);
    const length = searchLine(problem, logits, change, {
      linear: strength * dot(parameters, step, weightCount),
      quadratic: strength * dot(step, step, weightCount),
    });
    // No length lowers J any more: rounding, not the tolerance, is the limit.
    if (length === 0) return { parameters, gradientNorm, curvature };
    for (let j = 0; j < step.length; j++) {
      step[j] = length * step[j]!;
      parameters[j]! += step[j]!;
    }
    for (let i = 0; i < logits.length; i++) logits[i]! += length * change[i]!;
    history.push({ step, gradientChange: new Float64Array(step.length), product: 0 });
    if (history.length > memory) history.shift();
  }
}

/**
 * The parameters of a fit as a head on raw features.
 * @param parameters W (classes × columns, row-major), then b (classes), on standardised features
 */
export function fittedHead(
  parameters: Float64Array,
  classes: number,
  standardisation: Standardisation,
): LinearHead {
  const weightCount = parameters.length - classes;
  return rawHead(parameters.subarray(0, weightCount), parameters.subarray(weightCount), standardisation);
}

function linearLogits(problem: SoftmaxProblem, parameters: Float64Array): Float64Array {
  const { features, rows, classes, standardisation } = problem;
  return affineLogits(features, rows, fittedHead(parameters, classes, standardisation));
}

/** ∂J/∂logits, (p − onehot(y))/N; returns the mean curvature (see `SoftmaxFit`). */
function lossResiduals({ labels, classes }: SoftmaxProblem, logits: Float64Array, out: Float64Array): number {
  const count = labels.length;
  let squares = 0;
  for (let i = 0; i < count; i++) {
    const at = i * classes;
    let largest = -Infinity;
    for (let c = 0; c < classes; c++) largest = Math.max(largest, logits[at + c]!);
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += out[at + c] = Math.exp(logits[at + c]! - largest);
    for (let c = 0; c < classes; c++) {
      const probability = out[at + c]! / sum;
      squares += probability * probability;
      out[at + c] = (probability - (labels[i] === c ? 1 : 0)) / count;
    }
  }
  return (1 - squares / count) / (classes - 1);
}

/** ∂J/∂(W, b) from ∂J/∂logits: (RᵀX − (Rᵀ1) meanᵀ) · inverseStd + λW, and Rᵀ1. */
function lossGradient(
  problem: SoftmaxProblem,
  parameters: Float64Array,
  residuals: Float64Array,
): Float64Array<ArrayBuffer> {
  const { features, rows, classes, strength } = problem;
  const { mean, inverseStd } = problem.standardisation;
  const columns = mean.length;
  const gradient = new Float64Array(parameters.length);
  const bias = gradient.subarray(classes * columns);
  outerProducts(features, rows, residuals, columns, gradient.subarray(0, classes * columns));
  for (let i = 0; i < residuals.length; i++) bias[i % classes]! += residuals[i]!;
  for (let c = 0; c < classes; c++) {
    for (let j = 0; j < columns; j++) {
      const at = c * columns + j;
      gradient[at] = (gradient[at]! - bias[c]! * mean[j]!) * inverseStd[j]! + strength * parameters[at]!;
    }
  }
  return gradient;
}

interface Correction {
  readonly step: Float64Array;
  readonly gradientChange: Float64Array;
  /** step · gradientChange */
  product: number;
}

/** −H·gradient by the two-loop recursion, H starting from the preconditioner. */
function searchDirection(
  history: readonly Correction[],
  gradient: Float64Array,
  precondition: (vector: Float64Array) => void,
): Float64Array {
  const direction = gradient.map((value) => -value);
  const shares = new Float64Array(history.length);
  for (let h = history.length - 1; h >= 0; h--) {
    const { step, gradientChange, product } = history[h]!;
    const share = (shares[h] = dot(step, direction) / product);
    for (let j = 0; j < direction.length; j++) direction[j]! -= share * gradientChange[j]!;
  }
  precondition(direction);
  for (let h = 0; h < history.length; h++) {
    const { step, gradientChange, product } = history[h]!;
    const share = shares[h]! - dot(gradientChange, direction) / product;
    for (let j = 0; j < direction.length; j++) direction[j]! += share * step[j]!;
  }
  return direction;
}

function dot(a: Float64Array, b: Float64Array, count = a.length): number {
  let sum = 0;
  for (let j = 0; j < count; j++) sum += a[j]! * b[j]!;
  return sum;
}
