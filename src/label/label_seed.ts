/**
 * A seed that follows from which image has which label (FNV-1a, 32 bits), so that trying other seeds finds no other folds,
 * and no better promise by luck.
 * @param given class of each image, −1 where none is known
 */
export function labelSeed(paths: readonly string[], given: Int32Array, classes: readonly string[]): number {
  let hash = 0x811c9dc5;
  const add = (text: string) => {
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  };
  given.forEach((label, image) => {
    if (label >= 0) add(`${paths[image]}\n${classes[label]}\n`);
  });
  return hash >>> 0;
}
