import { deviationsAhead } from '../../numerics/mcnemar.ts';
import type { Fold } from '../../numerics/stratified_folds.ts';
import { labelFolds } from '../methods/folds.ts';
import { labelledSet } from '../task.ts';
import { naturalOrder } from './natural_order.ts';

/**
 * How well a method names labelled images whose neighbours by name it has not seen. Frames of one film, slides of one
 * patient, photos of one day lie side by side in the order of names: where a method is much worse at them all at once,
 * random folds have let it know what it was asked by its neighbour.
 */
export interface OrderCheck {
  /** The method that was tried. */
  readonly method: string;
  /** Its accuracy in random folds. */
  readonly random: number;
  /** Its accuracy in folds of neighbours by name. */
  readonly neighbours: number;
  /** By how many deviations of McNemar's test the first is ahead. */
  readonly deviations: number;
  /** Whether the second is lower by more than chance: what the folds say then holds for images of the same groups alone. */
  readonly dependent: boolean;
}

/** In deviations of McNemar's test: one in a hundred where the order says nothing. */
const clearly = 2.326;

/** Compares what a method gets right in random folds and in folds of neighbours, 1 for each labelled image that it does. */
export function checkOrder(method: string, random: Uint8Array, neighbours: Uint8Array): OrderCheck {
  const accuracy = (hits: Uint8Array) => hits.reduce((sum, hit) => sum + hit, 0) / hits.length;
  const deviations = deviationsAhead(random, neighbours);
  return {
    method,
    random: accuracy(random),
    neighbours: accuracy(neighbours),
    deviations,
    dependent: deviations > clearly,
  };
}

/** Folds of neighbours, and random ones to compare them with. */
export interface OrderTrial {
  /** Folds of neighbours by name. */
  readonly neighbours: readonly Fold[];
  /** As many random folds; absent where they are those in which methods are compared. */
  readonly random?: readonly Fold[];
}

/**
 * What the order is to be tried with: as many folds as methods are compared in, and two, since of few series each is cut
 * into several of many folds, and then still teaches what it asks.
 */
export function orderTrials(
  paths: readonly string[],
  given: Int32Array,
  groups: Int32Array,
  folds: readonly Fold[],
  seed: number,
): OrderTrial[] {
  const trials: OrderTrial[] = [{ neighbours: neighbourFolds(paths, given, groups, folds.length) }];
  if (folds.length > 2) {
    const random = labelFolds(given, groups, 2, seed);
    if (random.length > 0) trials.push({ neighbours: neighbourFolds(paths, given, groups, 2), random });
  }
  return trials.filter(({ neighbours }) => neighbours.length > 0);
}

/**
 * K folds of neighbours: each class in the order of its paths, numbers in them by value, cut into K runs of equal length.
 * @param given class of each image, −1 where none is known
 * @param groups the group that each image counts as one observation with; a group goes where its first image goes
 * @returns none where a fold would be left with one class to learn
 */
export function neighbourFolds(
  paths: readonly string[],
  given: Int32Array,
  groups: Int32Array,
  count: number,
): Fold[] {
  const { images } = labelledSet(given);
  const sizes = new Map<number, number>();
  for (const image of images) sizes.set(given[image]!, (sizes.get(given[image]!) ?? 0) + 1);
  const seen = new Map<number, number>();
  const foldOf = new Map<number, number>();
  for (const image of naturalOrder(paths, images)) {
    const label = given[image]!;
    const place = seen.get(label) ?? 0;
    seen.set(label, place + 1);
    const group = groups[image]!;
    if (!foldOf.has(group)) foldOf.set(group, Math.floor((place * count) / sizes.get(label)!));
  }
  const folds = Array.from({ length: count }, (_, fold) => ({
    train: images.filter((image) => foldOf.get(groups[image]!) !== fold),
    heldOut: images.filter((image) => foldOf.get(groups[image]!) === fold),
  })).filter(({ heldOut }) => heldOut.length > 0);
  const learnable = folds.every(({ train }) => new Set(train.map((image) => given[image]!)).size >= 2);
  return learnable ? folds : [];
}
