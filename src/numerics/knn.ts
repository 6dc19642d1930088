import { UserError } from '../errors.ts';
import { requireFinite } from './feature_rows.ts';
import { forEachNearest, type NearestList } from './nearest.ts';

/** Features whose classes are known, to classify others by. */
export interface KnnBank {
  /** N × columns, row-major; lengths are normalised away. */
  readonly features: Float32Array;
  /** N classes, 0 … classes − 1; rows with −1 do not vote. */
  readonly labels: Int32Array;
  /** How many classes there are. */
  readonly classes: number;
}

/** How neighbours vote. */
export interface KnnOptions {
  /** k; by default the mean number of labels a class, 200 at most. All voters where there are fewer. */
  readonly neighbours?: number;
  /** τ, which similarities are divided by; 0.1 by default. */
  readonly temperature?: number;
}

/** What the neighbours of M queries say. */
export interface KnnPredictions {
  /** M: the class with the largest score, the first of equals. */
  readonly labels: Int32Array;
  /** M × classes, row-major: each class's share of the neighbours' weights. */
  readonly scores: Float32Array;
}

/** k by the usual rule: 200 where labels abound, else the mean number of labels a class. */
function defaultNeighbours(labels: Int32Array): number {
  const known = labels.filter((label) => label >= 0);
  return Math.max(1, Math.min(200, Math.floor(known.length / new Set(known).size)));
}

/**
 * Weighted k-nearest-neighbour classification (Wu et al. 2018, arXiv 1805.01978, 3.4): each of the k voters most
 * similar to a query by cosine s votes for its class with weight e^{s/τ}. A row of zeros has similarity 0 to all.
 * Memory beside the results does not grow with the number of queries or voters.
 * @param queries M × columns
 * @throws UserError where no bank row has a class, a feature is not finite, or k or τ is impossible; RangeError where
 *   bank and queries are not rows of one length
 */
export function classifyKnn(bank: KnnBank, queries: Float32Array, options: KnnOptions = {}): KnnPredictions {
  return classify(bank, queries, options, false);
}

/**
 * Weighted k-nearest-neighbour classification of each row of the bank, with or without a class, by the other rows: each
 * of the k voters most similar to it by cosine s votes for its class with weight e^{s/τ}.
 * @throws UserError where fewer than two bank rows have a class, a feature is not finite, or k or τ is impossible;
 *   RangeError where the bank's values are no rows
 */
export function leaveOneOutKnn(bank: KnnBank, options: KnnOptions = {}): KnnPredictions {
  return classify(bank, bank.features, options, true);
}

function classify(
  bank: KnnBank,
  queries: Float32Array,
  options: KnnOptions,
  leaveOneOut: boolean,
): KnnPredictions {
  const { features, labels, classes } = bank;
  const columns = features.length / labels.length;
  const count = queries.length / columns;
  if (!Number.isInteger(columns) || !Number.isInteger(count)) {
    throw new RangeError(
      `kNN: ${features.length} values for ${labels.length} labels and ${queries.length} query values are not rows of one length`,
    );
  }
  const voters = Int32Array.from(labels.keys()).filter((row) => labels[row]! >= 0);
  const most = leaveOneOut ? voters.length - 1 : voters.length;
  if (most < 1)
    throw new UserError(
      'kNN needs at least one labelled image beside the one it classifies: label more images',
    );
  const { neighbours = defaultNeighbours(labels), temperature = 0.1 } = options;
  if (!(Number.isInteger(neighbours) && neighbours > 0 && temperature > 0)) {
    throw new UserError(
      `kNN with ${neighbours} neighbours and temperature ${temperature}: give a whole number from 1 and a positive temperature`,
    );
  }

  requireFinite(features, columns);
  requireFinite(queries, columns);
  const result = {
    labels: new Int32Array(count),
    scores: new Float32Array(count * classes),
  };
  const asked = leaveOneOut ? 'bank' : queries;
  forEachNearest({ features, columns, rows: voters }, asked, Math.min(neighbours, most), (query, list) => {
    vote(list, query, bank, temperature, result);
  });
  return result;
}

/** Turns one query's neighbours into its entries of the result. */
function vote(
  { rows, similarities }: NearestList,
  query: number,
  { labels, classes }: KnnBank,
  temperature: number,
  result: KnnPredictions,
): void {
  const votes = new Float64Array(classes);
  let total = 0;
  rows.forEach((row, i) => {
    // Relative to the nearest: the factor cancels in the shares and no weight overflows.
    const weight = Math.exp((similarities[i]! - similarities[0]!) / temperature);
    votes[labels[row]!]! += weight;
    total += weight;
  });
  result.labels[query] = votes.indexOf(Math.max(...votes));
  result.scores.set(
    votes.map((value) => value / total),
    query * classes,
  );
}
