import { headerReach, type ImageHeader, imageHeader, seenSize } from '../../../formats/images/header.ts';
import { kindReach, type ReadKind, readableKind } from '../../../formats/images/image_kind.ts';
import { pureReaders } from '../../../formats/images/pure_readers.ts';
import { checkSides, type RawImage } from '../../../formats/images/raw_image.ts';
import { squareOf } from '../../../formats/images/resize/square.ts';
import { toScreen } from '../../../formats/images/screen_values.ts';
import { checkTiffPage, imagesOfTiff } from '../../../formats/images/tiff/checks.ts';
import { inMemory } from '../../../formats/images/tiff/directory.ts';
import { openTiff } from '../../../formats/images/tiff/tiff.ts';
import { turned } from '../../../formats/images/tiff/turned.ts';
import { inspectedJpeg } from '../../../formats/jpeg/repair.ts';
import type { DecodedImage } from '../../platform.ts';
import { decodeInBrowser, decodePngBytes } from './bitmap.ts';
import { BlobBytes } from './blob_bytes.ts';
import { readDeepPng } from './deep_png.ts';
import { type Decoded, type Job, later, type Wanted } from './jobs.ts';

/** Pixels of an image that may be decoded beside others; at 12 bytes a pixel that is 150 MB. */
const fewPixels = 12.5e6;

/** Decodes an image file, or finds that it is large and has to wait. @throws Error with a short reason, as Node's decoders */
export async function decode<Kind extends keyof Wanted>(
  job: Job<Kind>,
): Promise<Decoded[Kind] | typeof later> {
  const source = new BlobBytes(job.file);
  const kind = readableKind(await source.start(kindReach));
  const image = new ImageFile(source, kind, job.page);
  return (await decoders[job.kind](image, job as never)) as Decoded[Kind] | typeof later;
}

const decoders: {
  [Kind in keyof Wanted]: (image: ImageFile, job: Job<Kind>) => Promise<Decoded[Kind] | typeof later>;
} = {
  async square(image, job) {
    if (!job.mayBeLarge && (await image.isLarge())) return later;
    const { size, fit, range } = job.wanted;
    return squareOf(await image.screen(range), size, fit);
  },
  async whole(image, job) {
    if (!job.mayBeLarge && (await image.isLarge())) return later;
    return image.screen(job.wanted.range);
  },
  async samples(image, job) {
    if (!job.mayBeLarge && (await image.isLarge())) return later;
    return image.samples();
  },
  size: (image) => image.size(),
};

/** An image file of a kind that is read. */
class ImageFile {
  readonly #source: BlobBytes;
  readonly #kind: ReadKind;
  readonly #page: number;
  #header: ImageHeader | undefined;

  constructor(source: BlobBytes, kind: ReadKind, page: number) {
    this.#source = source;
    this.#kind = kind;
    this.#page = page;
  }

  /** Whether it takes much memory; of kinds that only a reader of ours tells, by the bytes of the file. */
  async isLarge(): Promise<boolean> {
    const header = await this.#readHeader();
    return header ? header.width * header.height > fewPixels : this.#source.file.size > fewPixels;
  }

  async size(): Promise<{ width: number; height: number }> {
    const reader = pureReaders[this.#kind];
    if (reader) return sidesOf(await reader.size(await this.#source.all(), this.#page));
    const header = await this.#readHeader();
    if (header && this.#kind !== 'avif') return seenSize(header);
    const samples = this.#kind === 'tiff' ? await this.samples() : undefined;
    return sidesOf(samples ?? (await this.screen(undefined)));
  }

  /** The image as it is shown. */
  async screen(range: Parameters<typeof toScreen>[1]): Promise<DecodedImage> {
    const samples = await this.samples();
    if (samples) return toScreen(samples, range);
    const header = await this.#readHeader();
    if (header) checkSides(header.width, header.height);
    if (this.#kind === 'jpeg') return decodeJpeg(await this.#source.all(), this.#source.file);
    if (this.#kind === 'heic') return decodeHeic(this.#source.file);
    const { file } = this.#source;
    const upright = ({ width, height, pixels }: DecodedImage): DecodedImage => {
      const image = turned({ width, height, channels: 3, samples: pixels }, header?.orientation ?? 1);
      return { width: image.width, height: image.height, pixels: image.samples as Uint8Array };
    };
    // Chromium does not turn WebP images.
    if (this.#kind === 'webp') return upright(await decodeInBrowser(file, false));
    const isSmallPng = this.#kind === 'png' && file.size <= headerReach;
    const found = isSmallPng ? await decodePngBytes(await this.#source.all()) : undefined;
    return found ? upright(found) : decodeInBrowser(file, true);
  }

  /** The numbers of an image that are not simply the bytes that the browser shows of it. */
  async samples(): Promise<RawImage | undefined> {
    const reader = pureReaders[this.#kind];
    if (reader) return reader.read(await this.#source.all(), this.#page, (jpeg) => decodeJpeg(jpeg));
    if (this.#kind === 'tiff') return readTiff(await this.#source.all(), this.#page);
    if (this.#kind !== 'png') return undefined;
    // The header begins at byte 16 with width and height, four bytes each.
    const bits = (await this.#source.start(kindReach))[24];
    if (bits !== 16) return undefined;
    const header = await this.#readHeader();
    if (header) checkSides(header.width, header.height);
    return turned(await readDeepPng(await this.#source.all()), header?.orientation ?? 1);
  }

  async #readHeader(): Promise<ImageHeader | undefined> {
    this.#header ??= imageHeader(this.#kind, await this.#source.start(headerReach));
    if (this.#header || this.#source.file.size <= headerReach) return this.#header;
    this.#header = imageHeader(this.#kind, await this.#source.all());
    return this.#header;
  }
}

const sidesOf = ({ width, height }: { width: number; height: number }) => ({ width, height });

/** Browsers show the part of a damaged JPEG that can be read, and refuse some whole ones that are only odd. */
async function decodeJpeg(bytes: Uint8Array, file = blobOf(bytes)): Promise<DecodedImage> {
  const found = inspectedJpeg(bytes);
  if (found === 'damaged') throw new Error('truncated or damaged');
  return decodeInBrowser(found === 'whole' ? file : blobOf(found.bytes), true);
}

const blobOf = (bytes: Uint8Array) => new Blob([bytes as Uint8Array<ArrayBuffer>]);

async function decodeHeic(file: Blob): Promise<DecodedImage> {
  return decodeInBrowser(file, true).catch(() => {
    throw new Error('HEIC, which this browser does not read: save it as JPEG, or use the command line');
  });
}

/** @param page place of the directory among all of the file's, as lists of images count */
async function readTiff(bytes: Uint8Array, page: number): Promise<RawImage> {
  const readAt = inMemory(bytes);
  await checkTiffPage(readAt, page);
  const images = await imagesOfTiff(readAt);
  return (await openTiff(bytes)).read(Math.max(0, images.indexOf(page)));
}
