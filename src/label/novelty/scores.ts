import { inverseRowNorms, requireFinite, scaledRows } from '../../numerics/feature_rows.ts';
import { allRows, innerProducts } from '../../numerics/linear_algebra.ts';
import { forEachNearest } from '../../numerics/nearest.ts';
import { chooseAscending, Random, streams } from '../../random.ts';

/** N images, some of which are labelled. */
export interface NoveltyRows {
  /** N × `columns`, row-major. */
  readonly features: Float32Array;
  /** Features of each image. */
  readonly columns: number;
  /** Class given to each image, negative where none was. */
  readonly given: Int32Array;
  /** Class predicted for each image: of labelled ones out of fold, by a model that has not seen their label. */
  readonly predicted: Int32Array;
  /** How many classes there are. */
  readonly classes: number;
  /** The group that each image counts as one observation with. */
  readonly groups: Int32Array;
  /** Draws which images are compared where there are many. */
  readonly seed: number;
}

/** The third nearest, as for outliers: one odd labelled image alone makes nothing near. */
const neighbourRank = 3;
/** Of more labelled images so many are compared with. */
const mostLabelled = 2000;
/** Of more images, in all, so many for each labelled one are counted among: then some tens lie nearer than the third. */
const referencesOfEach = 10;
const leastReferences = 1500;
const mostReferences = 3000;
/** Classes with fewer labelled images are held against the middle of all. */
const leastOfClass = 5;
/** Cosines of float32 features that are nearer than this to 1 do not differ. */
const leastDistance = 1e-6;
const block = 256;

/**
 * How unlike the labelled images each image is, without a unit; the larger, the more unlike. The larger of two figures
 * counts, each the logarithm less its median among labelled images, in median deviations of these:
 *
 * - the cosine distance to the third nearest labelled image: large for what lies away from all of them (k-th nearest
 *   neighbour: Sun et al. 2022, arXiv 2204.06507);
 * - how many images lie nearer than that one, less the median within the predicted class: large within a crowd of which
 *   nobody has labelled any, also where the features hardly tell it from the named classes. Where labels are a sample of the
 *   images it says nothing else of them, whatever their density is.
 *
 * A labelled image is compared with those of other groups, so that it is asked as an unlabelled one is.
 * @throws UserError for features that are not finite
 */
export function noveltyScores(inputs: NoveltyRows): Float64Array {
  const { features, columns, given, predicted, classes } = inputs;
  const all = allRows(given.length);
  requireFinite(features, columns);
  const random = new Random(inputs.seed, streams.novelty);
  const some = (rows: Int32Array, most: number) =>
    Int32Array.from(chooseAscending(rows.length, most, random), (at) => rows[at]!);
  const labelled = all.filter((row) => given[row]! >= 0);
  const bank = some(labelled, mostLabelled);
  const distance = distances(inputs, bank);
  const wanted = Math.max(leastReferences, Math.min(mostReferences, referencesOfEach * bank.length));
  const crowd = nearerThan(inputs, distance, some(oneOfEach(inputs.groups), wanted));
  const far = inDeviations(distance.map(Math.log), labelled);
  const crowded = inDeviations(
    centredWithin(
      crowd.map((count) => Math.log(1 + count)),
      { given, predicted, classes },
    ),
    labelled,
  );
  return far.map((value, row) => Math.max(value, crowded[row]!));
}

/** The first row of each group: copies make no crowd. */
function oneOfEach(groups: Int32Array): Int32Array {
  const first = new Map<number, number>();
  groups.forEach((group, row) => {
    if (!first.has(group)) first.set(group, row);
  });
  return Int32Array.from(first.values());
}

/** Cosine distance of each row to the nearest labelled row of the third nearest group; beside its own, if labelled. */
function distances({ features, columns, given, groups }: NoveltyRows, bank: Int32Array): Float64Array {
  const sizes = new Map<number, number>();
  for (const row of bank) sizes.set(groups[row]!, (sizes.get(groups[row]!) ?? 0) + 1);
  const enough = Math.min(bank.length, (neighbourRank + 1) * Math.max(...sizes.values()));
  const found = new Float64Array(given.length).fill(2);
  forEachNearest({ features, columns, rows: bank }, 'bank', enough, (row, list) => {
    const own = given[row]! >= 0 ? [groups[row]!] : [];
    const seen = new Set(own);
    for (let i = 0; i < list.length && seen.size < neighbourRank + own.length; i++) {
      seen.add(groups[list.rows[i]!]!);
      found[row] = Math.max(leastDistance, 1 - list.similarities[i]!);
    }
  });
  return found;
}

/** How many of the references, of other groups, lie nearer to each row than its distance. */
function nearerThan(
  { features, columns, groups }: NoveltyRows,
  distance: Float64Array,
  references: Int32Array,
): Float64Array {
  // Lengths are divided out here: a copy of the rows at unit length would take as much memory again.
  const scales = inverseRowNorms(features, columns);
  const counts = new Float64Array(distance.length);
  const products = new Float64Array(block * references.length);
  for (let first = 0; first < counts.length; first += block) {
    const size = Math.min(block, counts.length - first);
    const own = features.subarray(first * columns, (first + size) * columns);
    const asked = scaledRows(own, columns, scales.subarray(first, first + size));
    innerProducts(features, references, asked, columns, products);
    for (let i = 0, at = 0; i < references.length; i++) {
      const reference = references[i]!;
      const scale = scales[reference]!;
      for (let row = first; row < first + size; row++, at++) {
        if (1 - products[at]! * scale < distance[row]! && groups[reference] !== groups[row]) counts[row]!++;
      }
    }
  }
  return counts;
}

/** Values less the median of the labelled rows with the same predicted class; of all where these are few. */
function centredWithin(
  values: Float64Array,
  { given, predicted, classes }: Pick<NoveltyRows, 'given' | 'predicted' | 'classes'>,
): Float64Array {
  const ofClass: number[][] = Array.from({ length: classes }, () => []);
  const every: number[] = [];
  values.forEach((value, row) => {
    if (given[row]! < 0) return;
    ofClass[predicted[row]!]!.push(value);
    every.push(value);
  });
  const usual = median(every);
  const middles = ofClass.map((own) => (own.length < leastOfClass ? usual : median(own)));
  return values.map((value, row) => value - middles[predicted[row]!]!);
}

/** Values less the labelled rows' median, in median absolute deviations of these. */
function inDeviations(values: Float64Array, labelled: Int32Array): Float64Array {
  const known = Array.from(labelled, (row) => values[row]!);
  const middle = median(known);
  const deviation = median(known.map((value) => Math.abs(value - middle)));
  return values.map((value) => (value - middle) / (deviation + 1e-9));
}

function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
