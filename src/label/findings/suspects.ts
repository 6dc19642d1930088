import { largestIndex } from '../../numerics/linear_algebra.ts';
import type { Duplicates } from './duplicates.ts';

/** Labelled images, and what models that saw none of their labels make of them. */
export interface SuspectInputs {
  /** Number of each labelled image. */
  readonly images: Int32Array;
  /** The class given to each labelled image. */
  readonly labels: Int32Array;
  /** Calibrated probabilities [labelled images × classes] by models that saw neither the image nor a copy of it. */
  readonly probabilities: Float32Array;
  /** Number of classes. */
  readonly classes: number;
  /** Copies with different labels; of those that are exact at least one is wrong, and only these are suspected for it. */
  readonly conflicts: Duplicates['conflicts'];
}

/** A given label that may be wrong; classes by number. */
export interface SuspectedLabel {
  /** Number of the image. */
  readonly image: number;
  /** The class that it was given. */
  readonly given: number;
  /** The class that the other labels speak for. */
  readonly suggested: number;
  /** Calibrated out-of-fold probability of the given class. */
  readonly givenProbability: number;
  /** Calibrated out-of-fold probability of the suggested class. */
  readonly suggestedProbability: number;
  /** Whether a copy of the image carries the suggested label. */
  readonly conflict: boolean;
}

/**
 * Given labels that are probably errors, the most suspicious first. Those that copies contradict come before all
 * others; the rest is confident learning (Northcutt et al. 2021, arXiv 1911.00068): a class is confidently predicted
 * where its probability reaches its mean over the images labelled with it, and a label is suspected where another class
 * is confidently predicted and more probable; ranked by the margin between the two.
 *
 * An image whose own class has probability 0 comes from a fold that did not know the class, and nothing is said of it.
 */
export function findSuspects(inputs: SuspectInputs): SuspectedLabel[] {
  const { images, labels, probabilities, classes } = inputs;
  const rowOf = new Map(Array.from(images, (image, row) => [image, row]));
  const suspect = (row: number, suggested: number, conflict: boolean): SuspectedLabel => ({
    image: images[row]!,
    given: labels[row]!,
    suggested,
    givenProbability: probabilities[row * classes + labels[row]!]!,
    suggestedProbability: probabilities[row * classes + suggested]!,
    conflict,
  });
  const same = inputs.conflicts.filter(({ kind }) => kind === 'exact');
  const contradicted = same.flatMap((group) => {
    const rows = Array.from(group.images, (image) => rowOf.get(image)!);
    const chosen = likeliestOf(rows, inputs);
    return rows.filter((row) => labels[row] !== chosen).map((row) => suspect(row, chosen, true));
  });
  const known = new Set(contradicted.map(({ image }) => image));
  const confident = meanSelfConfidence(inputs);
  const doubted: SuspectedLabel[] = [];
  labels.forEach((label, row) => {
    const own = probabilities.subarray(row * classes, (row + 1) * classes);
    if (known.has(images[row]!) || own[label] === 0) return;
    const reached = own.map((value, k) => (k === label || value >= confident[k]! ? value : -1));
    const suggested = largestIndex(reached);
    if (own[suggested]! > own[label]!) doubted.push(suspect(row, suggested, false));
  });
  const margin = (a: SuspectedLabel) => a.givenProbability - a.suggestedProbability;
  const byMargin = (a: SuspectedLabel, b: SuspectedLabel) => margin(a) - margin(b) || a.image - b.image;
  return [...contradicted.sort(byMargin), ...doubted.sort(byMargin)];
}

/** The label that most of the copies carry; of equals the one that is most probable over all of them. */
function likeliestOf(rows: readonly number[], { labels, probabilities, classes }: SuspectInputs): number {
  const scores = new Float64Array(classes);
  for (const row of rows) {
    scores[labels[row]!]! += 1;
    // Less than one vote in sum.
    for (let k = 0; k < classes; k++) scores[k]! += probabilities[row * classes + k]! / (rows.length + 1);
  }
  const carried = new Set(rows.map((row) => labels[row]!));
  return largestIndex(scores.map((score, k) => (carried.has(k) ? score : -1)));
}

/** Mean probability of each class over the images labelled with it; infinite for a class without any. */
function meanSelfConfidence({ labels, probabilities, classes }: SuspectInputs): Float64Array {
  const sums = new Float64Array(classes);
  const counts = new Int32Array(classes);
  labels.forEach((label, row) => {
    sums[label]! += probabilities[row * classes + label]!;
    counts[label]!++;
  });
  return sums.map((sum, k) => (counts[k]! > 0 ? sum / counts[k]! : Infinity));
}
