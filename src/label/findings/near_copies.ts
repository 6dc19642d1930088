import { allRows } from '../../numerics/linear_algebra.ts';
import { Random, streams } from '../../random.ts';
import { CentredRows } from './centred_rows.ts';
import { CoarseLikeness } from './coarse_likeness.ts';
import { FrameDifference } from './frame_difference.ts';
import { featureLimits, largestTold, nearLimit } from './near_limits.ts';
import { NearPairList } from './near_pair_list.ts';
import { meetsAll, visitNearPairs } from './near_pairs.ts';
import { ThumbnailDetail } from './thumbnail_detail.ts';

/** Tables of hyperplanes through the features, and as many through the thumbnails. */
const tables = 8;
/** Pairs of one image and those before it that are looked at closely: in a crowd a few connect it to the others. */
const mostCompared = 64;
/** Less alike as they lie, thumbnails are aligned only where the features are alike as hardly any. */
const leastAlike = 0.5;
/**
 * Nor, where not all pairs are looked at, where their coarse outlines, shifted a little, are less alike: of photos beside
 * others 1 in 1000 is as much alike, of photos shifted by 3% of their side none is less than 0.71.
 */
const leastCoarse = 0.6;

/** What is known of N images among which near copies are looked for. */
export interface NearCopyInputs {
  /** N × `columns`, row-major, finite. */
  readonly features: Float32Array;
  /** Features of each image. */
  readonly columns: number;
  /** Grey squares of each image, 16×16 pixels. */
  readonly thumbnails: Uint8Array;
  /** Seeds the search. */
  readonly seed: number;
}

/** Near copies among images. */
export interface NearCopies {
  /** Pairs of images, the first of each before its second. */
  readonly pairs: readonly (readonly [number, number])[];
  /** Whether two images are near copies. */
  near(a: number, b: number): boolean;
}

/**
 * Pairs of images that show the same from the same place, as frames of one burst do: alike in the thumbnails once these
 * are aligned, closer than the set's own images otherwise are, and not unlike in the features.
 *
 * Up to 2,000 images all pairs are looked at; beyond that those that lie close by their features or by their thumbnails.
 * @param images those to compare: their numbers, all different
 */
export function findNearCopies(images: Int32Array, inputs: NearCopyInputs): NearCopies {
  const { columns, thumbnails, seed } = inputs;
  const random = new Random(seed, streams.duplicates);
  const all = inputs.features.length / columns;
  const features = new CentredRows(inputs.features, columns);
  const detail = new ThumbnailDetail(thumbnails, all);
  const frames = new FrameDifference(thumbnails, all);
  const limits = featureLimits(features, images, random);
  // Flat thumbnails agree whatever the images show.
  const compared = new Uint8Array(all);
  for (const image of images) if (!detail.isFlat(image)) compared[image] = 1;
  const found = new NearPairList(all, mostCompared);
  const coarse = new CoarseLikeness(thumbnails, all);
  const exhaustive = meetsAll(all);
  const compareFrom = (least: number) => (a: number, b: number) => {
    if (compared[a] === 0 || compared[b] === 0) return;
    const cosine = features.cosine(a, b);
    if (cosine < least) return;
    if (cosine < limits.seldom && detail.similarity(a, b, leastAlike) < leastAlike) return;
    if (!exhaustive && !coarse.reaches(leastCoarse, a, b)) return;
    if (found.takes(a, b)) found.add(a, b, frames.between(a, b));
  };
  visitNearPairs(
    {
      count: all,
      columns,
      block: (first, size) => inputs.features.subarray(first * columns, (first + size) * columns),
      mean: features.mean,
    },
    tables,
    random,
    // Who is less alike in the features than this, but alike in the thumbnails, lies close by these.
    compareFrom(exhaustive ? limits.least : Math.min(limits.surely, limits.seldom)),
  );
  if (!exhaustive) {
    visitNearPairs(
      {
        count: all,
        columns: detail.side ** 2,
        block: (first, size) => detail.block(first, size),
        direction: (from) => detail.direction(from),
      },
      tables,
      random,
      compareFrom(limits.least),
    );
  }
  const { first, second, difference } = found.columns;
  const told = allRows(found.length).filter((at) => difference[at]! <= largestTold);
  const limit = nearLimit({ first, second, difference, told }, all, images.length);
  return {
    pairs: Array.from(
      told.filter((at) => difference[at]! <= limit),
      (at) => [first[at]!, second[at]!] as const,
    ),
    near: (a, b) => frames.between(a, b) <= limit,
  };
}
