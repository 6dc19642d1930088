import { UserError } from '../errors.ts';
import type { Files } from '../platform/platform.ts';

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
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
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
  const { size, paths, partition, labels, classes } = source;
  const words = new TextEncoder().encode(
    JSON.stringify({ size, paths, partition, labels: [...labels], classes }),
  );
  return { ...source, fingerprint: toHex(await digest([words, source.pixels])) };
}

// Web Crypto hashes only whole buffers and copies them, so long data is hashed in pieces and the pieces' hashes hashed.
const PIECE_BYTES = 1 << 24;

async function digest(parts: readonly Uint8Array[]): Promise<Uint8Array> {
  const hashes: Uint8Array[] = [];
  for (const part of parts) {
    for (let start = 0; start < part.length; start += PIECE_BYTES) {
      hashes.push(await sha256(part.subarray(start, start + PIECE_BYTES)));
    }
  }
  const joined = new Uint8Array(hashes.length * 32);
  hashes.forEach((hash, index) => {
    joined.set(hash, index * 32);
  });
  return sha256(joined);
}

async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
