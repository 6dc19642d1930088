import { isAnswered } from '../../data/labels/none_of_these.ts';
import { requireFinite, unitRows } from '../../numerics/feature_rows.ts';
import { kMeans } from '../../numerics/k_means.ts';
import { allRows } from '../../numerics/linear_algebra.ts';
import { nearestRows } from '../../numerics/nearest.ts';
import { Random, streams } from '../../random.ts';
import { topTwo } from '../decide.ts';
import { rowsOf } from '../scan/features.ts';

/** What is known of N images among which some are chosen to be labelled. */
export interface NextInputs {
  /** N × `columns`, row-major. */
  readonly features: Float32Array;
  /** Features of each image. */
  readonly columns: number;
  /** Class given to each image, −1 where none was. */
  readonly given: Int32Array;
  /** Names of the classes by number. */
  readonly classes: readonly string[];
  /** Calibrated, N × classes; without them typical images are chosen. */
  readonly probabilities?: Float32Array | undefined;
  /** The very same image whose label each takes: its own number where it takes none. */
  readonly copyOf: Int32Array;
  /** The group that each counts as one observation with; absent where each stands alone. */
  readonly observations?: Int32Array | undefined;
  /** 1 where an image is unlike everything labelled. */
  readonly outlier: Uint8Array;
  /** Images wanted. */
  readonly budget: number;
  /** Seeds the clusters. */
  readonly seed: number;
}

/** An image to label next. */
export interface NextImage {
  /** Number of the image. */
  readonly image: number;
  /** Why it is chosen, in words. */
  readonly reason: string;
}

/** From so many labels a class on, doubtful images teach more than typical ones (arXiv 2202.02794, section 2). */
const manyLabels = 20;
const mostClusters = 500;
/** Groups have at least so many images on average: smaller ones are typical of nothing. */
const leastGroup = 5;
/** Neighbours that say how typical an image is, and images of one cluster that are compared with each other. */
const typicalNeighbours = 20;
const mostCompared = 1000;
/** So many of the most doubtful images for each one wanted: among them it is chosen for coverage. */
const doubtfulShare = 10;

/**
 * Which images to label next, most useful first. With few labels, the most typical images of the largest groups without a
 * label (TypiClust: Hacohen et al. 2022, arXiv 2202.02794); later, images between two classes, spread over what
 * the most doubtful ones show. Never an image with a label, nor the very same image as one or as another proposal. Of a group that
 * counts as one observation one image, and none where it has a label, before others come in again. Outliers come last, where
 * there are not enough others.
 * @returns at most `budget` images
 * @throws UserError for features that are not finite
 */
export function nextImages(inputs: NextInputs): NextImage[] {
  const { given, copyOf, outlier, budget, classes, probabilities } = inputs;
  requireFinite(inputs.features, inputs.columns);
  const all = allRows(given.length);
  const open = all.filter((image) => !isAnswered(given[image]!) && copyOf[image] === image);
  const candidates = open.filter((image) => !outlier[image]);
  const labelled = all.filter((image) => given[image]! >= 0);
  const many = labelled.length >= manyLabels * classes.length && classes.length >= 2;
  const ranked =
    many && probabilities
      ? doubtfulImages(inputs, probabilities, candidates)
      : typicalImages(inputs, labelled, candidates);
  const chosen = firstOfGroups(ranked, inputs).slice(0, budget);
  const odd = open.filter((image) => outlier[image]).subarray(0, budget - chosen.length);
  return [...chosen, ...Array.from(odd, (image) => ({ image, reason: 'unlike everything labelled' }))];
}

/** The first image of each group that has no label, then the others. */
function firstOfGroups<T extends { readonly image: number }>(
  ranked: readonly T[],
  { given, observations }: NextInputs,
): readonly T[] {
  if (!observations) return ranked;
  const seen = new Set(observations.filter((_, image) => given[image]! >= 0));
  const first: T[] = [];
  const others: T[] = [];
  for (const proposal of ranked) {
    const group = observations[proposal.image]!;
    (seen.has(group) ? others : first).push(proposal);
    seen.add(group);
  }
  return [...first, ...others];
}

/** Images that are ranked, so that there are enough of different groups where groups count. */
const rankedFor = ({ budget, observations }: NextInputs) => (observations ? doubtfulShare * budget : budget);

/** In turn from the groups with the fewest labels, of these the largest: the most typical image that is left. */
function typicalImages(inputs: NextInputs, labelled: Int32Array, candidates: Int32Array): NextImage[] {
  const { columns, budget, seed } = inputs;
  const rows = new Int32Array(labelled.length + candidates.length);
  rows.set(labelled);
  rows.set(candidates, labelled.length);
  const wanted = Math.min(rankedFor(inputs), candidates.length);
  if (wanted === 0) return [];
  const features = unitRows(inputs.features, columns, rows);
  const k = Math.min(labelled.length + budget, mostClusters, Math.ceil(candidates.length / leastGroup));
  const { clusterOf } = kMeans(features, columns, k, new Random(seed, streams.clusters));
  const groups = Array.from({ length: k }, () => ({ labels: 0, picked: 0, members: [] as number[] }));
  clusterOf.forEach((cluster, row) => {
    if (row < labelled.length) groups[cluster]!.labels++;
    else groups[cluster]!.members.push(row);
  });
  const ranked = new Map<object, number[]>();
  return Array.from({ length: wanted }, () => {
    const left = groups.filter(({ members, picked }) => picked < members.length);
    const group = left.reduce((best, other) => {
      const fewer = other.labels + other.picked - best.labels - best.picked;
      return fewer < 0 || (fewer === 0 && other.members.length > best.members.length) ? other : best;
    });
    const order = ranked.get(group) ?? byTypicality(features, columns, group.members);
    ranked.set(group, order);
    const image = rows[order[group.picked++]!]!;
    const size = group.members.length;
    const kind = group.labels > 0 ? 'a group' : 'an unlabelled group';
    return { image, reason: `typical of ${kind} of ${size} ${size === 1 ? 'image' : 'images'}` };
  });
}

/** The rows by their mean distance to their nearest neighbours among them, the smallest first. */
function byTypicality(features: Float32Array, columns: number, members: readonly number[]): number[] {
  // Of a large group an even sample is compared: it thins all its parts alike.
  const step = Math.max(1, members.length / mostCompared);
  const compared = members.filter((_, i) => Math.floor((i + 1) / step) > Math.floor(i / step));
  const own = rowsOf({ values: features, columns }, Int32Array.from(compared));
  const count = Math.min(typicalNeighbours, compared.length - 1);
  const { similarities } = nearestRows(
    { features: own, columns, rows: allRows(compared.length) },
    'bank',
    count,
  );
  const distance = compared.map((_, i) =>
    similarities
      .subarray(i * count, (i + 1) * count)
      .reduce((sum, similarity) => sum + Math.sqrt(Math.max(0, 2 - 2 * similarity)), 0),
  );
  const rest = new Set(members);
  const order = [...compared.keys()]
    .sort((a, b) => distance[a]! - distance[b]! || a - b)
    .map((i) => compared[i]!);
  for (const row of order) rest.delete(row);
  return [...order, ...rest];
}

/** Of each cluster of the most doubtful images the most doubtful one, then the others, each time by margin. */
function doubtfulImages(
  inputs: NextInputs,
  probabilities: Float32Array,
  candidates: Int32Array,
): NextImage[] {
  const { columns, classes, budget, seed } = inputs;
  const all = Array.from(candidates, (image) => ({ image, ...topTwo(probabilities, image, classes.length) }));
  all.sort((a, b) => a.margin - b.margin || a.image - b.image);
  const doubtful = firstOfGroups(all, inputs).slice(0, doubtfulShare * budget);
  if (doubtful.length === 0) return [];
  const features = unitRows(
    inputs.features,
    columns,
    Int32Array.from(doubtful, ({ image }) => image),
  );
  const { clusterOf } = kMeans(features, columns, budget, new Random(seed, streams.clusters));
  const first = new Map<number, (typeof doubtful)[number]>();
  doubtful.forEach((row, i) => {
    if (!first.has(clusterOf[i]!)) first.set(clusterOf[i]!, row);
  });
  // Where some of them look the same there are fewer clusters than images wanted.
  const chosen = new Set([...first.values(), ...doubtful]);
  return [...chosen].slice(0, rankedFor(inputs)).map((row) => ({
    image: row.image,
    reason: `between ${classes[row.first]} and ${classes[row.second]}`,
  }));
}
