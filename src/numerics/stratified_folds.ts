import { UserError } from '../errors.ts';
import { Random, streams } from '../random.ts';

/** Numbers of labelled images, each list ascending; the two have none in common. */
export interface Fold {
  /** To learn from. */
  readonly train: Int32Array;
  /** To score what was learned. */
  readonly heldOut: Int32Array;
}

/**
 * K splits in which each labelled image is held out exactly once. Every class, and the whole, is spread evenly: the
 * folds' counts differ by at most one. A class with fewer than K images is absent from some folds.
 * @param labels a class for each image, −1 unknown
 * @param folds K
 * @param groups a group number for each image: images of one group are held out together. A class's counts then differ
 * by at most the size of a group of it alone; groups of several classes are dealt out first, the largest of them first, each
 * where the fewest images of its classes are
 * @throws UserError where K is not a whole number from 2 to the number of labelled images or of their groups
 */
export function stratifiedFolds(
  labels: Int32Array,
  folds: number,
  seed: number,
  groups?: Int32Array,
): Fold[] {
  const groupOf = (image: number) => (groups ? groups[image]! : image);
  const members = new Map<number, number[]>();
  labels.forEach((label, image) => {
    if (label < 0) return;
    const group = members.get(groupOf(image));
    if (group) group.push(image);
    else members.set(groupOf(image), [image]);
  });
  if (!Number.isInteger(folds) || folds < 2 || folds > members.size) {
    const kind = groups ? 'groups of labelled images' : 'labelled images';
    throw new UserError(
      `${folds} folds of ${members.size} ${kind}: give a whole number from 2 to ${members.size}`,
    );
  }
  const foldOf = new Int32Array(labels.length).fill(-1);
  const sizes = new Int32Array(folds);
  const classSizes: Int32Array[] = [];
  const ofClass = (label: number) => (classSizes[label] ??= new Int32Array(folds));
  const assign = (images: readonly number[], fold: number) => {
    for (const image of images) {
      foldOf[image] = fold;
      sizes[fold]!++;
      ofClass(labels[image]!)[fold]!++;
    }
  };
  const total = new Map<number, number>();
  for (const label of labels) total.set(label, (total.get(label) ?? 0) + 1);
  for (const images of mixedGroups(members, labels, seed)) {
    // Each class by its own measure: ten more of a rare one weigh more than ten more of a frequent one.
    const crowd = (fold: number) =>
      images.reduce(
        (sum, image) => sum + ofClass(labels[image]!)[fold]! / total.get(labels[image]!)! ** 2,
        0,
      );
    let fold = 0;
    for (let other = 1; other < folds; other++) {
      const difference = crowd(other) - crowd(fold) || sizes[other]! - sizes[fold]!;
      if (difference < 0) fold = other;
    }
    assign(images, fold);
  }
  for (const images of shuffledClasses(labels, seed)) {
    // The largest groups first: the small ones then even out what they left uneven.
    const size = (image: number) => members.get(groupOf(image))!.length;
    for (const image of images.sort((a, b) => size(b) - size(a))) {
      if (foldOf[image]! >= 0) continue;
      // Into the fold with the fewest of the class, of these into the smallest, which keeps the whole as even.
      const counts = ofClass(labels[image]!);
      let fold = 0;
      for (let other = 1; other < folds; other++) {
        const difference = counts[other]! - counts[fold]! || sizes[other]! - sizes[fold]!;
        if (difference < 0) fold = other;
      }
      assign(members.get(groupOf(image))!, fold);
    }
  }
  return Array.from({ length: folds }, (_, fold) => ({
    train: imagesWhere(foldOf, (own) => own >= 0 && own !== fold),
    heldOut: imagesWhere(foldOf, (own) => own === fold),
  }));
}

/** Groups whose images are of several classes, in random order and then by size. */
function mixedGroups(
  members: ReadonlyMap<number, readonly number[]>,
  labels: Int32Array,
  seed: number,
): (readonly number[])[] {
  const mixed = [...members.values()].filter((images) =>
    images.some((image) => labels[image] !== labels[images[0]!]),
  );
  return new Random(seed, streams.mixedGroups).shuffle(mixed).sort((a, b) => b.length - a.length);
}

/** The labelled images of each class that occurs, by class number, each class shuffled on its own. */
function shuffledClasses(labels: Int32Array, seed: number): number[][] {
  const classes: number[][] = [];
  labels.forEach((label, image) => {
    if (label >= 0) (classes[label] ??= []).push(image);
  });
  return classes
    .map((images, label) => new Random(seed, streams.split + label).shuffle(images))
    .filter((images) => images !== undefined);
}

function imagesWhere(foldOf: Int32Array, holds: (fold: number) => boolean): Int32Array {
  const images: number[] = [];
  foldOf.forEach((fold, image) => {
    if (holds(fold)) images.push(image);
  });
  return Int32Array.from(images);
}
