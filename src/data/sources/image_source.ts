import { UserError } from '../../errors.ts';
import type { Files } from '../../platform/platform.ts';
import { Fingerprint } from './fingerprint.ts';

/** `test` images are an official held-out part: nothing may train on them or choose anything by them. */
export type Partition = 'train' | 'test';

/** An image that was skipped, and why. */
export interface UnreadableImage {
  readonly path: string;
  readonly reason: string;
}

/** Class numbers of images: `classes[labels[i]]` is the name of image i's class; −1 is unknown. */
export interface Labels {
  readonly classes: readonly string[];
  readonly labels: Int32Array;
  /** Where given, `test` images never become given labels (see `hideLabels`). */
  readonly partition?: readonly Partition[];
}

/** A decoded set of N square images, in memory. Its `labels` are the known truth, for scoring and hiding. */
export interface ImageSource extends Labels {
  /** `cifar10`, `demo`, or the folder's own name. */
  readonly name: string;
  /** One line for the user: how many images of which parts, read from what. */
  readonly description: string;
  /** Side of the square images, in pixels. */
  readonly size: number;
  /** N·size·size·3 bytes: RGB, row by row, image after image. */
  readonly pixels: Uint8Array;
  /** A folder's relative paths with `/`; `file#record` (from 0) for sets kept in binary files. */
  readonly paths: readonly string[];
  readonly partition: readonly Partition[];
  readonly unreadable: readonly UnreadableImage[];
  /** Paths that exist but were left out by `limit`. */
  readonly omitted: readonly string[];
  /** SHA-256 (hex) of pixels, paths, partitions and labels: equal where the content is. */
  readonly fingerprint: string;
}

/** An image of a stream that could not be read; `image` is its number. */
export interface SkippedImage extends UnreadableImage {
  readonly image: number;
}

/**
 * A set of N square images that are decoded when they are asked for, so that its memory does not grow with the pixels.
 * All but the pixels is known from the start, from file names, headers and label files.
 */
export interface ImageStream extends Omit<ImageSource, 'pixels' | 'fingerprint'> {
  /** Files of formats that are not read here. Which other images cannot be read, `read` tells. */
  readonly unreadable: readonly UnreadableImage[];
  /** Further images, by the numbers from N on, that may take the place of unreadable ones; in that order. */
  readonly spare: readonly string[];
  /**
   * Decodes images into `target`, size·size·3 bytes each, in the order given.
   * @param onRead called now and then with how many more images were read
   * @returns the images that cannot be read; their places hold anything
   * @throws UserError where reading itself does not work
   */
  read(
    images: Int32Array,
    target: Uint8Array,
    onRead?: ((count: number) => void) | undefined,
  ): Promise<SkippedImage[]>;
}

/** What every opener takes. */
export interface OpenOptions {
  readonly files: Files;
  /** Side of the square images; by default a binary set's own, 64 for folders. */
  readonly imageSize?: number | undefined;
  /** At most so many training images: the first of a seeded shuffle, kept in the set's order. */
  readonly limit?: number | undefined;
  /** At most so many official test images; by default as `limit`. */
  readonly testLimit?: number | undefined;
  /** Seeds the choice that `limit` makes; 0 by default. A smaller limit chooses a subset of a larger one's. */
  readonly seed?: number | undefined;
}

/** The numbers of the images in one partition, ascending. */
export function partitionIndices(source: ImageSource, partition: Partition): Int32Array {
  const indices = source.partition.flatMap((own, index) => (own === partition ? [index] : []));
  return Int32Array.from(indices);
}

/** Room for `count` RGB images of side `size`. @throws UserError where memory does not suffice */
export function allocatePixels(count: number, size: number): Uint8Array {
  const bytes = count * size * size * 3;
  try {
    return new Uint8Array(bytes);
  } catch {
    const gigabytes = (bytes / 1e9).toFixed(1);
    throw new UserError(
      `${count} images of ${size}×${size} pixels need ${gigabytes} GB of memory, more than can be had here: lower --image-size or --limit`,
    );
  }
}

/** Completes a source with its fingerprint. */
export async function withFingerprint(source: Omit<ImageSource, 'fingerprint'>): Promise<ImageSource> {
  const fingerprint = new Fingerprint();
  await fingerprint.add(source.pixels);
  return { ...source, fingerprint: await fingerprint.finish(source) };
}
