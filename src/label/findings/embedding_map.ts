import { UMAP } from 'umap-js';
import { unitRows } from '../../numerics/feature_rows.ts';
import { allRows, innerProducts } from '../../numerics/linear_algebra.ts';
import { forEachNearest } from '../../numerics/nearest.ts';
import { chooseAscending, Random, streams } from '../../random.ts';

/** Time and the report's size are bounded by so many points. */
export const mapSize = 2000;
/** UMAP's usual neighbourhood, a row itself included; fewer where there are fewer rows. */
const neighbours = 15;
/** UMAP's own 500 for so few rows move nothing more, as the layout starts at the principal components. */
const epochs = 300;
/** Of a layout that starts where its rows lay: it has less far to go. */
const renewedEpochs = 100;
/** Below so many rows a neighbourhood is nearly everything: the two principal components are the map. */
const leastRows = 10;

/** The images to put on a map, ascending: all, or a seeded choice of `mapSize`. */
export function mapSample(count: number, seed: number): Int32Array {
  return Int32Array.from(chooseAscending(count, mapSize, new Random(seed, streams.map)));
}

/**
 * Lays rows of features out in two dimensions by UMAP (McInnes et al. 2018, arXiv 1802.03426) of their cosine distances.
 * Neighbours are exact, the layout starts at the two principal components, and all that is random is drawn from the
 * seed, so the same features give the same map.
 * @param features N × `columns`, row-major
 * @param rows which of them, `mapSize` at most
 * @param before x and y of each of `rows` on an earlier map, −1 … 1: the layout then starts there, not at the components,
 *   and takes a third of the time
 * @returns a point for each of `rows`, centred, the longer side from −1 to 1
 * @throws RangeError for more rows than `mapSize`; UserError for features that are not finite
 */
export function embeddingMap(
  features: Float32Array,
  columns: number,
  rows: Int32Array,
  seed: number,
  before?: Float32Array,
): { x: number; y: number }[] {
  if (rows.length > mapSize) throw new RangeError(`a map of ${rows.length} rows: the most are ${mapSize}`);
  const unit = unitRows(features, columns, rows);
  const random = new Random(seed, streams.map + 1);
  const isFew = rows.length < leastRows;
  if (before && !isFew) {
    const start = Array.from(rows, (_, at): [number, number] => [
      startExtent * before[2 * at]!,
      startExtent * before[2 * at + 1]!,
    ]);
    return fitted(layOut(unit, columns, start, renewedEpochs, random));
  }
  const start = principalPlane(unit, columns, random);
  return fitted(isFew ? start : layOut(unit, columns, start, epochs, random));
}

type Points = [number, number][];

function layOut(unit: Float32Array, columns: number, start: Points, epochs: number, random: Random): Points {
  const count = start.length;
  const nNeighbors = Math.min(neighbours, count - 1);
  const umap = new UMAP({ nNeighbors, nEpochs: epochs, random: () => random.next() });
  const nearest = neighboursOf(unit, columns, nNeighbors);
  umap.setPrecomputedKNN(nearest.indices, nearest.distances);
  // With its neighbours given, UMAP asks of the rows only how many they are.
  umap.initializeFit(Array.from({ length: count }, () => []));
  const layout = umap.getEmbedding();
  start.forEach(([x, y], at) => {
    layout[at]![0] = x;
    layout[at]![1] = y;
  });
  for (let epoch = 0; epoch < epochs; epoch++) umap.step();
  return umap.getEmbedding() as Points;
}

/** For each row its nearest ones by cosine and their distances, itself first, equals by number. */
function neighboursOf(unit: Float32Array, columns: number, wanted: number) {
  const indices: number[][] = [];
  const distances: number[][] = [];
  const bank = { features: unit, columns, rows: allRows(unit.length / columns) };
  forEachNearest(bank, 'bank', wanted - 1, (own, { rows, similarities }) => {
    indices.push([own, ...rows]);
    distances.push([0, ...Array.from(similarities, (value) => Math.max(0, 1 - Math.min(1, value)))]);
  });
  return { indices, distances };
}

/** Directions that the iteration carries: more than two, so that the first two are found quickly. */
const carried = 6;
const iterations = 12;
/** UMAP's layouts start about this large (arXiv 1802.03426, its own implementation). */
const startExtent = 10;

/**
 * Rows along their two principal components, found by subspace iteration from a random start (Halko et al. 2011,
 * arXiv 0909.4061): what is left of the start in the third digit moves no group.
 */
function principalPlane(unit: Float32Array, columns: number, random: Random): Points {
  const count = unit.length / columns;
  const mean = new Float64Array(columns);
  for (let i = 0; i < unit.length; i++) mean[i % columns]! += unit[i]! / count;
  const centred = unit.map((value, i) => value - mean[i % columns]!);
  const all = allRows(count);
  const basis = Float64Array.from({ length: carried * columns }, () => random.next() - 0.5);
  const along = new Float64Array(count * carried);
  for (let pass = 0; pass < iterations; pass++) {
    orthonormalise(basis, columns);
    innerProducts(centred, all, basis, columns, along);
    basis.fill(0);
    for (let row = 0; row < count; row++) {
      for (let k = 0; k < carried; k++) {
        const weight = along[row * carried + k]!;
        for (let j = 0; j < columns; j++) basis[k * columns + j]! += weight * centred[row * columns + j]!;
      }
    }
  }
  orthonormalise(basis, columns);
  innerProducts(centred, all, basis, columns, along);
  const extent = along.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-12);
  const scale = startExtent / extent;
  return Array.from(all, (row) => [along[row * carried]! * scale, along[row * carried + 1]! * scale]);
}

/** Gram–Schmidt of the rows, in place; a row that depends on those before it becomes 0. */
function orthonormalise(basis: Float64Array, columns: number): void {
  for (let k = 0; k < carried; k++) {
    const own = basis.subarray(k * columns, (k + 1) * columns);
    const before = norm(own);
    for (let other = 0; other < k; other++) {
      const along = basis.subarray(other * columns, (other + 1) * columns);
      const share = own.reduce((sum, value, j) => sum + value * along[j]!, 0);
      own.forEach((value, j) => {
        own[j] = value - share * along[j]!;
      });
    }
    const length = norm(own);
    const scale = length > 1e-9 * before ? 1 / length : 0;
    own.forEach((value, j) => {
      own[j] = value * scale;
    });
  }
}

const norm = (vector: Float64Array): number =>
  Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));

/** Moved and scaled into the square from −1 to 1, to four digits: more would only make the report longer. */
function fitted(points: Points): { x: number; y: number }[] {
  const middle = (axis: 0 | 1) => {
    const values = points.map((point) => point[axis]);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return { centre: (low + high) / 2, half: (high - low) / 2 };
  };
  const [x, y] = [middle(0), middle(1)];
  const half = Math.max(x.half, y.half) || 1;
  const round = (value: number) => Math.round(value * 1e4) / 1e4;
  return points.map((point) => ({
    x: round((point[0] - x.centre) / half),
    y: round((point[1] - y.centre) / half),
  }));
}
