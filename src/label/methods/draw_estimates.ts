import { type Estimate, pairedInterval, studentInterval, wilsonInterval } from '../../numerics/interval.ts';

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Accuracy with its 95% interval: over several draws of labels by Student's t of the draws, over one by Wilson's of the
 * images.
 * @param draws 1 for each image that is told right, else 0: the same images in each draw
 * @param observations independent ones among the images of one draw; by default all
 * @returns null without a draw
 */
export function accuracyOver(
  draws: readonly Uint8Array[],
  observations = draws[0]?.length ?? 0,
): Estimate | null {
  const [first] = draws;
  if (!first) return null;
  const means = draws.map(mean);
  const interval =
    draws.length > 1 ? studentInterval(means) : wilsonInterval(means[0]! * observations, observations);
  return { mean: mean(means), interval, images: first.length, draws: draws.length };
}

/**
 * How much more one method tells right than another of the same images, with its 95% interval: paired draw by draw
 * (Student's t of the differences) or, of one draw, image by image (Bonett & Price).
 * @param other of as many draws
 * @returns null where either has none
 */
export function differenceOver(own: readonly Uint8Array[], other: readonly Uint8Array[]): Estimate | null {
  const [first, second] = [own[0], other[0]];
  if (!first || !second) return null;
  const means = own.map((draw, i) => mean(draw) - mean(other[i]!));
  const interval = own.length > 1 ? studentInterval(means) : pairedInterval(first, second);
  return { mean: mean(means), interval, images: first.length, draws: own.length };
}
