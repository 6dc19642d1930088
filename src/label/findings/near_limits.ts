import { DisjointSets } from '../../numerics/disjoint_sets.ts';
import type { Random } from '../../random.ts';
import type { CentredRows } from './centred_rows.ts';

/**
 * Pairs drawn to see how alike the features of images are that have nothing to do with each other; and of very many images,
 * for each that is worth aligning with one so many.
 */
const drawnPairs = 20_000;
const drawnOfEach = 10;
/** Copies' features are nearer than this share of all pairs, unless they are nearer than the cosine. */
const usualShare = 0.9;
const surelyAlike = 0.85;
/** So many of an image's nearest by their features are worth aligning, whatever the thumbnails say as they lie. */
const alignedOfEach = 32;

/** From which cosines of the centred features on two images may be copies. */
export interface FeatureLimits {
  /** Below it features say that they are not. */
  readonly least: number;
  /** From it on features say so, whatever is usual in the set. */
  readonly surely: number;
  /** From it on features alone are reason enough to look closely. */
  readonly seldom: number;
}

/**
 * Limits that fit an encoder and a set of images: what a cosine means differs from encoder to encoder. Under one that was
 * trained to name ten classes, images of a class come near 1; under one that sees every grain, a photo saved anew may fall
 * below 0.7.
 * @param images numbers of the images, all different
 */
export function featureLimits(features: CentredRows, images: Int32Array, random: Random): FeatureLimits {
  if (images.length < 2) return { least: surelyAlike, surely: surelyAlike, seldom: 1 };
  const pairs = Math.max(drawnPairs, Math.ceil((drawnOfEach * images.length) / alignedOfEach));
  const cosines = Float64Array.from({ length: pairs }, () => {
    const first = random.integer(images.length);
    const other = (first + 1 + random.integer(images.length - 1)) % images.length;
    return features.cosine(images[first]!, images[other]!);
  }).sort();
  const at = (share: number) => cosines[Math.ceil(share * (cosines.length - 1))]!;
  const least = Math.min(surelyAlike, at(usualShare));
  return {
    least,
    surely: surelyAlike,
    seldom: Math.max(least, at(1 - Math.min(1 - usualShare, alignedOfEach / images.length))),
  };
}

/** Differences of photos of other scenes begin far above it, those of one scene lie below. */
const mostDifference = 2;
/** Limits tried, each so much lower than the one before, and how many. */
const fall = Math.SQRT1_2;
const mostFalls = 16;
/** Of the joined groups so many may be so by chance: for each image, or for each that is joined. */
const strayShare = 0.0005;
const fringeShare = 0.05;
/** Free parameters of images that are alike by chance, as far as the two outermost rings do not tell. */
const [leastParameters, mostParameters] = [2, 3] as const;

/** Larger differences say nothing of the limit. */
export const largestTold = 2 * mostDifference;

/** Pairs of images that were compared, column by column. */
export interface ComparedPairs {
  /** Number of each pair's first image. */
  readonly first: Int32Array;
  /** Number of its second image. */
  readonly second: Int32Array;
  /** Their `FrameDifference`. */
  readonly difference: Float64Array;
  /** The pairs that count. */
  readonly told: Int32Array;
}

/**
 * The largest `FrameDifference` of near copies in a set of images, by the set's own distances. Copies lie close together;
 * pairs that are alike by chance, as shapes on a black ground or pictures of one fixed camera, become ever more frequent
 * with the distance t: as t^(D/2) for images of D free parameters (the correlation integral of Grassberger and Procaccia,
 * Physica D 9, 1983). So each ring from T to 2T bounds how many of those below t ≤ T are alike by chance, copies in the
 * ring counted along: ring(T) · (t/T)^(D/2) / (2^(D/2) − 1). D comes from how the outermost ring compares with the next.
 *
 * Not pairs are counted but those of them that join two groups when the nearest come first (single linkage): a crowd of n
 * frames has n² / 2 pairs, beside which any number of others would look small.
 * @param pairs `told`: all that were looked at and lie below `largestTold`, each once
 * @param count N: the images' numbers lie below
 * @param images how many were compared
 * @returns 0 where no limit keeps copies apart from the rest
 */
export function nearLimit(
  { first, second, difference, told }: ComparedPairs,
  count: number,
  images: number,
): number {
  const sets = new DisjointSets(count);
  const joins = told
    .toSorted((a, b) => difference[a]! - difference[b]! || a - b)
    .filter((at) => sets.unite(first[at]!, second[at]!));
  const below = (limit: number) => {
    const beyond = joins.findIndex((at) => difference[at]! > limit);
    return beyond < 0 ? joins.length : beyond;
  };
  const ring = (from: number) => below(2 * from) - below(from);
  const growth = Math.log2(ring(mostDifference) / ring(mostDifference / 2));
  const power = Math.min(mostParameters, Math.max(leastParameters, 2 * (growth || Infinity))) / 2;
  let bounds: number[] = [];
  for (let tried = 0, limit = mostDifference; tried < mostFalls; tried++, limit *= fall) {
    bounds = [...bounds.map((bound) => bound * fall ** power), ring(limit) / (2 ** power - 1)];
    if (Math.min(...bounds) <= Math.max(1, strayShare * images, fringeShare * below(limit))) return limit;
  }
  return 0;
}
