import { averageLinkage } from '../../numerics/clusters/average_linkage.ts';
import { chooseAscending, Random, streams } from '../../random.ts';
import { CentredRows } from '../findings/centred_rows.ts';
import type { Novelty, NoveltyInputs } from './novelty.ts';

/** Images unlike the labelled ones that are like one another. */
export interface NewGroup {
  /** Their rows, the most typical of the group first; of copies, and of other groups that count once, one. */
  readonly rows: Int32Array;
  /** All open images in it, those that count once with one of the rows among them. */
  readonly images: number;
}

/** The most unusual ones are clustered, of which so many can be. */
const mostClustered = 400;
/** Labelled images whose pairs say how alike images of one class are. */
const mostCompared = 500;
/** Fewer observations are no group. */
const leastObservations = 4;

/**
 * Groups of likely new classes: unusual images in clusters. Two clusters are joined as long as their images are on average
 * more alike than halfway from labelled images of two classes to those of one. Images that count as one observation count
 * once. @returns the largest first
 */
export function findNewGroups(inputs: NoveltyInputs, { unusual: isUnusual, scores }: Novelty): NewGroup[] {
  const { groups, open } = inputs;
  const unusual = open.filter((row) => isUnusual[row]).sort((a, b) => scores[b]! - scores[a]! || a - b);
  const first = new Map<number, number>();
  for (const row of unusual) if (!first.has(groups[row]!)) first.set(groups[row]!, row);
  const rows = Int32Array.from(first.values()).subarray(0, mostClustered);
  const centred = new CentredRows(inputs.features, inputs.columns);
  const n = rows.length;
  const similarities = cosines(centred, rows);
  const sizes = new Map<number, number>();
  for (const row of open) sizes.set(groups[row]!, (sizes.get(groups[row]!) ?? 0) + 1);
  return averageLinkage(similarities, n, leastLikeness(inputs, centred))
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

/**
 * Halfway between the mean cosine similarity of labelled images of one class and that of images of two, each pair of
 * different groups.
 */
function leastLikeness(inputs: NoveltyInputs, centred: CentredRows): number {
  const { given, groups } = inputs;
  const labelled = Int32Array.from(given.keys()).filter((row) => given[row]! >= 0);
  const chosen = chooseAscending(labelled.length, mostCompared, new Random(inputs.seed, streams.newGroups));
  const rows = Int32Array.from(chosen, (at) => labelled[at]!);
  const similarities = cosines(centred, rows);
  const within = { sum: 0, pairs: 0 };
  const between = { sum: 0, pairs: 0 };
  for (let a = 0; a < rows.length; a++) {
    for (let b = 0; b < a; b++) {
      if (groups[rows[a]!] === groups[rows[b]!]) continue;
      const kind = given[rows[a]!] === given[rows[b]!] ? within : between;
      kind.sum += similarities[a * rows.length + b]!;
      kind.pairs++;
    }
  }
  const mean = ({ sum, pairs }: typeof within) => (pairs > 0 ? sum / pairs : 0);
  return (mean(within) + mean(between)) / 2;
}

/** Cosines of all pairs of rows, less the mean of all images: what all share makes none alike. */
function cosines(centred: CentredRows, rows: Int32Array): Float64Array {
  const n = rows.length;
  const all = new Float64Array(n * n);
  for (let a = 0; a < n; a++) {
    for (let b = 0; b <= a; b++) all[a * n + b] = all[b * n + a] = centred.cosine(rows[a]!, rows[b]!);
  }
  return all;
}
