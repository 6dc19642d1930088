import { createThumbnailer } from '../../data/grey_thumbnail.ts';
import { fingerprintOfSquares } from '../../data/sources/fingerprint.ts';
import type { ImageStream, SkippedImage, UnreadableImage } from '../../data/sources/image_stream.ts';
import type { ImageChunk } from '../../data/sources/read_images.ts';
import { sha256 } from '../../formats/digest.ts';
import { type ChunkReader, type ReadingOptions, readThrough } from './read_through.ts';

const thumbnailSide = 16;
/** Grey levels of a thumbnail: 16×16. */
export const thumbnailPixels = thumbnailSide ** 2;

/** Bytes of SHA-256 that are kept: of 10 million images two differ and share them with a probability of 10⁻²⁵. */
export const squareHashBytes = 16;

/** What is known of each of a stream's N images from its pixels alone, whichever encoder sees them. */
export interface ImageCensus {
  /**
   * Equal where images are the very same: the file, or all pixels at full size (see `ImageStream.identify`); the number of
   * the first of these. Only images of equal squares are looked at as a whole: a large picture that decoders shrink otherwise
   * as JPEG than as PNG is told from itself. −1 for images that cannot be read.
   */
  readonly sameAs: Int32Array;
  /** N × `thumbnailPixels` grey levels; zeros for images that cannot be read. */
  readonly thumbnails: Uint8Array;
  /** 1 for images that can be read. */
  readonly readable: Uint8Array;
  /** The others, and the stream's files of other formats; by path. */
  readonly unreadable: readonly UnreadableImage[];
  /** Equal where the readable images, their paths, parts and labels are: see `fingerprintOfSquares`. */
  readonly fingerprint: string;
}

/** Thumbnails of some images, by number, in that order: `thumbnailPixels` grey levels each. */
export function thumbnailsOf(
  { thumbnails }: Pick<ImageCensus, 'thumbnails'>,
  images: Int32Array,
): Uint8Array {
  // Of very many images a copy would take as much memory again.
  const all = images.length * thumbnailPixels === thumbnails.length;
  if (all && images.every((image, at) => image === at)) return thumbnails;
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
  return completeCensus(stream, reader.seen);
}

/**
 * What is known of N images from their squares, before those of equal squares are told apart: of any part of a stream,
 * and joined from parts.
 */
export interface SquareCensus {
  /** N × `squareHashBytes`: the beginning of the SHA-256 of each square; zeros for images that cannot be read. */
  readonly squares: Uint8Array;
  /** N × `thumbnailPixels` grey levels; zeros for images that cannot be read. */
  readonly thumbnails: Uint8Array;
  /** 1 for images that can be read. */
  readonly readable: Uint8Array;
  /** Those of the images that cannot be read, ascending. */
  readonly skipped: readonly SkippedImage[];
}

/** Takes the census of a stream's squares while its images pass by. */
export class CensusReader implements ChunkReader {
  readonly #bytes: number;
  readonly #squares: Uint8Array;
  readonly #thumbnails: Uint8Array;
  readonly #readable: Uint8Array;
  readonly #skipped: SkippedImage[] = [];
  readonly #thumbnail: ReturnType<typeof createThumbnailer>;

  constructor({ size, paths }: Pick<ImageStream, 'size' | 'paths'>) {
    this.#bytes = 3 * size * size;
    this.#squares = new Uint8Array(paths.length * squareHashBytes);
    this.#thumbnails = new Uint8Array(paths.length * thumbnailPixels);
    this.#readable = new Uint8Array(paths.length).fill(1);
    this.#thumbnail = createThumbnailer(size, thumbnailSide);
  }

  async take({ images, pixels, unreadable }: ImageChunk): Promise<void> {
    for (const skipped of unreadable) {
      this.#readable[skipped.image] = 0;
      this.#skipped.push(skipped);
    }
    const pending: Promise<void>[] = [];
    for (const [at, image] of images.entries()) {
      if (this.#readable[image] === 0) continue;
      const own = pixels.subarray(at * this.#bytes, (at + 1) * this.#bytes);
      pending.push(
        sha256(own).then((digest) =>
          this.#squares.set(digest.subarray(0, squareHashBytes), image * squareHashBytes),
        ),
      );
      const first = image * thumbnailPixels;
      this.#thumbnail(own, this.#thumbnails.subarray(first, first + thumbnailPixels));
    }
    await Promise.all(pending);
  }

  /** What was seen of the images that have passed by. */
  get seen(): SquareCensus {
    return {
      squares: this.#squares,
      thumbnails: this.#thumbnails,
      readable: this.#readable,
      skipped: this.#skipped,
    };
  }
}

/**
 * The census of a whole stream. Images of equal squares are looked at as a whole: margins that were cut off and grain may
 * tell them apart.
 * @throws UserError where reading itself does not work
 */
export async function completeCensus(
  stream: ImageStream,
  { squares, thumbnails, readable, skipped }: SquareCensus,
): Promise<ImageCensus> {
  const sameAs = firstOfSquares(squares, readable);
  await tellApart(stream, sameAs);
  const unreadable = [...stream.unreadable, ...skipped.map(({ path, reason }) => ({ path, reason }))];
  return {
    sameAs,
    thumbnails,
    readable,
    unreadable: unreadable.sort((a, b) => (a.path < b.path ? -1 : 1)),
    fingerprint: await fingerprintOfSquares(stream, squares, readable),
  };
}

/** The first image of the same square, −1 for images that cannot be read. */
function firstOfSquares(squares: Uint8Array, readable: Uint8Array): Int32Array {
  const first = new Int32Array(readable.length).fill(-1);
  // Images by the first bytes of their squares' hashes; a place that is taken by another square leads to the next.
  const mask = 2 ** Math.ceil(Math.log2(2 * readable.length + 2)) - 1;
  const places = new Int32Array(mask + 1).fill(-1);
  const same = (a: number, b: number) => {
    for (let i = 0; i < squareHashBytes; i++)
      if (squares[a * squareHashBytes + i] !== squares[b * squareHashBytes + i]) return false;
    return true;
  };
  for (let image = 0; image < readable.length; image++) {
    if (readable[image] === 0) continue;
    const at = image * squareHashBytes;
    let place =
      (squares[at]! | (squares[at + 1]! << 8) | (squares[at + 2]! << 16) | (squares[at + 3]! << 24)) & mask;
    while (places[place]! >= 0 && !same(places[place]!, image)) place = (place + 1) & mask;
    if (places[place]! < 0) places[place] = image;
    first[image] = places[place]!;
  }
  return first;
}

async function tellApart(stream: ImageStream, sameAs: Int32Array): Promise<void> {
  const alike = new Map<number, number[]>();
  sameAs.forEach((first, image) => {
    if (first < 0 || first === image) return;
    const images = alike.get(first);
    if (images) images.push(image);
    else alike.set(first, [first, image]);
  });
  for (const images of alike.values()) {
    const texts = await stream.identify?.(Int32Array.from(images));
    const firstOf = new Map<string, number>();
    texts?.forEach((text, i) => {
      if (!firstOf.has(text)) firstOf.set(text, images[i]!);
      sameAs[images[i]!] = firstOf.get(text)!;
    });
  }
}

/** Numbers of the images that get a label: all that can be read and are no official test images. */
export function imagesToLabel({ paths, partition }: ImageStream, { readable }: ImageCensus): Int32Array {
  return Int32Array.from(paths.keys()).filter(
    (image) => partition[image] === 'train' && readable[image] === 1,
  );
}
