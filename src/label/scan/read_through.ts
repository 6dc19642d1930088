import type { ImageStream } from '../../data/sources/image_stream.ts';
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

/**
 * Shows every image of a stream to several readers at once, decoding it once. Of the pixels no more than two chunks lie
 * in memory: while the readers work on one, the next is decoded.
 * @throws UserError where reading itself does not work
 */
export async function readThrough(
  stream: ImageStream,
  readers: readonly ChunkReader[],
  { batch = defaultBatch, onProgress }: ReadingOptions,
): Promise<void> {
  const count = stream.paths.length;
  const pace = new Pace(count);
  for await (const chunk of readChunks(stream, Int32Array.from(stream.paths.keys()), batch)) {
    await Promise.all(readers.map((reader) => reader.take(chunk)));
    const done = chunk.images[0]! + chunk.images.length;
    onProgress?.(done, count, pace.at(done));
  }
}
