import type { ImageStream, SkippedImage } from '../../data/sources/image_stream.ts';
import { type ImageChunk, readChunks } from '../../data/sources/read_images.ts';
import { Pace, type Speed } from '../pace.ts';

/** Sees every image of a stream, some at a time. */
export interface ChunkReader {
  /** Takes the next images, in the stream's order; their pixels last until the promise is kept. */
  take(chunk: ImageChunk): Promise<void>;
}

/** How a stream is read through. */
export interface ReadingOptions {
  /** Images of a chunk, 64 by default. */
  readonly batch?: number;
  /** Called after each chunk; throws to stop. */
  readonly onProgress?: (done: number, total: number, speed: Speed) => void;
}

/** Images of a chunk where the caller does not say. */
export const defaultBatch = 64;

/** A stream, and who sees its images. */
export interface Pass {
  /** Where the images come from. */
  readonly stream: ImageStream;
  /** Who sees them; each image is decoded once for all. */
  readonly readers: readonly ChunkReader[];
}

/**
 * Shows every image to the readers of several passes, chunk by chunk. Of each stream's pixels no more than two chunks lie
 * in memory: while the readers work on one, the next is decoded.
 * @param passes streams of the same images, at different squares; an image that one cannot read is unreadable in all
 * @throws UserError where reading itself does not work
 */
export async function readThrough(
  passes: readonly Pass[],
  { batch = defaultBatch, onProgress }: ReadingOptions,
): Promise<void> {
  const count = passes[0]!.stream.paths.length;
  const images = Int32Array.from({ length: count }, (_, image) => image);
  const pace = new Pace(count);
  const chunks = passes.map(({ stream }) => readChunks(stream, images, batch));
  try {
    for (let done = 0; done < count; ) {
      const read = await Promise.all(chunks.map(nextOf));
      const unreadable = together(read);
      const taken = passes.flatMap(({ readers }, pass) =>
        readers.map((reader) => reader.take({ ...read[pass]!, unreadable })),
      );
      await Promise.all(taken);
      done += read[0]!.images.length;
      onProgress?.(done, count, pace.at(done));
    }
  } finally {
    // Whoever stops early may then delete the files.
    await Promise.all(chunks.map((chunk) => chunk.return()));
  }
}

async function nextOf(chunks: AsyncGenerator<ImageChunk, void, undefined>): Promise<ImageChunk> {
  return (await chunks.next()).value!;
}

/** The images that at least one of some chunks of the same images cannot read, each once. */
function together(chunks: readonly ImageChunk[]): readonly SkippedImage[] {
  const all = chunks.flatMap(({ unreadable }) => unreadable);
  const first = new Map(all.map((skipped) => [skipped.image, skipped] as const).reverse());
  return [...first.values()].sort((a, b) => a.image - b.image);
}
