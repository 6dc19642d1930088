import { requireFinite } from '../../numerics/feature_rows.ts';
import { Random, streams } from '../../random.ts';
import { type ImageCensus, thumbnailPixels } from '../scan/census.ts';
import { type FeatureRows, rowsOf } from '../scan/features.ts';
import { CentredRows } from './centred_rows.ts';
import { measureLimits } from './copy_limits.ts';
import { visitNearPairs } from './near_pairs.ts';
import { ThumbnailDetail } from './thumbnail_detail.ts';

/** What is known of N images among which copies are looked for. */
export interface DuplicateInputs {
  /** N × `columns`, row-major. */
  readonly features: Float32Array;
  /** Features of each image. */
  readonly columns: number;
  /** One text for each image: equal where the images are the very same. */
  readonly hashes: readonly string[];
  /** Grey squares of each image, best of 16×16 pixels. */
  readonly thumbnails: Uint8Array;
  /** Class given to each image, −1 where none was. */
  readonly given: Int32Array;
  /** Seeds the search for near copies. */
  readonly seed: number;
  /** Least cosine of the centred features of near copies, 0.85 by default (see `measureLimits`). */
  readonly featureSimilarity?: number;
  /** Least `ThumbnailDetail.similarity` of near copies, 0.8 by default. */
  readonly detailSimilarity?: number;
}

/** Images that repeat one another; the first is the one kept, the others ascend. */
export interface Copies {
  /** `exact` where all are the very same, `near` where one of them only looks alike. */
  readonly kind: 'exact' | 'near';
  /** Numbers of the images, the one that is kept first. */
  readonly images: Int32Array;
}

/** Copies among images, by their numbers. */
export interface Duplicates {
  /** The image that each repeats: its own number where it repeats none. */
  readonly groupOf: Int32Array;
  /** 1 where an image is the very same as the one it repeats. */
  readonly exact: Uint8Array;
  /** Groups of two and more, the largest first; near where one of the copies is. */
  readonly groups: readonly Copies[];
  /** Images that repeat another exactly. */
  readonly exactDuplicates: number;
  /** Images that repeat another nearly. */
  readonly nearDuplicates: number;
  /** The given images of each group whose given labels differ, and these. */
  readonly conflicts: readonly { readonly images: Int32Array; readonly labels: Int32Array }[];
}

/** Tables of hyperplanes through the features, and as many through the thumbnails. */
const tables = 8;
/** Earlier copies remembered of one image: it needs one that is kept. */
const remembered = 32;

/**
 * Groups images that repeat one another: exactly, or nearly, which is alike both in the features and in the detail of
 * the thumbnails. Neither alone will do: features of an encoder of little training are all alike, and thumbnails share
 * frames and horizons. Features are centred: where nearly all images show one scene, what differs from it decides. Every
 * image resembles the one kept for its group, so groups do not grow along chains; kept is a labelled image before others,
 * and a lower number before a higher.
 *
 * Of 10,000 CIFAR-10 images, under an encoder trained to name their classes, 35 of 50 million pairs have thumbnails as
 * alike as copies must have, nearly all of them the same photograph, though more than 500,000 have features as alike.
 * @throws UserError for features that are not finite
 */
export function findDuplicates(inputs: DuplicateInputs): Duplicates {
  const { hashes, given } = inputs;
  requireFinite(inputs.features, inputs.columns);
  const order = Int32Array.from(hashes.keys()).sort((a, b) => rank(given, a) - rank(given, b) || a - b);
  const firstOf = new Map<string, number>();
  for (const image of order) if (!firstOf.has(hashes[image]!)) firstOf.set(hashes[image]!, image);
  const distinct = order.filter((image) => firstOf.get(hashes[image]!) === image);
  const keptFor = keepNear(distinct, inputs);
  const groupOf = Int32Array.from(hashes, (hash) => keptFor.get(firstOf.get(hash)!)!);
  const exact = Uint8Array.from(groupOf, (kept, image) =>
    kept !== image && hashes[kept] === hashes[image] ? 1 : 0,
  );
  return { groupOf, exact, ...summarise(groupOf, exact, given) };
}

/**
 * Copies among some of the images of a source (see `findDuplicates`).
 * @param images their numbers in the source; numbers in the result are places among them
 * @param given class given to each of `images`, −1 where none was
 * @throws UserError for features that are not finite
 */
export function duplicatesAmong(
  census: Pick<ImageCensus, 'hashes' | 'thumbnails'>,
  features: FeatureRows,
  images: Int32Array,
  given: Int32Array,
  seed: number,
): Duplicates {
  const thumbnails = new Uint8Array(images.length * thumbnailPixels);
  images.forEach((image, at) => {
    const start = image * thumbnailPixels;
    thumbnails.set(census.thumbnails.subarray(start, start + thumbnailPixels), at * thumbnailPixels);
  });
  return findDuplicates({
    features: rowsOf(features, images),
    columns: features.columns,
    hashes: Array.from(images, (image) => census.hashes[image]!),
    thumbnails,
    given,
    seed,
  });
}

const rank = (given: Int32Array, image: number) => (given[image]! >= 0 ? 0 : 1);

/** The image kept for each of `images`, which are all different and in the order in which they are kept. */
function keepNear(images: Int32Array, inputs: DuplicateInputs): Map<number, number> {
  const earlier = earlierCopies(images, inputs);
  const kept = new Set<number>();
  const keptFor = new Map<number, number>();
  images.forEach((image, place) => {
    const match = earlier.get(place)?.find((other) => kept.has(other));
    if (match === undefined) kept.add(place);
    keptFor.set(image, images[match ?? place]!);
  });
  return keptFor;
}

/** Near copies of each image that come before it, by their places among `images`, ascending. */
function earlierCopies(images: Int32Array, inputs: DuplicateInputs): Map<number, number[]> {
  const { featureSimilarity = 0.85, detailSimilarity = 0.8, columns } = inputs;
  const random = new Random(inputs.seed, streams.duplicates);
  const all = inputs.hashes.length;
  const features = new CentredRows(inputs.features, columns);
  const detail = new ThumbnailDetail(inputs.thumbnails, all);
  const place = new Int32Array(all).fill(-1);
  images.forEach((image, at) => {
    place[image] = at;
  });
  const least = { detail: detailSimilarity, features: featureSimilarity };
  const limits = measureLimits(features, detail, images, least, random);
  const earlier = new Map<number, number[]>();
  const compare = (provable: boolean) => (a: number, b: number) => {
    const [first, second] = [Math.min(place[a]!, place[b]!), Math.max(place[a]!, place[b]!)];
    if (first < 0) return;
    const known = earlier.get(second) ?? [];
    if (known.length === remembered && first > known.at(-1)!) return;
    const cosine = features.cosine(a, b);
    const unlike = cosine < limits.features;
    if (cosine < limits.typical || (unlike && !provable) || known.includes(first)) return;
    // Flat thumbnails agree whatever the images show.
    if (unlike && (detail.isFlat(a) || detail.isFlat(b))) return;
    const needed = unlike ? limits.proof : limits.detail;
    if (detail.similarity(a, b, needed) < needed) return;
    known.push(first);
    known.sort((x, y) => x - y);
    known.splice(remembered);
    earlier.set(second, known);
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
    compare(false),
  );
  // What thumbnails alone prove lies close together among them.
  visitNearPairs(
    {
      count: all,
      columns: detail.side ** 2,
      block: (first, size) => detail.block(first, size),
      direction: (from) => detail.direction(from),
    },
    tables,
    random,
    compare(true),
  );
  return earlier;
}

function summarise(groupOf: Int32Array, exact: Uint8Array, given: Int32Array) {
  const members = new Map<number, number[]>();
  groupOf.forEach((kept, image) => {
    if (kept === image) return;
    const images = members.get(kept);
    if (images) images.push(image);
    else members.set(kept, [image]);
  });
  const groups = [...members]
    .map(
      ([kept, others]): Copies => ({
        kind: others.every((image) => exact[image]) ? 'exact' : 'near',
        images: Int32Array.of(kept, ...others),
      }),
    )
    .sort((a, b) => b.images.length - a.images.length || a.images[0]! - b.images[0]!);
  const conflicts = groups.flatMap((group) => {
    const images = group.images.filter((image) => given[image]! >= 0);
    const labels = images.map((image) => given[image]!);
    return labels.some((label) => label !== labels[0]) ? [{ images, labels }] : [];
  });
  const copies = groups.reduce((sum, { images }) => sum + images.length - 1, 0);
  const exactDuplicates = exact.reduce((sum, value) => sum + value, 0);
  return { groups, conflicts, exactDuplicates, nearDuplicates: copies - exactDuplicates };
}
