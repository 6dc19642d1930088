import type { ImageKind } from './image_kind.ts';
import type { RawImage } from './raw_image.ts';

/** A JPEG inside another file, decoded by whoever can: RGB, row by row. */
export type JpegDecoder = (
  jpeg: Uint8Array,
) => Promise<{ readonly width: number; readonly height: number; readonly pixels: Uint8Array }>;

/** Reads files of one kind from their bytes, the same in Node and in a page. */
export interface PureReader {
  /** Width and height of a page. @throws Error with a short reason */
  size(bytes: Uint8Array, page: number): Promise<{ readonly width: number; readonly height: number }>;
  /** How many images a file holds. @throws Error with a short reason */
  pages(bytes: Uint8Array): Promise<number>;
  /** Decodes a page, from 0. @throws Error with a short reason */
  read(bytes: Uint8Array, page: number, decodeJpeg: JpegDecoder): Promise<RawImage>;
}

/** Readers by the kinds of files that the platform's own decoder does not read. */
export const pureReaders: Partial<Readonly<Record<ImageKind, PureReader>>> = {};
