import { named, sentence, UserError } from '../../errors.ts';
import type { ImageStream, SkippedImage, UnreadableImage } from './image_stream.ts';

/** Told now and then how many images of how many were read. */
export type ReadProgress = (done: number, total: number) => void;

/** Images in memory. */
export interface LoadedImages {
  /** RGB, row by row, one image after another, without a gap for those that cannot be read. */
  readonly pixels: Uint8Array;
  /** The images that cannot be read, each with the reason. */
  readonly unreadable: readonly SkippedImage[];
}

/**
 * Decodes images of a stream into memory.
 * @param images their numbers; `pixels` keeps this order
 * @throws UserError where memory does not suffice, or reading itself does not work
 */
export async function loadImages(
  stream: ImageStream,
  images: Int32Array,
  onProgress?: ReadProgress,
): Promise<LoadedImages> {
  const room = allocatePixels(images.length, stream.size);
  const bytes = 3 * stream.size ** 2;
  let done = 0;
  const unreadable = await stream.read(images, room, (count) => {
    done += count;
    onProgress?.(done, images.length);
  });
  const skipped = new Set(unreadable.map(({ image }) => image));
  let to = 0;
  images.forEach((image, from) => {
    if (skipped.has(image)) return;
    if (to !== from) room.copyWithin(to * bytes, from * bytes, (from + 1) * bytes);
    to++;
  });
  return { pixels: room.subarray(0, to * bytes), unreadable };
}

/** Some images of a stream, decoded. */
export interface ImageChunk {
  /** Numbers of the images in the source. */
  readonly images: Int32Array;
  /** size·size·3 bytes for each of `images`, to be used before the next chunk is asked for: its memory comes again. */
  readonly pixels: Uint8Array;
  /** Those of `images` whose pixels mean nothing. */
  readonly unreadable: readonly SkippedImage[];
}

/** The images in chunks of `count`, in their order; while one is worked on, the next is decoded, and no other. */
export async function* readChunks(
  stream: ImageStream,
  images: Int32Array,
  count: number,
): AsyncGenerator<ImageChunk, void, undefined> {
  const bytes = 3 * stream.size ** 2;
  const buffers = [allocatePixels(count, stream.size), allocatePixels(count, stream.size)] as const;
  let turn = 0;
  const start = (first: number): Promise<ImageChunk> => {
    const chosen = images.subarray(first, first + count);
    const pixels = buffers[turn++ % 2]!.subarray(0, chosen.length * bytes);
    const chunk = stream.read(chosen, pixels).then((unreadable) => ({ images: chosen, pixels, unreadable }));
    // An error is thrown where the chunk is awaited.
    chunk.catch(() => {});
    return chunk;
  };
  let next = start(0);
  try {
    for (let first = 0; first < images.length; first += count) {
      const chunk = await next;
      next = start(first + count);
      yield chunk;
    }
  } finally {
    // Whoever stops early may then delete the files.
    await next.catch(() => {});
  }
}

/** Room for `count` RGB images of side `size`. @throws UserError where memory does not suffice */
function allocatePixels(count: number, size: number): Uint8Array {
  const bytes = count * size * size * 3;
  try {
    return new Uint8Array(bytes);
  } catch {
    const gigabytes = (bytes / 1e9).toFixed(1);
    throw new UserError(
      sentence`${count} images of ${size}×${size} pixels need ${gigabytes} GB of memory, more than can be had here: lower ${named('imageSize')} or ${named('limit')}`,
    );
  }
}

/**
 * The error of a place of which no image can be read.
 * @param unreadable all of its images, at least one
 */
export function noReadableImage(place: string, unreadable: readonly UnreadableImage[]): UserError {
  const { path, reason } = unreadable[0]!;
  const count = unreadable.length === 1 ? 'the only image' : `none of ${unreadable.length} images`;
  const verb = unreadable.length === 1 ? 'cannot be read' : 'can be read';
  return new UserError(`${place}: ${count} ${verb} (${path}: ${reason}): give a folder with intact images`, {
    setting: 'data',
  });
}
