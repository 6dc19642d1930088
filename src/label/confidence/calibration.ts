import { largestIndex } from '../../numerics/linear_algebra.ts';

/** One bin of a reliability diagram: predictions whose confidence lies in [low, high). */
export interface ReliabilityBin {
  /** Least confidence of the bin. */
  readonly low: number;
  /** Largest confidence of the bin. */
  readonly high: number;
  /** Predictions in the bin. */
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
 * @returns T > 0; 1 where no row says anything
 */
export function fitTemperature(logits: Float32Array, labels: Int32Array, classes: number): number {
  const rows: number[] = [];
  let spread = 0;
  labels.forEach((label, row) => {
    if (label < 0 || logits[row * classes + label] === -Infinity) return;
    const finite = logits.subarray(row * classes, (row + 1) * classes).filter((logit) => logit !== -Infinity);
    rows.push(row);
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
      const first = index * classes;
      const own = logits[first + labels[index]!]!;
      let largest = 0;
      for (let k = 0; k < classes; k++) {
        const p = row[k]!;
        if (p > 0) slope += p * (logits[first + k]! - own);
        if (p > largest) largest = p;
      }
      confidence += largest;
    }
    return slope > 0 || confidence > rows.length * (1 - 1 / (rows.length + 2));
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
 */
export function reliability(
  probabilities: Float32Array,
  labels: Int32Array,
  classes: number,
  bins = 10,
): Reliability {
  const confidences: number[] = [];
  const correct: boolean[] = [];
  let logLoss = 0;
  labels.forEach((label, row) => {
    if (label < 0) return;
    const own = probabilities.subarray(row * classes, (row + 1) * classes);
    const predicted = largestIndex(own);
    confidences.push(own[predicted]!);
    correct.push(predicted === label);
    logLoss -= Math.log(Math.max(leastProbability, own[label]!));
  });
  return {
    ...confidenceReliability(confidences, correct, bins),
    logLoss: logLoss / Math.max(1, confidences.length),
  };
}

/**
 * How confidence compares with how often it is right, where of each row nothing else is known (see `reliability`).
 * @param bins number of bins of equal width; each holds its lower edge, the last one both
 */
export function confidenceReliability(
  confidences: readonly number[],
  correct: readonly boolean[],
  bins = 10,
): ConfidenceReliability {
  const sums = Array.from({ length: bins }, () => ({ count: 0, confidence: 0, right: 0 }));
  confidences.forEach((confidence, row) => {
    const bin = sums[Math.min(bins - 1, Math.floor(confidence * bins))]!;
    bin.count++;
    bin.confidence += confidence;
    if (correct[row]) bin.right++;
  });
  const filled = (bin: { count: number }) => Math.max(1, bin.count);
  return {
    expectedError:
      sums.reduce((sum, bin) => sum + Math.abs(bin.right - bin.confidence), 0) /
      Math.max(1, confidences.length),
    bins: sums.map((bin, index) => ({
      low: index / bins,
      high: (index + 1) / bins,
      count: bin.count,
      confidence: bin.confidence / filled(bin),
      accuracy: bin.right / filled(bin),
    })),
  };
}

/** Fits the temperature on out-of-fold logits and says how reliable they are without and with it; see `reliability`. */
export function calibrate(logits: Float32Array, labels: Int32Array, classes: number, bins = 10): Calibration {
  const temperature = fitTemperature(logits, labels, classes);
  const at = (t: number) => reliability(calibratedProbabilities(logits, classes, t), labels, classes, bins);
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
