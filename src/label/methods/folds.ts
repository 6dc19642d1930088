import { type Fold, stratifiedFolds } from '../../numerics/stratified_folds.ts';
import { labelledSet } from '../task.ts';

/**
 * Folds of the labelled images, stratified by class, copies of one image together, so that none is predicted by
 * itself. Fewer than `count` where there are fewer labels. None where fewer than two classes have two images that are
 * no copies, since the only image of a class is never told right; nor where a fold would be left with one class to learn.
 * @param groups the group of copies that each image belongs to
 */
export function labelFolds(given: Int32Array, groups: Int32Array, count: number, seed: number): Fold[] {
  const { images, labels } = labelledSet(given);
  const groupsOf = new Map<number, Set<number>>();
  images.forEach((image, row) => {
    const own = groupsOf.get(labels[row]!) ?? new Set();
    groupsOf.set(labels[row]!, own.add(groups[image]!));
  });
  if ([...groupsOf.values()].filter(({ size }) => size >= 2).length < 2) return [];
  const folds = Math.min(count, new Set(images.map((image) => groups[image]!)).size);
  const all = stratifiedFolds(given, folds, seed, groups).filter(({ heldOut }) => heldOut.length > 0);
  const classesIn = (part: Int32Array) => new Set(part.map((image) => given[image]!)).size;
  return all.every(({ train }) => classesIn(train) >= 2) ? all : [];
}
