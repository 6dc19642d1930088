import { isAnswered } from '../../data/labels/none_of_these.ts';
import { DisjointSets } from '../../numerics/disjoint_sets.ts';
import { requireFinite } from '../../numerics/feature_rows.ts';
import { type ImageCensus, thumbnailsOf } from '../scan/census.ts';
import { type FeatureRows, rowsOf } from '../scan/features.ts';
import { findNearCopies, type NearCopies, type NearCopyInputs } from './near_copies.ts';

/** What is known of N images among which copies are looked for. */
export interface DuplicateInputs extends NearCopyInputs {
  /** One number for each image: equal where the images are the very same (see `ImageCensus.sameAs`). */
  readonly sameAs: Int32Array;
  /** Class given to each image, −1 where none was. */
  readonly given: Int32Array;
}

/** Images that repeat one another; first the one that stands for them, the others ascend. */
export interface Copies {
  /** `exact` where all are the very same, `near` where some only look alike. */
  readonly kind: 'exact' | 'near';
  /** Numbers of the images: a labelled one first, if there is any, of these the lowest. */
  readonly images: Int32Array;
  /** Whether some of them are no near copies of each other, only of others between them. */
  readonly chained: boolean;
}

/** Copies that were given different labels. */
export interface Conflict {
  /** `exact` where at least one of the labels is wrong; frames that are near copies may well differ. */
  readonly kind: 'exact' | 'near';
  /** Numbers of the given images. */
  readonly images: Int32Array;
  /** The class given to each. */
  readonly labels: Int32Array;
}

/** Copies among images, by their numbers. */
export interface Duplicates {
  /**
   * The image that stands for all that one observation shows, exact and near copies of one another: its own number where
   * an image stands alone. A labelled one before others, of these the lowest. It groups; labels do not follow from it.
   */
  readonly groupOf: Int32Array;
  /**
   * The very same image whose label each takes; its own number where an image is given a label or keeps its own
   * prediction, as near copies do, and copies of images with contradicting labels.
   */
  readonly inheritsFrom: Int32Array;
  /** 1 where the very same image was given different labels, whether or not one was given here. */
  readonly contradicted: Uint8Array;
  /** Groups of two and more, the largest first. */
  readonly groups: readonly Copies[];
  /** Images that repeat another exactly. */
  readonly exactDuplicates: number;
  /** Images that repeat another nearly. */
  readonly nearDuplicates: number;
  /** Of the very same images, and of groups, those whose given labels differ. */
  readonly conflicts: readonly Conflict[];
}

/** Pairs of one group that are compared with each other at most. */
const mostPairs = 500;

/**
 * Groups images that repeat one another: exactly, by their hash, or nearly (see `findNearCopies`). Whatever is connected by
 * copies of copies is one group, since observations that depend on each other must count as one.
 * @throws UserError for features that are not finite
 */
export function findDuplicates(inputs: DuplicateInputs): Duplicates {
  const { given } = inputs;
  const count = given.length;
  requireFinite(inputs.features, inputs.columns);
  const sameOf = firstOfEach(inputs.sameAs, given);
  const distinct = Int32Array.from(sameOf.keys()).filter((image) => sameOf[image] === image);
  const copies = findNearCopies(distinct, inputs);
  const sets = new DisjointSets(count);
  sameOf.forEach((same, image) => void sets.unite(image, same));
  for (const [a, b] of copies.pairs) sets.unite(a, b);
  const groupOf = firstOfEach(
    sameOf.map((_, image) => sets.find(image)),
    given,
  );
  const exactConflicts = conflictsOf(membersOf(sameOf), given, 'exact');
  const contradicted = new Uint8Array(count);
  const disputed = new Set(exactConflicts.map(({ images }) => sameOf[images[0]!]!));
  const inheritsFrom = sameOf.map((same, image) => {
    if (disputed.has(same)) contradicted[image] = 1;
    return disputed.has(same) || isAnswered(given[image]!) ? image : same;
  });
  const members = membersOf(groupOf);
  const groups = members
    .map((images): Copies => {
      const kind = images.every((image) => sameOf[image] === sameOf[images[0]!]) ? 'exact' : 'near';
      return { kind, images, chained: kind === 'near' && isChained(images, sameOf, copies) };
    })
    .sort((a, b) => b.images.length - a.images.length || a.images[0]! - b.images[0]!);
  const near = groups.filter(({ kind }) => kind === 'near').map(({ images }) => images);
  const repeats = groups.reduce((sum, { images }) => sum + images.length - 1, 0);
  const exactDuplicates = count - distinct.length;
  return {
    groupOf,
    inheritsFrom,
    contradicted,
    groups,
    exactDuplicates,
    nearDuplicates: repeats - exactDuplicates,
    conflicts: [
      ...exactConflicts,
      ...conflictsOf(near, given, 'near').filter(({ images, labels }) =>
        // What the very same images contradict is told already.
        labels.some((label, i) => label !== labels[0] && sameOf[images[i]!] !== sameOf[images[0]!]),
      ),
    ],
  };
}

/**
 * Copies among some of the images of a source (see `findDuplicates`).
 * @param images their numbers in the source; numbers in the result are places among them
 * @param given class given to each of `images`, −1 where none was
 * @throws UserError for features that are not finite
 */
export function duplicatesAmong(
  census: Pick<ImageCensus, 'sameAs' | 'thumbnails'>,
  features: FeatureRows,
  images: Int32Array,
  given: Int32Array,
  seed: number,
): Duplicates {
  return findDuplicates({
    features: rowsOf(features, images),
    columns: features.columns,
    sameAs: images.map((image) => census.sameAs[image]!),
    thumbnails: thumbnailsOf(census, images),
    given,
    seed,
  });
}

/** For each image the one that stands for all with its key: a labelled one before others, of these the lowest. */
function firstOfEach(keys: Int32Array, given: Int32Array): Int32Array {
  const first = new Int32Array(keys.reduce((most, key) => Math.max(most, key), -1) + 1).fill(-1);
  keys.forEach((key, image) => {
    const known = first[key]!;
    if (known < 0 || (!isAnswered(given[known]!) && isAnswered(given[image]!))) first[key] = image;
  });
  return keys.map((key) => first[key]!);
}

/** The images of each group of two and more, first the one that stands for them. */
function membersOf(firstOf: Int32Array): Int32Array[] {
  const others = new Map<number, number[]>();
  firstOf.forEach((first, image) => {
    if (first === image) return;
    const known = others.get(first);
    if (known) known.push(image);
    else others.set(first, [image]);
  });
  return [...others].map(([first, rest]) => Int32Array.of(first, ...rest));
}

function conflictsOf(groups: readonly Int32Array[], given: Int32Array, kind: Conflict['kind']): Conflict[] {
  return groups.flatMap((group) => {
    const images = group.filter((image) => isAnswered(given[image]!));
    const labels = images.map((image) => given[image]!);
    return labels.some((label) => label !== labels[0]) ? [{ kind, images, labels }] : [];
  });
}

/** Whether some images of a group are no copies of each other, as far as evenly spaced pairs of them tell. */
function isChained(images: Int32Array, sameOf: Int32Array, { near }: NearCopies): boolean {
  const distinct = images.filter((image) => sameOf[image] === image);
  const count = distinct.length;
  const all = (count * (count - 1)) / 2;
  const step = Math.max(1, all / mostPairs);
  let next = 0;
  for (let i = 0, pair = 0; i < count; i++) {
    for (let j = i + 1; j < count; j++, pair++) {
      if (pair < next) continue;
      next += step;
      if (!near(distinct[i]!, distinct[j]!)) return true;
    }
  }
  return false;
}
