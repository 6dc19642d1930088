import { createThumbnailer } from '../../data/grey_thumbnail.ts';
import { Fingerprint } from '../../data/sources/fingerprint.ts';
import type { ImageStream, UnreadableImage } from '../../data/sources/image_stream.ts';
import type { ImageChunk } from '../../data/sources/read_images.ts';
import { sha256, toHex } from '../../formats/digest.ts';
import { type ChunkReader, type ReadingOptions, readThrough } from './read_through.ts';

const thumbnailSide = 16;
/** Grey levels of a thumbnail: 16×16. */
export const thumbnailPixels = thumbnailSide ** 2;

/** Bytes of SHA-256 that are kept: of 10 million images two differ and share them with a probability of 10⁻²⁵. */
const hashBytes = 16;

/** What is known of each of a stream's N images from its pixels alone, whichever encoder sees them. */
export interface ImageCensus {
  /**
   * Equal where images are the very same: the file, or all pixels at full size (see `ImageStream.identify`). Only images
   * of equal squares are looked at as a whole: a large picture that decoders shrink otherwise as JPEG than as PNG is told
   * from itself. '' for images that cannot be read.
   */
  readonly hashes: readonly string[];
  /** N × `thumbnailPixels` grey levels; zeros for images that cannot be read. */
  readonly thumbnails: Uint8Array;
  /** 1 for images that can be read. */
  readonly readable: Uint8Array;
  /** The others, and the stream's files of other formats; by path. */
  readonly unreadable: readonly UnreadableImage[];
  /** Of the readable images, as `fingerprintOf` has it. */
  readonly fingerprint: string;
}

/** Thumbnails of some images, by number, in that order: `thumbnailPixels` grey levels each. */
export function thumbnailsOf(
  { thumbnails }: Pick<ImageCensus, 'thumbnails'>,
  images: Int32Array,
): Uint8Array {
  const chosen = new Uint8Array(images.length * thumbnailPixels);
  images.forEach((image, at) => {
    const first = image * thumbnailPixels;
    chosen.set(thumbnails.subarray(first, first + thumbnailPixels), at * thumbnailPixels);
  });
  return chosen;
}

/**
 * Looks at every image of a stream, without an encoder.
 * @throws UserError where reading itself does not work
 */
export async function takeCensus(stream: ImageStream, options: ReadingOptions = {}): Promise<ImageCensus> {
  const reader = new CensusReader(stream);
  await readThrough([{ stream, readers: [reader] }], options);
  return reader.finish();
}

/** Takes the census of a stream while its images pass by. */
export class CensusReader implements ChunkReader {
  readonly #stream: ImageStream;
  readonly #bytes: number;
  readonly #hashes: string[];
  readonly #thumbnails: Uint8Array;
  readonly #readable: Uint8Array;
  readonly #unreadable: UnreadableImage[];
  readonly #fingerprint = new Fingerprint();
  readonly #thumbnail: ReturnType<typeof createThumbnailer>;

  constructor(stream: ImageStream) {
    const { size, paths, unreadable } = stream;
    this.#stream = stream;
    this.#bytes = 3 * size * size;
    this.#hashes = new Array<string>(paths.length).fill('');
    this.#thumbnails = new Uint8Array(paths.length * thumbnailPixels);
    this.#readable = new Uint8Array(paths.length).fill(1);
    this.#unreadable = [...unreadable];
    this.#thumbnail = createThumbnailer(size, thumbnailSide);
  }

  async take({ images, pixels, unreadable }: ImageChunk): Promise<void> {
    for (const { image, path, reason } of unreadable) {
      this.#readable[image] = 0;
      this.#unreadable.push({ path, reason });
    }
    const hashed: number[] = [];
    const pending: Promise<Uint8Array>[] = [];
    for (const [at, image] of images.entries()) {
      if (this.#readable[image] === 0) continue;
      const own = pixels.subarray(at * this.#bytes, (at + 1) * this.#bytes);
      hashed.push(image);
      pending.push(sha256(own));
      const first = image * thumbnailPixels;
      this.#thumbnail(own, this.#thumbnails.subarray(first, first + thumbnailPixels));
      await this.#fingerprint.add(own);
    }
    const digests = await Promise.all(pending);
    hashed.forEach((image, i) => {
      this.#hashes[image] = toHex(digests[i]!.subarray(0, hashBytes));
    });
  }

  /** Looks at images whose squares are the same as a whole: margins that were cut off and grain may tell them apart. */
  async #tellApart(): Promise<void> {
    const hashes = this.#hashes;
    const same = new Map<string, number[]>();
    hashes.forEach((hash, image) => {
      if (hash === '') return;
      const images = same.get(hash);
      if (images) images.push(image);
      else same.set(hash, [image]);
    });
    for (const [hash, images] of same) {
      if (images.length < 2) continue;
      const texts = await this.#stream.identify?.(Int32Array.from(images));
      texts?.forEach((text, i) => {
        hashes[images[i]!] = `${hash} ${text}`;
      });
    }
  }

  /** The census, once every image has passed by. */
  async finish(): Promise<ImageCensus> {
    const stream = this.#stream;
    await this.#tellApart();
    const readable = this.#readable;
    const keep = (_: unknown, image: number) => readable[image] === 1;
    const fingerprint = await this.#fingerprint.finish({
      ...stream,
      paths: stream.paths.filter(keep),
      partition: stream.partition.filter(keep),
      labels: stream.labels.filter(keep),
    });
    const unreadable = this.#unreadable.sort((a, b) => (a.path < b.path ? -1 : 1));
    return { hashes: this.#hashes, thumbnails: this.#thumbnails, readable, unreadable, fingerprint };
  }
}

/** Numbers of the images that get a label: all that can be read and are no official test images. */
export function imagesToLabel({ paths, partition }: ImageStream, { readable }: ImageCensus): Int32Array {
  return Int32Array.from(paths.keys()).filter(
    (image) => partition[image] === 'train' && readable[image] === 1,
  );
}
