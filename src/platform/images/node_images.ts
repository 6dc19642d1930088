import { stat } from 'node:fs/promises';
import { HeicReader } from '../../formats/images/heic/heic.ts';
import type { Libheif } from '../../formats/images/heic/libheif.ts';
import { type ImageKind, kindReach, type ReadKind, readableKind } from '../../formats/images/image_kind.ts';
import { pureReaders } from '../../formats/images/pure_readers.ts';
import type { RawImage } from '../../formats/images/raw_image.ts';
import { toScreen } from '../../formats/images/screen_values.ts';
import { checkTiffPage } from '../../formats/images/tiff/checks.ts';
import { inMemory } from '../../formats/images/tiff/directory.ts';
import type { DecodedImage, Decoding } from '../platform.ts';
import { readerOf, readPart } from './file_bytes.ts';
import { loadHeicLibrary } from './heic_library.ts';
import { mostPixels, type SharpInput } from './sharp.ts';
import { decodeJpeg, decodePlain, reduced, shapedRgb, sizeOf, square, whole } from './sharp_decoder.ts';
import { readWithSharp } from './sharp_samples.ts';
import { stackPage } from './tiff_stacks.ts';

/** Files up to this size are read at once, which is faster than letting libvips read them piece by piece. */
const mostBytesAtOnce = 1 << 26;

/** Readers by the kinds of files that sharp does not read. */
const readers: typeof pureReaders = {
  ...pureReaders,
  heic: {
    size: async (bytes) => (await heicReader()).size(bytes),
    read: async (bytes) => (await heicReader()).read(bytes),
  },
};

let loadingHeic: Promise<HeicReader> | undefined;

/** Loaded at the first HEIC image. */
function heicReader(): Promise<HeicReader> {
  loadingHeic ??= loadHeicLibrary<Libheif>().then((create) => new HeicReader(create));
  return loadingHeic;
}

interface ImageFile {
  readonly kind: ReadKind;
  readonly head: Uint8Array;
  /** All bytes of a file of ordinary size; the path of a larger one. */
  readonly input: SharpInput;
}

/** See `Files.decodeImage`. @throws Error with a short reason; UserError where sharp itself does not load */
export async function decodeImageFile(path: string, size: number, how: Decoding = {}): Promise<Uint8Array> {
  const { file, page } = await openPage(path, how.page);
  const { fit } = how;
  const shape = square(size, fit);
  if (file.kind === 'jpeg') return (await decodeJpeg(file.input, shape, shape)).pixels;
  const samples = await samplesOf(file, page);
  if (samples) return (await shapedRgb(toScreen(samples, how.range), shape)).pixels;
  return (await decodePlain(file.input, page, shape)).pixels;
}

/** See `Files.decodeWhole`. @throws Error with a short reason; UserError where sharp itself does not load */
export async function decodeWholeFile(path: string, how: Decoding = {}): Promise<DecodedImage> {
  const { file, page } = await openPage(path, how.page);
  if (file.kind === 'jpeg') return decodeJpeg(file.input, whole, reduced);
  const samples = await samplesOf(file, page);
  return samples ? toScreen(samples, how.range) : decodePlain(file.input, page, whole);
}

/** See `Files.readSamples`. @throws Error with a short reason; UserError where sharp itself does not load */
export async function readImageSamples(path: string, page = 0): Promise<RawImage | undefined> {
  const head = await readHead(path);
  if (!mayBeDeep(readableKind(head), head)) return undefined;
  const opened = await openImage(path, page);
  return samplesOf(opened.file, opened.page);
}

/** See `Files.imageSize`. @throws Error with a short reason; UserError where sharp itself does not load */
export async function imageFileSize(
  path: string,
  wanted?: number,
): Promise<{ width: number; height: number }> {
  const { place, page } = await placeOf(path, wanted);
  const kind = readableKind(await readHead(place));
  const reader = readers[kind];
  if (!reader) {
    const { file, page: at } = page > 0 ? await openImage(place, page) : { file: { input: place }, page };
    return sizeOf(file.input, at, kind === 'jpeg' ? false : mostPixels);
  }
  const { input } = (await openImage(place)).file;
  const { width, height } = await reader.size(bytesOf(input), page);
  return { width, height };
}

/** The numbers of an image that are not simply the bytes that sharp shows of it. */
async function samplesOf({ kind, head, input }: ImageFile, page: number): Promise<RawImage | undefined> {
  const reader = readers[kind];
  if (reader) return reader.read(bytesOf(input), page, (jpeg) => decodeJpeg(jpeg, whole, whole));
  if (!mayBeDeep(kind, head)) return undefined;
  const isWhiteZero =
    kind === 'tiff' &&
    (await checkTiffPage(typeof input === 'string' ? readerOf(input) : inMemory(input), page)).whiteIsZero;
  const image = await readWithSharp(input, page);
  // libvips has turned 16 bits over, as if all of them were used.
  return image && isWhiteZero ? turnedOver(image) : image;
}

/** The numbers as the file has them, of an image of which white is zero. */
function turnedOver(image: RawImage): RawImage {
  const { samples } = image;
  if (!(samples instanceof Uint16Array)) return image;
  return { ...image, samples: samples.map((value) => 65535 - value), inverted: true };
}

/** Whether an image may have more than 8 bits, by its first bytes. */
function mayBeDeep(kind: ImageKind, head: Uint8Array): boolean {
  // The header of a PNG file begins at byte 16 with width and height, four bytes each.
  if (kind === 'png') return head[24] === 16;
  return kind !== 'jpeg' && kind !== 'webp' && kind !== 'gif';
}

function bytesOf(input: SharpInput): Uint8Array {
  if (typeof input !== 'string') return input;
  throw new Error(`over ${mostBytesAtOnce >> 20} MB, more than is read of such a file`);
}

async function openPage(path: string, wanted: number | undefined) {
  const { place, page } = await placeOf(path, wanted);
  return openImage(place, page);
}

/** The file and the page that a path names, as `stack.tif#3` does where there is no file of that name. */
async function placeOf(path: string, page: number | undefined): Promise<{ place: string; page: number }> {
  const named = page === undefined ? /^(.+)#(\d+)$/s.exec(path) : null;
  if (!named || (await stat(path).catch(() => undefined))) return { place: path, page: page ?? 0 };
  return { place: named[1]!, page: Number(named[2]) };
}

/** @returns the file, and which of its images is wanted: the first, where it was taken out of a stack */
async function openImage(path: string, page = 0): Promise<{ file: ImageFile; page: number }> {
  if (page > 0) {
    const head = await readHead(path);
    const kind = readableKind(head);
    const input = kind === 'tiff' ? await stackPage(path, page, mostBytesAtOnce) : undefined;
    if (input) return { file: { kind, head, input }, page: 0 };
  }
  const { bytes, size } = await readStart(path, mostBytesAtOnce);
  const head = bytes.subarray(0, kindReach);
  const file = { kind: readableKind(head), head, input: size > mostBytesAtOnce ? path : bytes };
  return { file, page };
}

async function readHead(path: string): Promise<Uint8Array> {
  return (await readStart(path, kindReach)).bytes;
}

/** A file's first bytes, or all of it where it is no longer than that. */
function readStart(path: string, most: number): Promise<{ bytes: Uint8Array; size: number }> {
  return readPart(path, 0, most, (size) => (size > mostBytesAtOnce ? kindReach : size));
}
