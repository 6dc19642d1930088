import { readBmp } from './bmp/bmp.ts';
import { bmpHeader } from './bmp/header.ts';
import { isEncapsulated, openDicom } from './dicom/dicom.ts';
import type { ImageKind } from './image_kind.ts';
import type { RawImage } from './raw_image.ts';

/** A JPEG inside another file, decoded by whoever can: RGB, row by row. */
export type JpegDecoder = (
  jpeg: Uint8Array,
) => Promise<{ readonly width: number; readonly height: number; readonly pixels: Uint8Array }>;

/** Width and height of an image in pixels. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/** Reads files of one kind from their bytes, the same in Node and in a page. */
export interface PureReader {
  /** Width and height of a page. @throws Error with a short reason */
  size(bytes: Uint8Array, page: number): Promise<Size>;
  /** Decodes a page, from 0. @throws Error with a short reason */
  read(bytes: Uint8Array, page: number, decodeJpeg: JpegDecoder): Promise<RawImage>;
  /** Whether a file may hold several images, by its first bytes; absent where none does. */
  mayHoldSeveral?(head: Uint8Array): boolean;
  /** How many images a file holds. @throws Error with a short reason */
  pages?(bytes: Uint8Array): Promise<number>;
}

/** Readers by the kinds of files that the platform's own decoder does not read. */
export const pureReaders: Partial<Readonly<Record<ImageKind, PureReader>>> = {
  bmp: {
    size: async (bytes) => bmpHeader(bytes),
    read: async (bytes) => readBmp(bytes),
  },
  dicom: {
    size: openDicom,
    read: readDicom,
    mayHoldSeveral: namesFrames,
    pages: async (bytes) => (await openDicom(bytes)).frames,
  },
};

async function readDicom(bytes: Uint8Array, page: number, decodeJpeg: JpegDecoder): Promise<RawImage> {
  const frame = (await openDicom(bytes)).read(page);
  if (!isEncapsulated(frame)) return frame;
  const { width, height, pixels } = await decodeJpeg(frame.jpeg);
  return frame.finish({ width, height, channels: 3, samples: pixels });
}

/** Whether NumberOfFrames (0028,0008) stands among the first elements, in either byte order. */
function namesFrames(head: Uint8Array): boolean {
  for (let at = head.indexOf(0x28); at >= 0; at = head.indexOf(0x28, at + 1)) {
    const isLittle = head[at + 1] === 0 && head[at + 2] === 8 && head[at + 3] === 0;
    const isBig = head[at - 1] === 0 && head[at + 1] === 0 && head[at + 2] === 8;
    if (isLittle || isBig) return true;
  }
  return false;
}
