import { logGamma } from '../../numerics/incomplete_beta.ts';
import { betaDraw, dirichletDraw } from '../../numerics/sampling/gamma_draws.ts';
import { Random, streams } from '../../random.ts';

/** What class shares are estimated from. */
export interface ShareInputs {
  /** `confusion[truth][predicted]`: out-of-fold predictions of the labelled images, a group counting 1 in all. */
  readonly confusion: readonly ArrayLike<number>[];
  /** How many of the images of unknown class, or of their groups, are predicted as each class. */
  readonly predicted: ArrayLike<number>;
}

/** Shares of the classes among images of unknown class, and what is left open about them. */
export interface ClassShares {
  /** Mean of what is likely, by class; they sum to 1. */
  readonly mean: Float64Array;
  /** 95% interval of each class's share. */
  readonly intervals: readonly (readonly [number, number])[];
  /** How likely it is that the labelled images are a random sample of all, judged by class shares alone, 0 … 1. */
  readonly sampled: number;
  /** What is likely, each as likely as the others: shares that belong together, by class. */
  readonly draws: readonly Float64Array[];
  /** The recall of each class that goes with each of the draws. */
  readonly recalls: readonly Float64Array[];
}

/** What a row of the confusion matrix is worth before anything is seen: about one label. */
const priorLabels = 1;
/** Images of unknown class beyond so many times the labels add nothing: the labels leave more open. */
const mostPerLabel = 15;
const keptDraws = 800;
/** Steps of the sampler, image by image and class by class, at most about. */
const mostWork = 2e8;

/**
 * Class shares behind predictions that confuse classes: what confusion matrix and shares are likely, given what was
 * predicted of the labelled images and how often each class is predicted of the others (Ziegler & Czyż 2023, 'Bayesian
 * quantification with black-box estimators', arXiv 2302.09159; the adjusted counts of Buonaccorsi 2010 and Lipton et
 * al. 2018, with their uncertainty). It assumes that images of a class look alike in both parts, and nothing of their
 * shares; unless those among the labels agree with what is predicted: then the labels may well be a random sample of all,
 * and this is weighed as a second hypothesis, as likely as the other before anything is seen.
 *
 * Gibbs sampling of each image's class, everything else integrated out. A class without labels has the share 0.
 * @param seed of the sampler
 */
export function classShares({ confusion, predicted }: ShareInputs, seed: number): ClassShares {
  const classes = predicted.length;
  const labelled = Float64Array.from(confusion, (row) => sum(row));
  const known = [...labelled.keys()].filter((label) => labelled[label]! > 0);
  const random = new Random(seed, streams.shares);
  const items = itemsOf(predicted, mostPerLabel * sum(labelled));
  const prior = rowPriors(confusion, labelled);
  // By predicted class, then by true one: a step looks at the true classes of one prediction.
  const counts = new Float64Array(classes * classes);
  for (let j = 0; j < classes; j++)
    for (let k = 0; k < classes; k++) counts[j * classes + k] = confusion[k]![j]! + prior[k]![j]!;
  const totals = labelled.map((count) => count + priorLabels);
  const uniform = labelled.map((count) => (count > 0 ? 1 : 0));
  const alike = labelled.map((count) => (count > 0 ? 1 + count : 0));
  const likelihood = (alpha: Float64Array) =>
    known.reduce((value, k) => value + logGamma(alpha[k]! + of[k]!) - logGamma(alpha[k]!), 0) +
    logGamma(sum(alpha)) -
    logGamma(sum(alpha) + items.length);

  const truth = new Int32Array(items.length);
  const of = new Float64Array(classes);
  const weights = new Float64Array(classes);
  const put = (i: number, k: number, by: number) => {
    counts[items[i]! * classes + k]! += by;
    totals[k]! += by;
    of[k]! += by;
  };
  /** Draws an image's class, of which `alpha` and the images drawn before have so many of each, and counts it. */
  const draw = (i: number, alpha: Float64Array, before: Float64Array) => {
    const column = items[i]! * classes;
    let all = 0;
    for (let at = 0; at < known.length; at++) {
      const k = known[at]!;
      all += weights[at] = ((alpha[k]! + before[k]!) * counts[column + k]!) / totals[k]!;
    }
    let left = random.next() * all;
    let at = 0;
    while (at < known.length - 1 && (left -= weights[at]!) >= 0) at++;
    truth[i] = known[at]!;
    put(i, known[at]!, 1);
  };
  const sweeps = Math.max(200, Math.min(2000, Math.floor(mostWork / (items.length * known.length + 1))));
  const right = (k: number) => counts[k * classes + k]!;
  const every = Math.max(1, Math.floor((0.8 * sweeps) / keptDraws));
  const draws: Float64Array[] = [];
  const recalls: Float64Array[] = [];
  let [alpha, same, kept] = [alike, 0, 0];
  const none = new Float64Array(classes);
  for (let i = 0; i < items.length; i++) draw(i, labelled, none);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (let i = 0; i < items.length; i++) {
      put(i, truth[i]!, -1);
      draw(i, alpha, of);
    }
    const chance = 1 / (1 + Math.exp(likelihood(uniform) - likelihood(alike)));
    alpha = random.next() < chance ? alike : uniform;
    if (sweep < 0.2 * sweeps || sweep % every > 0) continue;
    same += chance;
    kept++;
    draws.push(
      dirichletDraw(
        random,
        of.map((count, k) => count + alpha[k]!),
      ),
    );
    recalls.push(totals.map((all, k) => betaDraw(random, right(k), all - right(k))));
  }
  return { ...summary(draws), sampled: same / kept, draws, recalls };
}

/** Mean and 95% interval of each class's share over the draws. */
function summary(draws: readonly Float64Array[]): Pick<ClassShares, 'mean' | 'intervals'> {
  const mean = draws[0]!.map((_, k) => sum(draws.map((draw) => draw[k]!)) / draws.length);
  const intervals = Array.from(mean, (_, k): [number, number] => {
    const sorted = Float64Array.from(draws, (draw) => draw[k]!).sort();
    const at = (level: number) => sorted[Math.round(level * (sorted.length - 1))]!;
    return [at(0.025), at(0.975)];
  });
  return { mean, intervals };
}

/**
 * What is expected of a class before its labels are seen, as counts: that it is told as often as labels on the whole
 * are, and otherwise taken for the others as often as these are predicted.
 */
function rowPriors(confusion: ShareInputs['confusion'], labelled: Float64Array): Float64Array[] {
  const classes = labelled.length;
  const all = sum(labelled);
  const right = confusion.reduce((total, row, k) => total + row[k]!, 0);
  const told = (right + 0.5) / (all + 1);
  const named = labelled.map((_, j) => confusion.reduce((total, row) => total + row[j]!, 0) + 1 / classes);
  return Array.from(labelled, (_, k) => {
    const others = sum(named) - named[k]!;
    return named.map((count, j) => priorLabels * (j === k ? told : ((1 - told) * count) / others));
  });
}

/** The predicted class of each image, of more than `most` in proportion. */
function itemsOf(predicted: ArrayLike<number>, most: number): Int32Array {
  const all = sum(predicted);
  const part = Math.min(1, most / all);
  const items: number[] = [];
  for (let j = 0, passed = 0; j < predicted.length; j++) {
    passed += predicted[j]! * part;
    while (items.length + 0.5 < passed) items.push(j);
  }
  return Int32Array.from(items);
}

const sum = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((total, value) => total + value, 0);
