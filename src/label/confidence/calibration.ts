import { largestIndex } from '../../numerics/linear_algebra.ts';

/** One bin of a reliability diagram: predictions whose confidence lies in [low, high). */
export interface ReliabilityBin {
  /** Least confidence of the bin. */
  readonly low: number;
  /** Largest confidence of the bin. */
  readonly high: number;
  /** Predictions in the bin; where some count less than others the sum of what they count, in part a fraction. */
  readonly count: number;
  /** Mean confidence of the bin's predictions; 0 where it is empty. */
  readonly confidence: number;
  /** Share of the bin's predictions that are right; 0 where it is empty. */
  readonly accuracy: number;
}

/** How far stated confidence and reached accuracy lie apart. */
export interface ConfidenceReliability {
  /** Expected calibration error: Σ count/N · |accuracy − confidence|. */
  readonly expectedError: number;
  /** Bins of equal width, from the least confidence on. */
  readonly bins: readonly ReliabilityBin[];
}

/** How reliable stated probabilities are, by their confidence and by all that they say. */
export interface Reliability extends ConfidenceReliability {
  /** Mean −log probability of the truth. */
  readonly logLoss: number;
}

/** Out-of-fold reliability with the logits as they are, and divided by the temperature that fits best. */
export interface Calibration {
  /** What logits are divided by before the softmax. */
  readonly temperature: number;
  /** Reliability at temperature 1. */
  readonly before: Reliability;
  /** Reliability at the fitted temperature. */
  readonly after: Reliability;
}

/** No probability counts as less than this, half a float32 step below 1: one impossible truth leaves the loss finite. */
const leastProbability = 2 ** -24;

/**
 * The temperature T that minimises the mean of −log softmax(logits / T)[label] (Guo et al. 2017, arXiv 1706.04599), a
 * convex problem in 1/T.
 *
 * T is kept where the n rows support it. Where the labels are perfectly separated, or nearly, the minimum lies at T = 0:
 * there T is the least at which the mean confidence does not exceed 1 − 1/(n + 2), Laplace's estimate of what n right
 * predictions show. Where the logits say nothing or the opposite of the truth, T is at most 100 times the mean
 * spread of a row's logits, which is all but uniform. A row whose own class has the logit −∞ (a fold without that
 * class) is impossible at every temperature and left out, as are rows of label −1.
 * @param logits rows × classes; −∞ for classes that a row's model did not know
 * @param weights what each row counts, 1 by default; n is then their sum
 * @returns T > 0; 1 where no row says anything
 */
export function fitTemperature(
  logits: Float32Array,
  labels: Int32Array,
  classes: number,
  weights?: Float64Array,
): number {
  const weightOf = (row: number) => weights?.[row] ?? 1;
  const rows: number[] = [];
  let spread = 0;
  let n = 0;
  labels.forEach((label, row) => {
    if (label < 0 || logits[row * classes + label] === -Infinity) return;
    const finite = logits.subarray(row * classes, (row + 1) * classes).filter((logit) => logit !== -Infinity);
    rows.push(row);
    n += weightOf(row);
    spread += Math.max(...finite) - Math.min(...finite);
  });
  if (spread === 0) return 1;
  spread /= rows.length;

  const row = new Float64Array(classes);
  // Both the slope of the loss in 1/T and the mean confidence grow with 1/T.
  const tooSharp = (temperature: number) => {
    let slope = 0;
    let confidence = 0;
    for (const index of rows) {
      softmaxRow(logits, index, temperature, row);
      const weight = weightOf(index);
      const first = index * classes;
      const own = logits[first + labels[index]!]!;
      let largest = 0;
      for (let k = 0; k < classes; k++) {
        const p = row[k]!;
        if (p > 0) slope += weight * p * (logits[first + k]! - own);
        if (p > largest) largest = p;
      }
      confidence += weight * largest;
    }
    return slope > 0 || confidence > n * (1 - 1 / (n + 2));
  };
  let low = Math.log(spread / 1e4);
  let high = Math.log(spread * 100);
  // Each pass halves an interval of e^14: 40 leave 1e-11 of T.
  for (let pass = 0; pass < 40; pass++) {
    const middle = (low + high) / 2;
    if (tooSharp(Math.exp(middle))) low = middle;
    else high = middle;
  }
  return Math.exp(high);
}

/**
 * softmax(logits / temperature), row by row.
 * @param logits rows × classes; a row of −∞ alone becomes uniform
 * @returns rows × classes
 */
export function calibratedProbabilities(
  logits: Float32Array,
  classes: number,
  temperature: number,
): Float32Array {
  const probabilities = new Float32Array(logits.length);
  const row = new Float64Array(classes);
  for (let index = 0; index < logits.length / classes; index++) {
    softmaxRow(logits, index, temperature, row);
    probabilities.set(row, index * classes);
  }
  return probabilities;
}

/**
 * How the confidence (the largest probability of a row) compares with how often it is right.
 * @param probabilities rows × classes
 * @param labels the truth; rows of −1 are left out
 * @param bins number of bins of equal width; each holds its lower edge, the last one both
 * @param weights what each row counts, 1 by default
 */
export function reliability(
  probabilities: Float32Array,
  labels: Int32Array,
  classes: number,
  bins = 10,
  weights?: Float64Array,
): Reliability {
  const confidences: number[] = [];
  const correct: boolean[] = [];
  const counted: number[] = [];
  let logLoss = 0;
  labels.forEach((label, row) => {
    if (label < 0) return;
    const own = probabilities.subarray(row * classes, (row + 1) * classes);
    const predicted = largestIndex(own);
    confidences.push(own[predicted]!);
    correct.push(predicted === label);
    const weight = weights?.[row] ?? 1;
    counted.push(weight);
    logLoss -= weight * Math.log(Math.max(leastProbability, own[label]!));
  });
  return {
    ...confidenceReliability(confidences, correct, bins, counted),
    logLoss: logLoss / (sum(counted) || 1),
  };
}

/**
 * How confidence compares with how often it is right, where of each row nothing else is known (see `reliability`).
 * @param bins number of bins of equal width; each holds its lower edge, the last one both
 * @param weights what each row counts, 1 by default
 */
export function confidenceReliability(
  confidences: readonly number[],
  correct: readonly boolean[],
  bins = 10,
  weights: readonly number[] = confidences.map(() => 1),
): ConfidenceReliability {
  const sums = Array.from({ length: bins }, () => ({ count: 0, confidence: 0, right: 0 }));
  confidences.forEach((confidence, row) => {
    const bin = sums[Math.min(bins - 1, Math.floor(confidence * bins))]!;
    const weight = weights[row]!;
    bin.count += weight;
    bin.confidence += weight * confidence;
    if (correct[row]) bin.right += weight;
  });
  const filled = (bin: { count: number }) => bin.count || 1;
  return {
    expectedError: sum(sums.map((bin) => Math.abs(bin.right - bin.confidence))) / (sum(weights) || 1),
    bins: sums.map((bin, index) => ({
      low: index / bins,
      high: (index + 1) / bins,
      count: bin.count,
      confidence: bin.confidence / filled(bin),
      accuracy: bin.right / filled(bin),
    })),
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Fits the temperature on out-of-fold logits and says how reliable they are without and with it; see `reliability`. */
export function calibrate(
  logits: Float32Array,
  labels: Int32Array,
  classes: number,
  bins = 10,
  weights?: Float64Array,
): Calibration {
  const temperature = fitTemperature(logits, labels, classes, weights);
  const at = (t: number) =>
    reliability(calibratedProbabilities(logits, classes, t), labels, classes, bins, weights);
  return { temperature, before: at(1), after: at(temperature) };
}

/** softmax(row of logits / temperature) into `out`. */
function softmaxRow(logits: Float32Array, row: number, temperature: number, out: Float64Array) {
  const classes = out.length;
  let largest = -Infinity;
  for (let k = 0; k < classes; k++) {
    const logit = logits[row * classes + k]!;
    if (!(logit < Infinity)) throw new Error(`the logit of row ${row}, class ${k} is ${logit}`);
    if (logit > largest) largest = logit;
  }
  if (largest === -Infinity) {
    out.fill(1 / classes);
    return;
  }
  let sum = 0;
  for (let k = 0; k < classes; k++) {
    out[k] = Math.exp((logits[row * classes + k]! - largest) / temperature);
    sum += out[k]!;
  }
  for (let k = 0; k < classes; k++) out[k]! /= sum;
}
