import { fnv1aOfText } from '../formats/fnv1a.ts';

/**
 * A seed that follows from which image has which label (FNV-1a, 32 bits), so that trying other seeds finds no other folds,
 * and no better promise by luck.
 * @param given class of each image, −1 where none is known
 */
export function labelSeed(paths: readonly string[], given: Int32Array, classes: readonly string[]): number {
  let hash = fnv1aOfText('');
  given.forEach((label, image) => {
    if (label >= 0) hash = fnv1aOfText(`${paths[image]}\n${classes[label]}\n`, hash);
  });
  return hash;
}
