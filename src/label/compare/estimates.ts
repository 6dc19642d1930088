import { crossedInterval } from '../../numerics/crossed_interval.ts';
import { type Estimate, pairedInterval, wilsonInterval } from '../../numerics/interval.ts';

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Accuracy with its 95% interval over draws of labels and held-out images both, or over the images of one draw.
 * @param draws 1 for each image that is told right, else 0: the same images in each draw
 * @returns null without a draw
 */
export function curveAccuracy(draws: readonly Uint8Array[]): Estimate | null {
  const [first] = draws;
  if (!first) return null;
  const { length: images } = first;
  const right = mean(draws.map(mean));
  const varies = draws.length > 1 && draws.some((draw) => draw.some((value) => value !== first[0]));
  // Where all is right, or nothing, one draw's images tell what can be told.
  const [low, high] = varies ? crossedInterval(draws) : wilsonInterval(right * images, images);
  return {
    mean: right,
    interval: [Math.max(0, low), Math.min(1, high)],
    images,
    draws: draws.length,
  };
}

/**
 * How much more of the images one curve tells right than another on the same draws, with its 95% interval: paired draw by
 * draw and image by image.
 * @param other of as many draws
 * @returns null where either has none
 */
export function curveDifference(own: readonly Uint8Array[], other: readonly Uint8Array[]): Estimate | null {
  const [first, second] = [own[0], other[0]];
  if (!first || !second) return null;
  const differences = own.map((draw, at) =>
    Float64Array.from(draw, (right, image) => right - other[at]![image]!),
  );
  const varies = own.length > 1 && differences.some((draw) => draw.some((value) => value !== draw[0]));
  const [low, high] = varies ? crossedInterval(differences) : pairedInterval(first, second);
  return {
    mean: mean(differences.map(mean)),
    interval: [Math.max(-1, low), Math.min(1, high)],
    images: first.length,
    draws: own.length,
  };
}
