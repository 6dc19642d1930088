import { stratifiedFolds } from '../data/split.ts';
import type { Fold } from './comparison.ts';
import { labelledSet } from './task.ts';

/**
 * Folds of the labelled images, stratified by class, copies of one image together, so that none is predicted by
 * itself. Fewer than `count` where there are fewer labels; none where a fold would be left with one class to learn.
 * @param groups the group of copies that each image belongs to
 */
export function labelFolds(given: Int32Array, groups: Int32Array, count: number, seed: number): Fold[] {
  const { images } = labelledSet(given);
  const folds = Math.min(count, new Set(images.map((image) => groups[image]!)).size);
  if (folds < 2) return [];
  const all = stratifiedFolds(given, folds, seed, groups).filter(({ heldOut }) => heldOut.length > 0);
  const classesIn = (part: Int32Array) => new Set(part.map((image) => given[image]!)).size;
  return all.every(({ train }) => classesIn(train) >= 2) ? all : [];
}
