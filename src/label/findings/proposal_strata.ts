import { unitRows } from '../../numerics/feature_rows.ts';
import { kMeans } from '../../numerics/k_means.ts';
import { allRows } from '../../numerics/linear_algebra.ts';
import { nearestRows } from '../../numerics/nearest.ts';
import { Random, streams } from '../../random.ts';
import { topTwo } from '../decide.ts';
import { rowsOf } from '../scan/features.ts';

/** Images as features, and what clusters of them are drawn by. */
export interface ClusteredImages {
  /** N × `columns`, row-major. */
  readonly features: Float32Array;
  /** Features of each image. */
  readonly columns: number;
  /** Names of the classes by number. */
  readonly classes: readonly string[];
  /** Seeds the clusters. */
  readonly seed: number;
}

/** Candidates that show alike things. */
export interface Stratum {
  /** Numbers of the candidates, the one whose label would teach most first. */
  readonly ranked: () => readonly number[];
  /** How many candidates there are. */
  readonly size: number;
  /** Labels that it has already: those with few come first. */
  readonly labels: number;
  /** Of those with as many labels the one of the largest weight comes first, then the earlier one. */
  readonly weight: number;
  /** Why one of it is proposed, in words. */
  readonly reason: (image: number) => string;
}

/** Clusters of images, at most. */
const mostClusters = 500;
/** Groups have at least so many images on average: smaller ones are typical of nothing. */
const leastGroup = 5;
/** Neighbours that say how typical an image is, and images of one cluster that are compared with each other. */
const typicalNeighbours = 20;
const mostCompared = 1000;
/** So many of the most doubtful images for each one wanted: among them it is chosen for coverage. */
const doubtfulShare = 10;

/** Clusters of labelled and unlabelled images, as many as there are labels and images wanted; typical images first. */
export function typicalStrata(
  inputs: ClusteredImages,
  labelled: Int32Array,
  candidates: Int32Array,
  wanted: number,
): Stratum[] {
  const { columns, seed } = inputs;
  const rows = new Int32Array(labelled.length + candidates.length);
  rows.set(labelled);
  rows.set(candidates, labelled.length);
  if (wanted === 0 || candidates.length === 0) return [];
  const features = unitRows(inputs.features, columns, rows);
  const k = Math.min(labelled.length + wanted, mostClusters, Math.ceil(candidates.length / leastGroup));
  const { clusterOf } = kMeans(features, columns, k, new Random(seed, streams.clusters));
  const clusters = Array.from({ length: k }, () => ({ labels: 0, members: [] as number[] }));
  clusterOf.forEach((cluster, row) => {
    if (row < labelled.length) clusters[cluster]!.labels++;
    else clusters[cluster]!.members.push(row);
  });
  return clusters.map(({ labels, members }) => {
    const kind = labels > 0 ? 'a group' : 'an unlabelled group';
    const images = members.length === 1 ? 'image' : 'images';
    return {
      labels,
      weight: members.length,
      size: members.length,
      ranked: () => byTypicality(features, columns, members).map((row) => rows[row]!),
      reason: () => `typical of ${kind} of ${members.length} ${images}`,
    };
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

/** Clusters of the most doubtful candidates, as many as are wanted; small margins first. */
export function doubtfulStrata(
  inputs: ClusteredImages,
  probabilities: Float32Array,
  candidates: Int32Array,
  wanted: number,
): Stratum[] {
  const { columns, classes, seed } = inputs;
  const doubtful = byMargin(candidates, probabilities, classes.length).subarray(0, doubtfulShare * wanted);
  if (doubtful.length === 0) return [];
  const features = unitRows(inputs.features, columns, doubtful);
  const { clusterOf } = kMeans(features, columns, wanted, new Random(seed, streams.clusters));
  // In the order in which the doubtful images first meet them.
  const members = new Map<number, number[]>();
  doubtful.forEach((image, i) => {
    const own = members.get(clusterOf[i]!);
    if (own) own.push(image);
    else members.set(clusterOf[i]!, [image]);
  });
  return Array.from(members.values(), (own) => ({
    labels: 0,
    weight: 1,
    size: own.length,
    ranked: () => own,
    reason: (image: number) => {
      const { first, second } = topTwo(probabilities, image, classes.length);
      return `between ${classes[first]} and ${classes[second]}`;
    },
  }));
}

/** The images between two classes first. */
function byMargin(images: Int32Array, probabilities: Float32Array, classes: number): Int32Array {
  const margin = new Map(
    Array.from(images, (image) => [image, topTwo(probabilities, image, classes).margin]),
  );
  return images.slice().sort((a, b) => margin.get(a)! - margin.get(b)! || a - b);
}

/** Of each observation the most doubtful candidate. */
export function mostDoubtful(
  candidates: Int32Array,
  probabilities: Float32Array,
  classes: number,
  observations: Int32Array,
): Int32Array {
  const first = new Map<number, number>();
  for (const image of byMargin(candidates, probabilities, classes)) {
    if (!first.has(observations[image]!)) first.set(observations[image]!, image);
  }
  return Int32Array.from(first.values()).sort();
}

/** Of each observation the candidate nearest to the mean of all its candidates. */
export function mostCentral(
  { features, columns }: Pick<ClusteredImages, 'features' | 'columns'>,
  candidates: Int32Array,
  observations: Int32Array,
): Int32Array {
  const rows = unitRows(features, columns, candidates);
  const sums = new Map<number, Float64Array>();
  const own = (place: number) => rows.subarray(place * columns, (place + 1) * columns);
  candidates.forEach((image, place) => {
    const sum = sums.get(observations[image]!) ?? new Float64Array(columns);
    sums.set(observations[image]!, sum);
    own(place).forEach((value, k) => {
      sum[k]! += value;
    });
  });
  const best = new Map<number, { image: number; likeness: number }>();
  candidates.forEach((image, place) => {
    const group = observations[image]!;
    const sum = sums.get(group)!;
    const likeness = own(place).reduce((total, value, k) => total + value * sum[k]!, 0);
    if (!(likeness <= (best.get(group)?.likeness ?? -Infinity))) best.set(group, { image, likeness });
  });
  return Int32Array.from(best.values(), ({ image }) => image).sort();
}
