import { membersByClass } from '../../data/labels/hidden_labels.ts';
import type { Labels } from '../../data/sources/image_stream.ts';
import { named, sentence, UserError } from '../../errors.ts';
import { type LabelTask, officialTest } from '../../label/task.ts';
import { chooseAscending, Random, streams } from '../../random.ts';

/** Of the labelled images, where the set has no test part. */
const heldOutShare = 0.25;
/** Fewer tell no two methods apart. */
const fewestHeldOut = 20;

/** Most images of each part. */
export interface SplitLimits {
  /** Images that methods learn from; undefined: all. */
  readonly pool: number | undefined;
  /** Images that score; undefined: all. */
  readonly heldOut: number | undefined;
}

/**
 * Deals images out once for all methods, by the seed alone. Held out are the official test images or, where there are
 * none, a quarter of the labelled ones of each class: no pretext task sees them, no label of theirs is given. What is
 * given are all labels of the others; draws are taken from these.
 * @param given classes that training images were given; −1 and less where there is none
 * @param known classes of images, as far as known: those of test images score
 * @throws UserError where fewer than two classes have a label to learn from and one to score with, or too few images score
 */
export function dealOut(known: Labels, given: Int32Array, limits: SplitLimits, seed: number): LabelTask {
  const { classes, partition } = known;
  const all = [...known.labels.keys()];
  const isTest = (image: number) => partition?.[image] === 'test';
  const take = (images: readonly number[], most: number | undefined, stream: number) =>
    images.length <= (most ?? images.length)
      ? [...images]
      : Array.from(
          chooseAscending(images.length, most!, new Random(seed, streams.limit + stream)),
          (i) => images[i]!,
        );
  const test = all.filter((image) => isTest(image) && known.labels[image]! >= 0);
  const scoring = test.length > 0 ? test : ofEachClass({ ...known, labels: given }, seed);
  const apart = new Set(scoring);
  const training = all.filter((image) => !isTest(image) && !apart.has(image));
  const labelled = training.filter((image) => given[image]! >= 0);
  const others = training.filter((image) => given[image]! < 0);
  const kept = take(labelled, limits.pool, 0);
  const rest = limits.pool === undefined ? undefined : limits.pool - kept.length;
  const pool = Int32Array.from([...kept, ...take(others, rest, 1)]).sort();
  const heldOut = Int32Array.from(take(scoring, limits.heldOut, 2));
  const inPool = new Set(pool);
  const task = {
    classes,
    given: given.map((label, image) => (inPool.has(image) ? label : -1)),
    pool,
    heldOut,
    heldOutFrom: test.length > 0 ? officialTest : 'a quarter of the labelled images',
    // Where the set has no test part, what scores is what was given.
    truth: test.length > 0 ? known.labels : given,
    otherDraws: [],
  };
  return task;
}

/** @throws UserError where what is left of the images cannot be learned from, or scored by */
export function requireSplit({ classes, given, heldOut, truth }: LabelTask): void {
  const learned = new Set(given.filter((label) => label >= 0));
  if (learned.size < 2)
    throw new UserError(
      sentence`${learned.size === 0 ? 'no readable image has a label to learn from' : `every label to learn from is '${classes[[...learned][0]!]!}'`}: give ${named('labels')} of at least two classes`,
    );
  const scored = new Set(heldOut.map((image) => truth[image]!));
  if (heldOut.length >= fewestHeldOut && scored.size >= 2) return;
  const count = heldOut.length === 1 ? '1 image' : `${heldOut.length} images`;
  throw new UserError(
    sentence`only ${count} of ${scored.size} classes can be held out to score the methods, and ${fewestHeldOut} of two or more are the least: give more ${named('labels')}, or raise ${named('testLimit')} if you gave one`,
  );
}

/** A share of the labelled images of each class, at least one of those that have two. */
function ofEachClass(labels: Labels, seed: number): number[] {
  return membersByClass(labels)
    .flatMap((images, number) => {
      const count = images.length < 2 ? 0 : Math.max(1, Math.round(heldOutShare * images.length));
      return new Random(seed, streams.comparison + number).shuffle(images).slice(0, count);
    })
    .sort((a, b) => a - b);
}
