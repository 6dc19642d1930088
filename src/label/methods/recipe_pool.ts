import type { ImageStream } from '../../data/sources/image_stream.ts';
import { loadImages } from '../../data/sources/read_images.ts';
import type { InputRecipe } from '../../encoder/recipe.ts';
import { UserError } from '../../errors.ts';

/** Decoded images in memory, for what trains on pixels. */
export interface ImagePool {
  /** N·size·size·3 bytes: RGB, row by row, image after image. */
  readonly pixels: Uint8Array;
  /** Side of the images, in pixels. */
  readonly size: number;
  /** Where each image of the source lies among `pixels`; −1 where it does not. */
  readonly positions: Int32Array;
}

/**
 * The images as a recipe brings them to an encoder: decoded anew where it says how they are resized, else those that
 * are in memory already.
 * @param pool the images in the run's own squares
 * @param images those that are wanted, by number in the source
 * @throws UserError where one of them can no longer be read, or memory does not suffice
 */
export async function poolAtRecipe(
  stream: ImageStream,
  pool: ImagePool,
  { imageSize, resize }: Pick<InputRecipe, 'imageSize' | 'resize'>,
  images: Int32Array,
): Promise<ImagePool> {
  if (!resize) return pool;
  const { pixels, unreadable } = await loadImages(stream.resized(imageSize, resize), images);
  const [lost] = unreadable;
  if (lost)
    throw new UserError(`${lost.path} could be read before and cannot now (${lost.reason}): start again`);
  const positions = new Int32Array(stream.paths.length).fill(-1);
  images.forEach((image, position) => {
    positions[image] = position;
  });
  return { pixels, size: imageSize, positions };
}
