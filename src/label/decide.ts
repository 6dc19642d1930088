import { isAnswered, noneOfTheseText } from '../data/labels/none_of_these.ts';
import type { Status } from '../data/labels/status.ts';
import type { ImageLabel } from './image_label.ts';

/** What is known of the images to label, row by row. */
export interface RowFacts {
  /** Path of each row's image. */
  readonly paths: readonly string[];
  /** Names of the classes by number. */
  readonly classes: readonly string[];
  /** Given class, −1 where there is none, `noneOfThese` where a person says that there is none of these. */
  readonly given: Int32Array;
  /** Calibrated, rows × classes. */
  readonly probabilities: Float32Array;
  /** Row of the very same image whose label each row takes; its own where it keeps its prediction. */
  readonly inheritsFrom: Int32Array;
  /**
   * 1 where no confidence is enough: the very same image was given different labels, or the image is more unlike the labelled
   * ones than nearly all of a named class are.
   */
  readonly held: Uint8Array;
  /** 1 where a row's image is unlike everything labelled. */
  readonly outlier: Uint8Array;
  /** Row of the most similar labelled image. */
  readonly nearest: Int32Array;
  /** Least confidence of an automatic label; null where none is to be given. */
  readonly threshold: number | null;
}

/** Decides on every image's label and status, in the order of the rows. */
export function decide(facts: RowFacts): ImageLabel[] {
  return facts.paths.map((_, row) => decideRow(facts, row));
}

function decideRow(facts: RowFacts, row: number): ImageLabel {
  const { paths, classes, given, probabilities, inheritsFrom, held, outlier, nearest, threshold } = facts;
  const path = paths[row]!;
  const givenLabel = given[row]!;
  if (isAnswered(givenLabel)) {
    const label = classes[givenLabel] ?? noneOfTheseText;
    return { path, label, confidence: 1, margin: 1, runnerUp: '', status: 'given', nearestLabelled: '' };
  }
  const original = inheritsFrom[row]!;
  if (original !== row) {
    const label = decideRow(facts, original);
    return { ...label, path, status: 'duplicate', nearestLabelled: paths[original]! };
  }
  const { first, second, confidence, margin } = topTwo(probabilities, row, classes.length);
  const sure = threshold !== null && confidence >= threshold;
  const status: Status = held[row] ? 'review' : outlier[row] ? 'outlier' : sure ? 'auto' : 'review';
  const [label, runnerUp] = [classes[first]!, classes[second]!];
  return { path, label, confidence, margin, runnerUp, status, nearestLabelled: paths[nearest[row]!] ?? '' };
}

/** The two likeliest classes of a row, earlier ones of equals first. */
export function topTwo(
  probabilities: Float32Array,
  row: number,
  classes: number,
): { first: number; second: number; confidence: number; margin: number } {
  const values = probabilities.subarray(row * classes, (row + 1) * classes);
  let first = 0;
  let second = -1;
  for (let c = 1; c < classes; c++) {
    if (values[c]! > values[first]!) {
      second = first;
      first = c;
    } else if (second < 0 || values[c]! > values[second]!) second = c;
  }
  const confidence = values[first]!;
  return { first, second, confidence, margin: confidence - values[second]! };
}
