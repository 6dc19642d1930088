import { allocatePixels, type ImageStream, type SkippedImage } from './image_source.ts';

/** Told now and then how many images of how many were read. */
export type ReadProgress = (done: number, total: number) => void;

/**
 * Decodes images of a stream into memory.
 * @returns the pixels of those that can be read, one after another, and the others
 * @throws UserError where memory does not suffice
 */
export async function loadImages(
  stream: ImageStream,
  images: Int32Array,
  onProgress?: ReadProgress,
): Promise<{ pixels: Uint8Array; unreadable: readonly SkippedImage[] }> {
  return readCompact(stream, images, allocatePixels(images.length, stream.size), onProgress);
}

/** Decodes images into `room`, without a gap for those that cannot be read. */
export async function readCompact(
  stream: ImageStream,
  images: Int32Array,
  room: Uint8Array,
  onProgress?: ReadProgress,
): Promise<{ pixels: Uint8Array; unreadable: readonly SkippedImage[] }> {
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
