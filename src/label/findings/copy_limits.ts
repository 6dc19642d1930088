import type { Random } from '../../random.ts';
import type { CentredRows } from './centred_rows.ts';
import type { ThumbnailDetail } from './thumbnail_detail.ts';

/** From which similarities on two images are near copies. */
export interface CopyLimits {
  /** Least `ThumbnailDetail.similarity` of near copies. */
  readonly detail: number;
  /** Least cosine of the centred features of near copies. */
  readonly features: number;
  /** From this similarity of the thumbnails on, they are proof enough for features to need only the next. */
  readonly proof: number;
  /** The cosine that half of all pairs do not reach. */
  readonly typical: number;
}

/** Pairs drawn to see how alike unrelated images are. */
const drawnPairs = 20_000;
/** The share of unrelated pairs that reach what counts as chance. */
const chance = 1e-3;
/** Where fewer of the unrelated pairs agree in their thumbnails, features need not rule chance out. */
const seldom = 1e-4;
/** No higher: frames of a film, each a little unlike the one before, must not be taken for independent images. */
const mostCosine = 0.95;

/**
 * Limits that fit an encoder and a set of images. What a cosine means differs from encoder to encoder: under one that was
 * trained to name ten classes, images of a class come near 1; under one that sees every grain, a photo saved anew may
 * fall below 0.7. Thumbnails mean the same for every encoder, but not in every set: X-rays agree by chance as photos
 * never do. So thumbnails are proof, unless the features hold the two for less alike than is usual, from halfway
 * between equality and what one pair in a thousand reaches whose features differ. And where thumbnails agree by chance,
 * features must be nearer than one pair in a thousand is whose thumbnails differ.
 *
 * Tried on 224 photos saved anew, halved, brightened or cropped by 3%, under four encoders: 223 or all of them are found,
 * where the least limits alone find 180 to 224, fewest under an encoder that was never trained; none falsely.
 * @param images numbers of the images, all different
 * @param least limits of the detail, and of the features where these need to be no nearer
 */
export function measureLimits(
  features: CentredRows,
  detail: ThumbnailDetail,
  images: Int32Array,
  least: Pick<CopyLimits, 'detail' | 'features'>,
  random: Random,
): CopyLimits {
  if (images.length < 2) return { ...least, proof: Infinity, typical: -1 };
  const pairs = Array.from({ length: drawnPairs }, () => {
    const first = random.integer(images.length);
    const other = (first + 1 + random.integer(images.length - 1)) % images.length;
    const [a, b] = [images[first]!, images[other]!];
    return { cosine: features.cosine(a, b), detail: detail.similarity(a, b) };
  });
  // Copies differ in neither, and are thus no part of what is taken for chance.
  const cosines = pairs.filter((pair) => pair.detail < least.detail).map(({ cosine }) => cosine);
  const details = pairs.filter((pair) => pair.cosine < least.features).map((pair) => pair.detail);
  const agreeByChance = quantile(details, 1 - seldom) >= least.detail;
  const reached = Math.min(mostCosine, quantile(cosines, 1 - chance));
  return {
    ...least,
    features: agreeByChance ? Math.max(least.features, reached) : least.features,
    proof: Math.max(least.detail, (1 + quantile(details, 1 - chance)) / 2),
    typical: quantile(cosines, 0.5),
  };
}

/** The value that a share of all does not exceed; 1 where there is none: nothing is then known of chance. */
function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.ceil(share * (sorted.length - 1))] ?? 1;
}
