import { fingerprintOf } from '../../data/sources/fingerprint.ts';
import type { ImageStream } from '../../data/sources/image_stream.ts';
import type { LoadedImages } from '../../data/sources/read_images.ts';
import type { ImagePool } from '../../label/methods/recipe_pool.ts';

/** Images in memory, and what they are. */
export interface ReadPool {
  /** Those that could be read. */
  readonly pool: ImagePool;
  /** SHA-256 of them with their paths and labels. */
  readonly fingerprint: string;
}

/**
 * What was read of a stream's images, as training takes it.
 * @param images those that were asked for, by number in the source
 * @param known class of an image, −1 without one, and the classes' names
 */
export async function poolOfRead(
  stream: ImageStream,
  images: Int32Array,
  { pixels, unreadable }: Pick<LoadedImages, 'pixels' | 'unreadable'>,
  known: { readonly labelOf: (image: number) => number; readonly classes: readonly string[] },
): Promise<ReadPool> {
  const skipped = new Set(unreadable.map(({ image }) => image));
  const kept = images.filter((image) => !skipped.has(image));
  const positions = new Int32Array(stream.paths.length).fill(-1);
  kept.forEach((image, position) => {
    positions[image] = position;
  });
  const content = {
    size: stream.size,
    paths: Array.from(kept, (image) => stream.paths[image]!),
    partition: Array.from(kept, (image) => stream.partition[image]!),
    labels: kept.map(known.labelOf),
    classes: known.classes,
  };
  const fingerprint = await fingerprintOf(content, pixels);
  return { pool: { pixels, size: stream.size, positions }, fingerprint };
}
