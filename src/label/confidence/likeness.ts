import { isAnswered } from '../../data/labels/none_of_these.ts';
import { unitRows } from '../../numerics/feature_rows.ts';
import {
  allRows,
  choleskyFactor,
  choleskySolve,
  innerProducts,
  secondMoments,
} from '../../numerics/linear_algebra.ts';
import { forEachNearest } from '../../numerics/nearest.ts';
import { fitProbe, predictProbe } from '../../numerics/probe/probe.ts';
import { rankSumDeviations } from '../../numerics/sampling/rank_sum.ts';
import { standardise, standardisedRows } from '../../numerics/standardisation.ts';
import { stratifiedFolds } from '../../numerics/stratified_folds.ts';
import { chooseAscending, Random, shuffledIndices, streams } from '../../random.ts';
import { rowsOf } from '../scan/features.ts';
import { classWeights } from './class_weights.ts';
import { everySecondGroup, localOutlierFactors } from './typicality.ts';

/** N images, some of which are labelled. */
export interface LikenessInputs {
  /** N × `columns`, row-major. */
  readonly features: Float32Array;
  /** Features of each image. */
  readonly columns: number;
  /** Class given to each image, −1 where none was. */
  readonly given: Int32Array;
  /** How many classes there are. */
  readonly classes: number;
  /** The group that each image counts as one observation with. */
  readonly groups: Int32Array;
  /** Draws folds, and which images are compared where there are many. */
  readonly seed: number;
}

/** Whether labelled images and the others can be told apart. */
export interface Likeness {
  /** How many standard deviations a linear classifier is better than chance at telling them apart within a class. */
  readonly classifier: number;
  /** How many standard deviations the others lie further from labelled images than these from one another. */
  readonly distance: number;
  /** How many standard deviations labelled images lie more in the middle of their neighbours than the others. */
  readonly typicality: number;
  /** Whether one of the three is more than chance explains: then the labels do not stand for the other images. */
  readonly apart: boolean;
}

/** Chance alone gives one of three independent figures beyond this in 3% of cases. */
export const mostDeviations = 2.33;
/** Of more labelled, or other, images so many are compared: they show a difference as well. */
const mostCompared = 2000;
/** Below so many labelled groups nothing but a gross difference would show, and nothing is promised anyway. */
const leastLabelled = 8;
const folds = 5;
/** Of more features than this, so many random sums of them are looked at. */
const mostColumns = 256;
/** Of the mean variance, added to each: directions in which images hardly vary say little. */
const ridge = 0.1;
/** The third nearest, as for outliers: one odd labelled image alone makes nothing near. */
const neighbourRank = 3;

/**
 * Whether the labelled images are a sample of all, by three tests that compare images only within a predicted class (by
 * models that saw neither's label), since labels chosen class by class are no fault; what each labelled image stands
 * for is weighted as `classWeights` does.
 *
 * The first is a classifier two-sample test (Friedman 2003; Lopez-Paz & Oquab 2017, arXiv 1610.06545): a regularised
 * linear discriminant between labelled and others, scored out of fold by a rank sum. Its sum goes over ordered
 * pairs of labelled images, (one trained on, one scored), and the discriminant is symmetric in the two, so each
 * unordered pair is counted twice: the standard deviation is √2 times that of independent scores. The second is the
 * same rank sum of distances to the third nearest labelled image. The third is that of `localOutlierFactors`: images
 * picked as typical lie on no side of the others, but they are easier. An image in a group with a labelled one is no
 * evidence, and is left out.
 *
 * On drawn features, 25 labels a class of three classes and 80 draws: labels from one part of a class, from one side of a
 * direction, or from the first 30% of a drift are noticed in all, a class that nobody labelled in 98%, images nearest to the
 * centres of as many clusters in all (also with 7 labels a class); random labels raise a false alarm in 2 to 4%, more (up
 * to 10%) where nine of ten images are of one class.
 * @returns null where labels are too few, or no image is left to compare with
 * @throws UserError for features that are not finite
 */
export function compareWithRest(inputs: LikenessInputs): Likeness | null {
  const { given, groups, classes, seed } = inputs;
  const random = new Random(seed, streams.likeness);
  const all = [...given.keys()];
  const labelled = some(
    all.filter((row) => given[row]! >= 0),
    random,
  );
  const labelledGroups = new Set(labelled.map((row) => groups[row]!));
  const allLabelledGroups = new Set(all.filter((row) => given[row]! >= 0).map((row) => groups[row]!));
  const others = some(
    all.filter((row) => !isAnswered(given[row]!) && !allLabelledGroups.has(groups[row]!)),
    random,
  );
  if (labelledGroups.size < leastLabelled || others.length < leastLabelled) return null;

  const rows = Int32Array.from([...labelled, ...others]);
  const { features, columns } = scaled(inputs, rows, random);
  const labels = rows.map((row) => given[row]!);
  const groupOf = rows.map((row) => groups[row]!);
  const first = labels.map((label) => (label >= 0 ? 1 : 0));
  const foldOf = dealt(labels, groupOf, seed, random);
  const predicted = crossPredicted(features, columns, labels, groupOf, foldOf, classes, seed);

  const known = labels.slice(0, labelled.length);
  const rest = predicted.subarray(labelled.length);
  const named = new Float64Array(classes).map((_, label) => rest.filter((own) => own === label).length);
  const { weights: ofLabelled } = classWeights(
    known,
    named.map((count) => count / rest.length),
  );
  const weights = Float64Array.from(rows, (_, i) => (i < labelled.length ? ofLabelled[i]! : 1));
  const strata = predicted.map((label, i) => label * folds + foldOf[i]!);

  const scores = discriminantScores({ features, columns, first, predicted, foldOf, classes, weights });
  const compared = { first, weights, groups: groupOf };
  const classifier = rankSumDeviations({ ...compared, scores, strata }) / Math.SQRT2;
  const distances = distancesToLabelled(features, columns, labelled.length, groupOf);
  const distance = rankSumDeviations({ ...compared, scores: distances, strata: predicted });
  const bank = everySecondGroup(groupOf, labelled.length);
  const factors = localOutlierFactors(features, columns, bank, groupOf);
  // The bank is in no stratum with labelled rows.
  const withoutBank = predicted.slice();
  for (const row of bank) withoutBank[row] = -1;
  const typicality = rankSumDeviations({ ...compared, scores: factors, strata: withoutBank });
  const apart = Math.max(classifier, distance, typicality) > mostDeviations;
  return { classifier, distance, typicality, apart };
}

/** The images, or a random part of them, ascending. */
function some(images: readonly number[], random: Random): number[] {
  return Array.from(chooseAscending(images.length, mostCompared, random), (at) => images[at]!);
}

/** Rows of unit length, their columns (or random sums of them: Achlioptas 2003) of variance 1. */
function scaled({ features, columns }: LikenessInputs, rows: Int32Array, random: Random) {
  const unit = unitRows(features, columns, rows);
  const width = Math.min(columns, mostColumns);
  const values = width < columns ? randomSums(unit, columns, width, random) : unit;
  const every = allRows(rows.length);
  return {
    features: standardisedRows(values, width, every, standardise(values, width, every, 'each')),
    columns: width,
  };
}

/** So many sums of each row's columns with random signs. */
function randomSums(rows: Float32Array, columns: number, width: number, random: Random): Float32Array {
  const count = rows.length / columns;
  const signs = Float32Array.from({ length: width * columns }, () => (random.word() & 1 ? 1 : -1));
  const sums = new Float64Array(width);
  const values = new Float32Array(count * width);
  for (let row = 0; row < count; row++) {
    const own = Float64Array.from(rows.subarray(row * columns, (row + 1) * columns));
    innerProducts(signs, allRows(width), own, columns, sums);
    values.set(sums, row * width);
  }
  return values;
}

/** A fold for every row: labelled ones stratified, and groups whole. */
function dealt(labels: Int32Array, groupOf: Int32Array, seed: number, random: Random): Int32Array {
  const foldOf = new Int32Array(labels.length);
  stratifiedFolds(labels, folds, seed, groupOf).forEach(({ heldOut }, fold) => {
    for (const row of heldOut) foldOf[row] = fold;
  });
  const others = labels.reduce((sum, label) => sum + (label < 0 ? 1 : 0), 0);
  shuffledIndices(others, random).forEach((place, i) => {
    foldOf[labels.length - others + i] = place % folds;
  });
  return foldOf;
}

/** The class of each row by a probe on the labelled rows of the other folds: labelled rows and others are asked alike. */
function crossPredicted(
  features: Float32Array,
  columns: number,
  labels: Int32Array,
  groupOf: Int32Array,
  foldOf: Int32Array,
  classes: number,
  seed: number,
): Int32Array {
  const predicted = new Int32Array(labels.length);
  for (let fold = 0; fold < folds; fold++) {
    const train = labels.map((label, row) => (foldOf[row] === fold ? -1 : label));
    const present = [...new Set(train)].filter((label) => label >= 0);
    const asked = allRows(labels.length).filter((row) => foldOf[row] === fold);
    if (present.length < 2) {
      for (const row of asked) predicted[row] = present[0]!;
      continue;
    }
    const probe = fitProbe(features, train, classes, {
      seed,
      groups: groupOf,
      strengths: [1],
      scalings: ['standardised'],
    });
    const own = rowsOf({ values: features, columns }, asked);
    predictProbe(probe, own).labels.forEach((label, i) => {
      predicted[asked[i]!] = label;
    });
  }
  return predicted;
}

/** Rows of which some are labelled, each in a fold and a predicted class. */
interface PredictedRows {
  readonly features: Float32Array;
  readonly columns: number;
  /** 1 for labelled rows. */
  readonly first: Int32Array;
  readonly predicted: Int32Array;
  readonly foldOf: Int32Array;
  readonly classes: number;
  readonly weights: Float64Array;
}

/** How much each row looks like the others, by a discriminant of the other folds; higher for what is unlike the labelled. */
function discriminantScores(rows: PredictedRows): Float64Array {
  const { columns, predicted, foldOf } = rows;
  const features = centredWithin(rows);
  const count = predicted.length;
  const covariance = secondMoments(features, allRows(count), columns);
  let trace = 0;
  for (let k = 0; k < columns; k++) trace += covariance[k * columns + k]!;
  // A column without any variance still needs a pivot.
  for (let k = 0; k < columns; k++) covariance[k * columns + k]! += (ridge * trace) / columns + 1e-9 * count;
  choleskyFactor(covariance, columns);
  const scores = new Float64Array(count);
  for (let fold = 0; fold < folds; fold++) {
    const direction = meanDifference({ ...rows, features }, fold);
    choleskySolve(covariance, columns, direction, 0);
    for (let row = 0; row < count; row++) {
      if (foldOf[row] !== fold) continue;
      for (let k = 0; k < columns; k++) scores[row]! += direction[k]! * features[row * columns + k]!;
    }
  }
  return scores;
}

/** Mean of the others less mean of the labelled in each class, summed by the labels' weights, without one fold. */
function meanDifference(rows: PredictedRows, leftOut: number): Float64Array {
  const { features, columns, first, predicted, foldOf, classes, weights } = rows;
  const difference = new Float64Array(columns);
  for (let label = 0; label < classes; label++) {
    const own = allRows(first.length).filter((row) => predicted[row] === label && foldOf[row] !== leftOut);
    const others = own.filter((row) => !first[row]);
    const labelled = own.filter((row) => first[row]);
    if (others.length === 0) continue;
    const total = labelled.reduce((sum, row) => sum + weights[row]!, 0);
    for (let k = 0; k < columns; k++) {
      for (const row of others) difference[k]! += (total * features[row * columns + k]!) / others.length;
      for (const row of labelled) difference[k]! -= weights[row]! * features[row * columns + k]!;
    }
  }
  return difference;
}

/** The rows less the mean of their predicted class. */
function centredWithin({ features, columns, predicted, classes }: PredictedRows): Float32Array {
  const means = new Float64Array(classes * columns);
  const counts = new Float64Array(classes);
  predicted.forEach((label, row) => {
    counts[label]!++;
    for (let k = 0; k < columns; k++) means[label * columns + k]! += features[row * columns + k]!;
  });
  return features.map((value, at) => {
    const label = predicted[Math.floor(at / columns)]!;
    return value - means[label * columns + (at % columns)]! / counts[label]!;
  });
}

/**
 * Cosine distance of each row to the nearest labelled one (rows 0 … labelled − 1) of the third nearest group beside its
 * own: further images of a group make nothing nearer.
 */
function distancesToLabelled(
  features: Float32Array,
  columns: number,
  labelled: number,
  groupOf: Int32Array,
): Float64Array {
  const bank = { features, columns, rows: allRows(labelled) };
  const sizes = new Map<number, number>();
  for (const group of groupOf.subarray(0, labelled)) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const enough = Math.min(labelled, neighbourRank * Math.max(...sizes.values()));
  const distances = new Float64Array(groupOf.length).fill(2);
  forEachNearest(bank, 'bank', enough, (row, list) => {
    const seen = new Set([groupOf[row]!]);
    for (let i = 0; i < list.length && seen.size <= neighbourRank; i++) {
      seen.add(groupOf[list.rows[i]!]!);
      distances[row] = 1 - list.similarities[i]!;
    }
  });
  return distances;
}
