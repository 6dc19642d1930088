import { type RawImage, type Samples, truncated, UnreadableImage } from '../raw_image.ts';
import { fullYbr, interleaved, rgbOfYbr } from './colour.ts';
import { type DataSet, type Element, tags } from './data_set.ts';
import { standaloneJpeg } from './encapsulated_jpeg.ts';
import { encapsulatedFrame } from './frames.ts';
import { palette } from './lookup_table.ts';
import { readPart10 } from './part10.ts';
import { type PixelFormat, pixelFormat } from './pixel_format.ts';
import { missingPixels, unreadPixels } from './refusals.ts';
import { expandRle } from './rle.ts';
import { greyImage, greys, withoutPadding } from './shown_values.ts';
import { singleBits, storedValues } from './stored_values.ts';
import type { TransferSyntax } from './transfer_syntax.ts';

/** A frame that is kept as JPEG: whoever can decode one does, and hands the pixels back. */
export interface EncapsulatedJpeg {
  /** A JPEG file of 8 bits, of one or three colours. */
  readonly jpeg: Uint8Array;
  /** Makes the image of the decoded pixels; of grey images in three channels the first counts. */
  finish(decoded: RawImage): RawImage;
}

/** A DICOM file, read up to its pixels. */
export interface DicomFile {
  readonly width: number;
  readonly height: number;
  /** How many images are in it, one behind the other. */
  readonly frames: number;
  /** Decodes a frame, counted from 0. @throws UnreadableImage with a short reason */
  read(frame: number): RawImage | EncapsulatedJpeg;
}

/**
 * Opens a DICOM file: pixels as they are, RLE or JPEG; grey of 1, 8, 16 or 32 bits or floating-point numbers as values of
 * the modality with the file's own window, palettes and colours as red, green and blue.
 * @throws UnreadableImage with a short reason: no image in it, a compression without a decoder here, damaged
 */
export async function openDicom(bytes: Uint8Array): Promise<DicomFile> {
  const { data, syntax, storedClass } = await readPart10(bytes);
  const pixels = [tags.pixelData, tags.floatPixelData, tags.doublePixelData]
    .map((tag) => data.find(tag))
    .find((element) => element !== undefined);
  if (!pixels) throw missingPixels(data, storedClass);
  if (syntax.pixels === 'unread') throw unreadPixels(syntax);
  const format = pixelFormat(data);
  if (pixels.open !== (syntax.pixels !== 'native')) throw truncated();
  if (format.frames > framesWithin(data, pixels, format)) throw truncated();
  return {
    width: format.width,
    height: format.height,
    frames: format.frames,
    read: (frame) => {
      if (frame < 0 || frame >= format.frames) throw new UnreadableImage(`has ${format.frames} frames`);
      return readFrame(data, pixels, format, syntax, frame);
    },
  };
}

function readFrame(
  data: DataSet,
  pixels: Element,
  format: PixelFormat,
  syntax: TransferSyntax,
  frame: number,
): RawImage | EncapsulatedJpeg {
  if (syntax.pixels === 'native')
    return imageOf(data, format, nativeValues(data, pixels, format, frame), frame);
  const encoded = encapsulatedFrame(data, pixels, frame, format.frames);
  if (syntax.pixels === 'jpeg') return jpegFrame(data, format, encoded, frame);
  if (format.allocated === 1) throw truncated();
  const planar = {
    ...format,
    planar: format.perPixel === 3,
    photometric: format.photometric.replace('_422', ''),
  };
  const count = format.width * format.height * format.perPixel;
  return imageOf(data, planar, storedValues(expandRle(encoded, format), planar, count, true), frame);
}

/** How many frames the pixels can hold, whatever the file says: compressed ones are at least a piece each. */
function framesWithin(data: DataSet, pixels: Element, format: PixelFormat): number {
  if (pixels.open) return data.fragments(pixels).length - 1;
  return Math.floor((8 * (pixels.end - pixels.start)) / (format.allocated * numbersOf(format)));
}

/** Numbers of a frame: with halved colour differences two a pixel. */
function numbersOf({ width, height, perPixel, photometric }: PixelFormat): number {
  return width * height * (photometric === 'YBR_FULL_422' ? 2 : perPixel);
}

/** The numbers of an uncompressed frame, all of which the file has. */
function nativeValues(data: DataSet, pixels: Element, format: PixelFormat, frame: number): Samples {
  const { width, height, allocated, photometric } = format;
  const all = data.bytes.subarray(pixels.start, pixels.end);
  const isHalved = photometric === 'YBR_FULL_422';
  const count = numbersOf(format);
  if (allocated === 1) return singleBits(all, frame * count, count);
  const size = (count * allocated) / 8;
  const { littleEndian } = data.encoding;
  // Bytes that a high-byte-first file keeps as words of 16 bits come in pairs that are the wrong way round.
  const isSwapped = !littleEndian && pixels.type === 'OW' && allocated === 8;
  const bytes = isSwapped
    ? Uint8Array.from({ length: size }, (_, i) => all[(frame * size + i) ^ 1] ?? 0)
    : all.subarray(frame * size, (frame + 1) * size);
  const values = storedValues(bytes, format, count, littleEndian);
  if (!isHalved) return values;
  if (!(values instanceof Uint8Array) || width % 2 !== 0) throw truncated();
  return fullYbr(values, width * height);
}

/** Stored values of a frame as an image. */
function imageOf(data: DataSet, format: PixelFormat, values: Samples, frame: number): RawImage {
  const { width, height, perPixel, photometric, planar } = format;
  if (perPixel === 1 && photometric !== 'PALETTE COLOR') {
    const meaning = greys(data, format, frame);
    const isLightDark = (photometric === 'MONOCHROME1') !== meaning.slope < 0;
    return greyImage(withoutPadding(values, data, format, isLightDark), format, meaning);
  }
  if (perPixel === 1) return { width, height, channels: 3, samples: painted(data, format, values) };
  const side = planar ? interleaved(values) : values;
  if (photometric.startsWith('YBR')) return { width, height, channels: 3, samples: rgbOfYbr(side, format) };
  const isFull = side instanceof Uint8Array && format.stored === 8;
  return {
    width,
    height,
    channels: 3,
    samples: side,
    ...(isFull ? {} : { range: [0, 2 ** format.stored - 1] as const }),
  };
}

/** Numbers of a palette as the colours that they stand for. */
function painted(data: DataSet, { signed }: PixelFormat, values: Samples): Uint8Array {
  const { first, colours } = palette(data, signed);
  const last = colours.length / 3 - 1;
  const out = new Uint8Array(3 * values.length);
  for (let i = 0; i < values.length; i++) {
    const at = 3 * Math.max(0, Math.min(last, values[i]! - first));
    for (let c = 0; c < 3; c++) out[3 * i + c] = colours[at + c]!;
  }
  return out;
}

function jpegFrame(data: DataSet, format: PixelFormat, encoded: Uint8Array, frame: number): EncapsulatedJpeg {
  const jpeg = standaloneJpeg(encoded, format.photometric === 'RGB');
  const finish = (decoded: RawImage): RawImage => {
    if (decoded.width !== format.width || decoded.height !== format.height) throw truncated();
    if (format.perPixel === 3) return decoded;
    const { samples, channels } = decoded;
    const grey = Uint8Array.from({ length: samples.length / channels }, (_, i) => samples[channels * i]!);
    const eightBits = { ...format, allocated: 8, stored: 8, shift: 0, signed: false } as const;
    return imageOf(data, eightBits, grey, frame);
  };
  return { jpeg, finish };
}

/** Whether a frame is still a JPEG. */
export const isEncapsulated = (frame: RawImage | EncapsulatedJpeg): frame is EncapsulatedJpeg =>
  'jpeg' in frame;
