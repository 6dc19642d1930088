import { averageLinkage } from '../../numerics/clusters/average_linkage.ts';
import { unitRows } from '../../numerics/feature_rows.ts';
import { allRows, innerProducts } from '../../numerics/linear_algebra.ts';
import type { Novelty, NoveltyInputs } from './novelty.ts';

/** Images unlike the labelled ones that are like one another. */
export interface NewGroup {
  /** Their rows, the most typical of the group first; of copies, and of other groups that count once, one. */
  readonly rows: Int32Array;
  /** All open images in it, those that count once with one of the rows among them. */
  readonly images: number;
}

/** Of images of named classes one in twenty is so unusual. */
const leastUnusual = 0.05;
/** The most unusual ones are clustered, of which so many can be. */
const mostClustered = 400;
/** Pairs of labelled images of a class that say how alike such images are. */
const mostPairs = 4000;
/** Fewer observations are no group. */
const leastObservations = 4;

/**
 * Groups of likely new classes: unusual images in clusters as tight as the labelled classes are. Two clusters are joined
 * as long as their images are on average as alike as labelled images of one class are. Images that count as one
 * observation count once. @returns the largest first
 */
export function findNewGroups(inputs: NoveltyInputs, { pValues, scores }: Novelty): NewGroup[] {
  const { groups, open } = inputs;
  const unusual = open
    .filter((row) => pValues[row]! <= leastUnusual)
    .sort((a, b) => scores[b]! - scores[a]! || a - b);
  const first = new Map<number, number>();
  for (const row of unusual) if (!first.has(groups[row]!)) first.set(groups[row]!, row);
  const rows = Int32Array.from(first.values()).subarray(0, mostClustered);
  const centre = meanRow(inputs);
  const n = rows.length;
  const similarities = cosines(inputs, rows, centre);
  const sizes = new Map<number, number>();
  for (const row of open) sizes.set(groups[row]!, (sizes.get(groups[row]!) ?? 0) + 1);
  return averageLinkage(similarities, n, likenessWithin(inputs, centre))
    .filter(({ length }) => length >= leastObservations)
    .map((members) => {
      const typical = (a: number) => members.reduce((sum, b) => sum + similarities[a * n + b]!, 0);
      const order = [...members].sort((a, b) => typical(b) - typical(a) || a - b);
      return {
        rows: Int32Array.from(order, (member) => rows[member]!),
        images: members.reduce((sum, member) => sum + sizes.get(groups[rows[member]!]!)!, 0),
      };
    });
}

/** Mean cosine similarity of labelled images of one class and of different groups, the mean over classes. */
function likenessWithin(inputs: NoveltyInputs, centre: Float64Array): number {
  const { given, groups, classes } = inputs;
  const means: number[] = [];
  for (let label = 0; label < classes; label++) {
    const own = Int32Array.from(given.keys()).filter((row) => given[row] === label);
    const few = own.subarray(0, Math.ceil(Math.sqrt((2 * mostPairs) / classes)) + 1);
    const similarities = cosines(inputs, few, centre);
    let [sum, pairs] = [0, 0];
    for (let a = 0; a < few.length; a++) {
      for (let b = a + 1; b < few.length; b++) {
        if (groups[few[a]!] === groups[few[b]!]) continue;
        sum += similarities[a * few.length + b]!;
        pairs++;
      }
    }
    if (pairs > 0) means.push(sum / pairs);
  }
  // Without a pair of a class, half: images of one class are more alike than that in what encoders give.
  return means.length > 0 ? means.reduce((sum, value) => sum + value, 0) / means.length : 0.5;
}

function meanRow({ features, columns }: NoveltyInputs): Float64Array {
  const mean = new Float64Array(columns);
  const count = features.length / columns;
  features.forEach((value, at) => void (mean[at % columns]! += value / count));
  return mean;
}

/** Cosines of all pairs of rows, less the mean of all images: what all share makes none alike. */
function cosines({ features, columns }: NoveltyInputs, rows: Int32Array, centre: Float64Array): Float64Array {
  const values = new Float32Array(rows.length * columns);
  rows.forEach((row, at) => {
    for (let k = 0; k < columns; k++) values[at * columns + k] = features[row * columns + k]! - centre[k]!;
  });
  const every = allRows(rows.length);
  const unit = unitRows(values, columns, every);
  const products = new Float64Array(rows.length ** 2);
  innerProducts(unit, every, Float64Array.from(unit), columns, products);
  return products;
}
