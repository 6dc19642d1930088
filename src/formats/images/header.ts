import { exifOrientation, exifSegment } from '../exif.ts';
import { standsAlone } from '../jpeg/segments.ts';
import type { ImageKind } from './image_kind.ts';

/** What an image file's header says. */
export interface ImageHeader {
  /** Pixels in a row, as they are stored. */
  readonly width: number;
  /** Rows of pixels, as they are stored. */
  readonly height: number;
  /** How it lies, as Exif counts: 1 as it is stored, 5 to 8 with rows for columns. */
  readonly orientation: number;
}

/** A header in so many bytes is told without the rest of the file. */
export const headerReach = 1 << 16;

/**
 * The header of a file that browsers decode; of AVIF only the stored size, whose boxes may turn it.
 * @param bytes the file, or its beginning
 * @returns undefined where more of the file is needed, or it is damaged
 */
export function imageHeader(kind: ImageKind, bytes: Uint8Array): ImageHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (kind) {
    case 'jpeg':
      return jpegHeader(view, bytes);
    case 'png':
      return pngHeader(view, bytes);
    case 'gif':
      return view.byteLength < 10
        ? undefined
        : { width: view.getUint16(6, true), height: view.getUint16(8, true), orientation: 1 };
    case 'webp':
      return webpHeader(view, bytes);
    case 'avif':
      return avifHeader(view, bytes);
    default:
      return undefined;
  }
}

/** Width and height of an image as it is to be seen. */
export function seenSize({ width, height, orientation }: ImageHeader): { width: number; height: number } {
  return orientation >= 5 ? { width: height, height: width } : { width, height };
}

function jpegHeader(view: DataView, bytes: Uint8Array): ImageHeader | undefined {
  for (let at = 2; at + 9 < bytes.length; ) {
    // Padding, and any number of bytes of ones in front of a marker.
    const marker = bytes[at] === 0xff ? bytes[at + 1]! : 0;
    if (marker === 0 || marker === 0xff) at++;
    else if (standsAlone(marker)) at += 2;
    else if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      const tiff = exifSegment(bytes);
      const orientation = tiff ? exifOrientation(tiff) : 1;
      return { width: view.getUint16(at + 7), height: view.getUint16(at + 5), orientation };
    } else at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}

/** Exif data stand before the pixels, in a chunk of their own (PNG 3, 11.3.2.5). */
function pngHeader(view: DataView, bytes: Uint8Array): ImageHeader | undefined {
  for (let at = 8; at + 8 <= bytes.length; ) {
    const [length, name] = [view.getUint32(at), nameAt(bytes, at + 4)];
    const isExif = name === 'eXIf';
    if (isExif || name === 'IDAT' || name === 'IEND') {
      const tiff = bytes.subarray(at + 8, at + 8 + length);
      if (isExif && tiff.length < length) return undefined;
      const orientation = isExif ? exifOrientation(tiff) : 1;
      return { width: view.getUint32(16), height: view.getUint32(20), orientation };
    }
    at += 12 + length;
  }
  return undefined;
}

/** Three kinds of first chunks; only the extended one may have Exif data, behind the pixels (RFC 9649). */
function webpHeader(view: DataView, bytes: Uint8Array): ImageHeader | undefined {
  if (bytes.length < 30) return undefined;
  const kind = nameAt(bytes, 12);
  if (kind === 'VP8 ')
    return {
      width: view.getUint16(26, true) & 0x3fff,
      height: view.getUint16(28, true) & 0x3fff,
      orientation: 1,
    };
  if (kind === 'VP8L') {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1, orientation: 1 };
  }
  if (kind !== 'VP8X') return undefined;
  const size = {
    width: (view.getUint32(24, true) & 0xffffff) + 1,
    height: (view.getUint32(26, true) >>> 8) + 1,
  };
  const hasExif = (bytes[20]! & 8) !== 0;
  if (!hasExif) return { ...size, orientation: 1 };
  for (let at = 12; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at + 4, true);
    if (nameAt(bytes, at) === 'EXIF')
      return { ...size, orientation: exifOrientation(bytes.subarray(at + 8, at + 8 + length)) };
    at += 8 + length + (length % 2);
  }
  return bytes.length < view.getUint32(4, true) + 8 ? undefined : { ...size, orientation: 1 };
}

/** The largest of the sizes that its `ispe` boxes give: a picture of tiles has one for these, too (ISO/IEC 23008-12, 6.5.3). */
function avifHeader(view: DataView, bytes: Uint8Array): ImageHeader | undefined {
  let found: ImageHeader | undefined;
  for (let at = 0; at + 16 <= bytes.length; at++) {
    if (bytes[at] !== 0x69 || nameAt(bytes, at) !== 'ispe') continue;
    const [width, height] = [view.getUint32(at + 8), view.getUint32(at + 12)];
    if (!found || width * height > found.width * found.height) found = { width, height, orientation: 1 };
  }
  return found;
}

const nameAt = (bytes: Uint8Array, at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));
