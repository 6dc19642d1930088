import { unitRows } from '../../numerics/feature_rows.ts';
import { allRows } from '../../numerics/linear_algebra.ts';
import { forEachNearest } from '../../numerics/nearest.ts';
import { standardise, standardisedRows } from '../../numerics/standardisation.ts';
import { chooseAscending, Random, streams } from '../../random.ts';
import { sharesOf } from './assessment.ts';
import type { NoiseInputs } from './label_noise.ts';

/** Images of which some are labelled. */
export interface SpreadInputs {
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
  /** Draws which images are looked at where there are many. */
  readonly seed: number;
}

/** What the labels of others make of labelled images. */
export interface SpreadLabels extends NoiseInputs {
  /** The class given to each labelled image that was looked at. */
  readonly labels: Int32Array;
  /** Of each of these, by the labels of other groups [labels × classes]. */
  readonly probabilities: Float32Array;
  /** What each counts: 1 in all for a group. */
  readonly counts: Float64Array;
  /** Number of classes. */
  readonly classes: number;
}

const neighbours = 10;
/** How much of a label goes on to the neighbours of an image. */
const passedOn = 0.9;
/** So many passes leave less than a five-hundredth of a label to be passed on. */
const passes = 60;
/** Of what reaches an image this is spread over all classes: nothing is certain. */
const doubt = 0.02;
const mostLabelled = 500;
const mostOthers = 1000;

/**
 * Label spreading over the graph of nearest neighbours, with and without a label (Zhou et al. 2004, 'Learning with local
 * and global consistency'): images of one cluster vouch for each other, so a wrong label stands out among right ones where
 * a classifier that learns from all of them still hesitates. (I − 0.9 S)⁻¹ is symmetric: one column of it says how much of
 * every label reaches a labelled image, so that its own is left out at no cost.
 */
export function spreadLabels({
  features,
  columns,
  given,
  classes,
  groups,
  seed,
}: SpreadInputs): SpreadLabels {
  const random = new Random(seed, streams.spread);
  const some = (most: number, keep: (label: number) => boolean) => {
    const able = [...given.keys()].filter((row) => keep(given[row]!));
    return Array.from(chooseAscending(able.length, most, random), (at) => able[at]!);
  };
  const rows = Int32Array.from(some(mostLabelled, (label) => label >= 0));
  const all = Int32Array.from([...rows, ...some(mostOthers, (label) => label < 0)]);
  const edges = neighbourGraph(features, columns, all);
  const probabilities = new Float32Array(rows.length * classes);
  rows.forEach((row, own) => {
    const reach = columnOf(edges, own, all.length);
    const votes = new Float64Array(classes);
    rows.forEach((other, at) => {
      if (groups[other] !== groups[row]) votes[given[other]!]! += reach[at]!;
    });
    const total = votes.reduce((sum, value) => sum + value, 0) || 1;
    const scale = 1 + doubt * classes;
    votes.forEach((value, k) => {
      probabilities[own * classes + k] = (value / total + doubt) / scale;
    });
  });
  return {
    labels: rows.map((row) => given[row]!),
    probabilities,
    counts: sharesOf(rows.map((row) => groups[row]!)),
    classes,
  };
}

/** Each row's neighbours with their weight in S = D^−½ A D^−½. */
interface Edges {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly weights: Float64Array;
}

/** Rows are neighbours where one is among the nearest of the other, by the cosine of their distances to the mean. */
function neighbourGraph(features: Float32Array, columns: number, rows: Int32Array): Edges {
  const unit = unitRows(features, columns, rows);
  const every = allRows(rows.length);
  const centred = standardisedRows(unit, columns, every, standardise(unit, columns, every, 'common'));
  const sets = Array.from(rows, () => new Set<number>());
  forEachNearest({ features: centred, columns, rows: every }, 'bank', neighbours, (row, list) => {
    for (let i = 0; i < list.length; i++) {
      sets[row]!.add(list.rows[i]!);
      sets[list.rows[i]!]!.add(row);
    }
  });
  const starts = new Int32Array(rows.length + 1);
  sets.forEach(({ size }, row) => {
    starts[row + 1] = starts[row]! + size;
  });
  const ends = Int32Array.from(sets.flatMap((set) => [...set]));
  const weights = Float64Array.from(
    sets.flatMap((set, row) =>
      Array.from(set, (other) => 1 / Math.sqrt(sets[row]!.size * sets[other]!.size)),
    ),
  );
  return { starts, ends, weights };
}

/** A column of (I − 0.9 S)⁻¹, by its Neumann series. */
function columnOf({ starts, ends, weights }: Edges, column: number, count: number): Float64Array {
  let values = new Float64Array(count);
  values[column] = 1;
  for (let pass = 0; pass < passes; pass++) {
    const next = new Float64Array(count);
    for (let row = 0; row < count; row++) {
      let sum = 0;
      for (let e = starts[row]!; e < starts[row + 1]!; e++) sum += weights[e]! * values[ends[e]!]!;
      next[row] = passedOn * sum;
    }
    next[column]! += 1;
    values = next;
  }
  return values;
}
