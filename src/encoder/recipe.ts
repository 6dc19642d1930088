import type { Resize } from '../data/resize/resize.ts';
import { type Normalisation, perChannel } from '../ops/augment.ts';

/** How an image becomes an encoder's input: brought to a square, its pixels normalised. */
export interface InputRecipe {
  /** Side of the square that the encoder sees, in pixels. */
  readonly imageSize: number;
  /**
   * How images are brought to the square, from the files themselves. Absent: as the run has its images, whose squares are
   * then resized on the GPU.
   */
  readonly resize?: Resize;
  /** What is subtracted from pixels in [0, 1] and what divides them. */
  readonly normalise: Normalisation;
  /**
   * Features are the mean of those of the image and of its mirror image, left for right. An encoder that has learned from
   * mirrored images gains by it at twice the work; where left and right differ, as in writing, nothing is mirrored.
   */
  readonly mirror?: true;
}

/** Whether two normalisations do the same to every channel. */
export function sameNormalisation(one: Normalisation, other: Normalisation): boolean {
  return numbersOf(one).join() === numbersOf(other).join();
}

/** Whether two recipes bring every image to the same input. */
export function sameRecipe(one: InputRecipe, other: InputRecipe): boolean {
  const same = one.imageSize === other.imageSize && sameNormalisation(one.normalise, other.normalise);
  return same && one.mirror === other.mirror && sameResize(one.resize, other.resize);
}

function numbersOf({ mean, std }: Normalisation): number[] {
  return [...perChannel(mean), ...perChannel(std)];
}

function sameResize(one: Resize | undefined, other: Resize | undefined): boolean {
  if (!one || !other) return one === other;
  const { filter, shorterSide, squash = false } = one;
  return filter === other.filter && shorterSide === other.shorterSide && squash === (other.squash ?? false);
}

/** How images are brought to the square, in words: `224 pixels, cut from a shorter side of 256 (bilinear)`. */
export function describeSquare({ imageSize, resize }: Pick<InputRecipe, 'imageSize' | 'resize'>): string {
  const side = `${imageSize} pixels`;
  if (!resize) return side;
  const { filter, shorterSide, squash } = resize;
  const stretched = squash ? ', width and height each on its own' : '';
  if (shorterSide === imageSize) return `${side}${stretched} (${filter})`;
  const whole = squash ? `${shorterSide} by ${shorterSide}` : `a shorter side of ${shorterSide}`;
  return `${side}, cut from ${whole} (${filter})`;
}
