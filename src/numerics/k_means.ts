import { chooseAscending, type Random } from '../random.ts';
import { allRows, innerProducts, largestIndex } from './linear_algebra.ts';

/** Rows in k clusters. */
export interface Clusters {
  /** Row-major, k × columns; k is at most the number of rows. */
  readonly centres: Float64Array;
  /** The nearest centre of each row, the first of equals. */
  readonly clusterOf: Int32Array;
  /** Squared distance of each row to it. */
  readonly distances: Float64Array;
}

/** How much work k-means may do. */
export interface KMeansOptions {
  /** Most rows that the centres are fitted to: a random choice, 20,000 by default. */
  readonly sample?: number;
  /** Most rounds of Lloyd's iteration, 20 by default; it ends earlier where no row changes its cluster. */
  readonly iterations?: number;
}

/** Rows whose distances are held at once. */
const blockRows = 128;

/**
 * k-means: Lloyd's iteration from centres chosen by k-means++ (Arthur & Vassilvitskii 2007), the same for the same
 * random numbers. A cluster that loses all its rows starts again at the row furthest from its own centre.
 * @param features N × columns, row-major, finite
 */
export function kMeans(
  features: Float32Array,
  columns: number,
  k: number,
  random: Random,
  { sample = 20_000, iterations = 20 }: KMeansOptions = {},
): Clusters {
  const count = features.length / columns;
  const rows = Int32Array.from(chooseAscending(count, sample, random));
  const centres = spreadCentres(features, columns, rows, Math.min(k, rows.length), random);
  let previous = new Int32Array(0);
  for (let round = 0; round < iterations; round++) {
    const { clusterOf, distances } = assign(features, columns, rows, centres);
    if (round > 0 && clusterOf.every((cluster, i) => cluster === previous[i])) break;
    moveCentres(features, columns, rows, centres, clusterOf, distances);
    previous = clusterOf;
  }
  return { centres, ...assign(features, columns, allRows(count), centres) };
}

/**
 * Greedy k-means++: for each further centre a few rows are drawn, with chances that grow with the squared distance to
 * the centres before, and the one that brings the rows closest is taken.
 */
function spreadCentres(
  features: Float32Array,
  columns: number,
  rows: Int32Array,
  k: number,
  random: Random,
): Float64Array {
  const centres = new Float64Array(k * columns);
  const tries = 2 + Math.floor(Math.log(k));
  let distances = new Float64Array(rows.length).fill(Infinity);
  for (let cluster = 0; cluster < k; cluster++) {
    const drawn = Array.from({ length: cluster === 0 ? 1 : tries }, () =>
      cluster === 0 ? random.integer(rows.length) : drawByWeight(distances, random),
    );
    const candidates = new Float64Array(drawn.length * columns);
    drawn.forEach((at, i) => {
      candidates.set(features.subarray(rows[at]! * columns, (rows[at]! + 1) * columns), i * columns);
    });
    const after = drawn.map(() => distances.slice());
    forEachDistance(features, columns, rows, candidates, (row, squares, first) => {
      after.forEach((nearest, i) => {
        nearest[row] = Math.min(nearest[row]!, squares[first + i]!);
      });
    });
    const left = after.map((nearest) => nearest.reduce((sum, square) => sum + square, 0));
    const best = left.indexOf(Math.min(...left));
    distances = after[best]!;
    centres.set(candidates.subarray(best * columns, (best + 1) * columns), cluster * columns);
  }
  return centres;
}

/** The place of a number drawn with a chance proportional to it; any where all are 0. */
function drawByWeight(weights: Float64Array, random: Random): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let rest = random.next() * total;
  if (total === 0) return random.integer(weights.length);
  const found = weights.findIndex((weight) => (rest -= weight) < 0);
  // Rounding may leave a rest beyond the last.
  return found < 0 ? largestIndex(weights) : found;
}

/** Calls `visit` for each of the rows with its squared distances to all centres, at `squares[first]` on. */
function forEachDistance(
  features: Float32Array,
  columns: number,
  rows: Int32Array,
  centres: Float64Array,
  visit: (place: number, squares: Float64Array, first: number) => void,
): void {
  const k = centres.length / columns;
  const lengths = new Float64Array(k);
  for (let at = 0; at < centres.length; at++) lengths[Math.floor(at / columns)]! += centres[at]! ** 2;
  const squares = new Float64Array(blockRows * k);
  for (let start = 0; start < rows.length; start += blockRows) {
    const block = rows.subarray(start, start + blockRows);
    innerProducts(features, block, centres, columns, squares);
    for (let i = 0; i < block.length; i++) {
      let own = 0;
      const row = block[i]! * columns;
      for (let j = 0; j < columns; j++) own += features[row + j]! ** 2;
      for (let c = 0; c < k; c++) {
        // ‖x − c‖² = ‖x‖² − 2⟨x, c⟩ + ‖c‖², which rounding may bring below 0.
        squares[i * k + c] = Math.max(0, own - 2 * squares[i * k + c]! + lengths[c]!);
      }
      visit(start + i, squares, i * k);
    }
  }
}

function assign(features: Float32Array, columns: number, rows: Int32Array, centres: Float64Array) {
  const k = centres.length / columns;
  const clusterOf = new Int32Array(rows.length);
  const distances = new Float64Array(rows.length).fill(Infinity);
  forEachDistance(features, columns, rows, centres, (place, squares, first) => {
    for (let c = 0; c < k; c++) {
      if (squares[first + c]! >= distances[place]!) continue;
      distances[place] = squares[first + c]!;
      clusterOf[place] = c;
    }
  });
  return { clusterOf, distances };
}

/** Moves each centre to the mean of its rows; where all rows lie on their centres, one without rows stays. */
function moveCentres(
  features: Float32Array,
  columns: number,
  rows: Int32Array,
  centres: Float64Array,
  clusterOf: Int32Array,
  distances: Float64Array,
): void {
  const sizes = new Int32Array(centres.length / columns);
  for (const cluster of clusterOf) sizes[cluster]!++;
  for (let cluster = 0; cluster < sizes.length; cluster++) {
    if (sizes[cluster]! > 0) continue;
    const furthest = largestIndex(distances);
    if (distances[furthest] === 0) break;
    distances[furthest] = 0;
    sizes[clusterOf[furthest]!]!--;
    sizes[cluster] = 1;
    clusterOf[furthest] = cluster;
  }
  const sums = new Float64Array(centres.length);
  rows.forEach((row, i) => {
    const to = clusterOf[i]! * columns;
    for (let j = 0; j < columns; j++) sums[to + j]! += features[row * columns + j]!;
  });
  for (let at = 0; at < centres.length; at++) {
    const size = sizes[Math.floor(at / columns)]!;
    if (size > 0) centres[at] = sums[at]! / size;
  }
}
