import type { ImageStream } from '../data/sources/image_stream.ts';
import { type Duplicates, findDuplicates } from './findings/duplicates.ts';
import { rowsOf } from './methods/methods.ts';
import { type Scan, thumbnailPixels } from './scan.ts';

/** Numbers of the images that get a label: all that can be read and are no official test images. */
export function imagesToLabel({ paths, partition }: ImageStream, { readable }: Scan): Int32Array {
  return Int32Array.from(paths.keys()).filter(
    (image) => partition[image] === 'train' && readable[image] === 1,
  );
}

/**
 * Copies among scanned images (see `findDuplicates`); its numbers are places in `images`.
 * @param given class given to each of `images`, −1 where none was
 */
export function copiesAmong(scan: Scan, images: Int32Array, given: Int32Array, seed: number): Duplicates {
  const thumbnails = new Uint8Array(images.length * thumbnailPixels);
  images.forEach((image, at) => {
    const start = image * thumbnailPixels;
    thumbnails.set(scan.thumbnails.subarray(start, start + thumbnailPixels), at * thumbnailPixels);
  });
  return findDuplicates({
    features: rowsOf(scan, images),
    columns: scan.columns,
    hashes: Array.from(images, (image) => scan.hashes[image]!),
    thumbnails,
    given,
    seed,
  });
}
