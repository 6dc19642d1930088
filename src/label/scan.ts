import type { Engine } from '../autograd/engine.ts';
import { createThumbnailer } from '../data/grey_thumbnail.ts';
import { Fingerprint, sha256, toHex } from '../data/sources/fingerprint.ts';
import type { UnreadableImage } from '../data/sources/image_source.ts';
import { type ImageStream, readChunks } from '../data/sources/image_stream.ts';
import { BatchEncoding } from '../encoder/features.ts';
import { ImageBank } from '../encoder/image_bank.ts';
import { loadEncoder } from '../encoder/read_weights.ts';
import type { EncoderWeights } from './methods/methods.ts';
import { Pace, type Speed } from './pace.ts';

const thumbnailSide = 16;
/** Grey levels of a thumbnail: 16×16. */
export const thumbnailPixels = thumbnailSide ** 2;

/** Bytes of SHA-256 that are kept: of 10 million images two differ and share them with a probability of 10⁻²⁵. */
const hashBytes = 16;

/** What is known of each of a stream's N images once they were all seen. */
export interface Scan {
  /** N × columns, row-major; zeros for images that cannot be read. */
  readonly features: Float32Array;
  readonly columns: number;
  /** Equal where the decoded pixels are; '' for images that cannot be read. */
  readonly hashes: readonly string[];
  /** N × `thumbnailPixels` grey levels. */
  readonly thumbnails: Uint8Array;
  /** 1 for images that can be read. */
  readonly readable: Uint8Array;
  /** The others, and the stream's files of other formats; by path. */
  readonly unreadable: readonly UnreadableImage[];
  /** Of the readable images, as `ImageSource.fingerprint`. */
  readonly fingerprint: string;
}

/** Size and number of the images that pass the encoder at a time, and who hears of it. */
export interface ScanOptions {
  /** Side of what the encoder sees, in pixels. */
  readonly imageSize: number;
  /** Images of a batch, 64 by default. */
  readonly batch?: number;
  /** Called after each batch; throws to stop. */
  readonly onProgress?: (done: number, total: number, speed: Speed) => void;
}

/**
 * Passes every image of a stream through an encoder. Of the pixels no more than two batches lie in memory, so that it
 * grows with the number of images by what `Scan` holds alone. While the GPU computes one batch, the next is decoded,
 * hashed and submitted.
 * @throws UserError where reading itself does not work
 */
export async function scanImages(
  engine: Engine,
  weights: EncoderWeights,
  stream: ImageStream,
  { imageSize, batch = 64, onProgress }: ScanOptions,
): Promise<Scan> {
  const { size, paths } = stream;
  const count = paths.length;
  const everything = Int32Array.from({ length: count }, (_, image) => image);
  const encoder = loadEncoder(engine, { ...weights, metadata: {} });
  const columns = encoder.featureSize;
  const bank = new ImageBank(engine, undefined, size, batch);
  const shape = { sourceSize: size, imageSize, batch, normalise: weights.normalise };
  const encoding = await BatchEncoding.create(engine, encoder, bank, shape);
  const features = new Float32Array(count * columns);
  const readable = new Uint8Array(count).fill(1);
  const unreadable: UnreadableImage[] = [...stream.unreadable];
  const census = new Census(count, size);
  const pace = new Pace(count);
  try {
    for await (const chunk of readChunks(stream, everything, batch)) {
      const first = chunk.images[0]!;
      const rows = chunk.images.length;
      for (const { image, path, reason } of chunk.unreadable) {
        readable[image] = 0;
        unreadable.push({ path, reason });
      }
      bank.upload(chunk.pixels);
      const encoded = encoding.run((values) => {
        features.set(values.subarray(0, rows * columns), first * columns);
        for (const { image } of chunk.unreadable) features.fill(0, image * columns, (image + 1) * columns);
      });
      await Promise.all([encoded, census.add(first, chunk.pixels, readable)]);
      onProgress?.(first + rows, count, pace.at(first + rows));
    }
    await encoding.settle();
  } finally {
    await encoding.settle().catch(() => {});
    encoding.destroy();
    encoder.parameters.destroy();
  }
  unreadable.sort((a, b) => (a.path < b.path ? -1 : 1));
  const { hashes, thumbnails } = census;
  const fingerprint = await census.fingerprint(stream, readable);
  return { features, columns, hashes, thumbnails, readable, unreadable, fingerprint };
}

/** What the host learns of each image. */
class Census {
  readonly hashes: string[];
  readonly thumbnails: Uint8Array;
  readonly #bytes: number;
  readonly #fingerprint = new Fingerprint();
  readonly #thumbnail: ReturnType<typeof createThumbnailer>;

  constructor(count: number, size: number) {
    this.hashes = new Array<string>(count).fill('');
    this.thumbnails = new Uint8Array(count * thumbnailPixels);
    this.#bytes = 3 * size * size;
    this.#thumbnail = createThumbnailer(size, thumbnailSide);
  }

  /** Takes images from number `first` on, as far as they are readable. */
  async add(first: number, pixels: Uint8Array, readable: Uint8Array): Promise<void> {
    const images: number[] = [];
    const pending: Promise<Uint8Array>[] = [];
    for (let start = 0, image = first; start < pixels.length; start += this.#bytes, image++) {
      if (readable[image] === 0) continue;
      const own = pixels.subarray(start, start + this.#bytes);
      images.push(image);
      pending.push(sha256(own));
      this.#thumbnail(own, this.thumbnails.subarray(image * thumbnailPixels, (image + 1) * thumbnailPixels));
      await this.#fingerprint.add(own);
    }
    const digests = await Promise.all(pending);
    images.forEach((image, i) => {
      this.hashes[image] = toHex(digests[i]!.subarray(0, hashBytes));
    });
  }

  fingerprint(stream: ImageStream, readable: Uint8Array): Promise<string> {
    const keep = (_: unknown, image: number) => readable[image] === 1;
    return this.#fingerprint.finish({
      ...stream,
      paths: stream.paths.filter(keep),
      partition: stream.partition.filter(keep),
      labels: stream.labels.filter(keep),
    });
  }
}
