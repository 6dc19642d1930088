import { checkSides, truncated, UnreadableImage } from '../raw_image.ts';

/** How a BMP file's pixels are laid out. */
export interface BmpHeader {
  readonly width: number;
  readonly height: number;
  /** Whether the first row in the file is the topmost; usually it is the lowest. */
  readonly topDown: boolean;
  /** Bits a pixel. */
  readonly bits: 1 | 2 | 4 | 8 | 16 | 24 | 32;
  readonly packing: 'none' | 'rle4' | 'rle8';
  /** Which bits of a pixel of 16 or 32 are red, green, blue and how opaque it is; 0 where there are none. */
  readonly masks: readonly [red: number, green: number, blue: number, alpha: number];
  /** Red, green, blue of each colour that pixels of up to 8 bits are numbers of. */
  readonly palette: Uint8Array;
  /** Where the pixels begin. */
  readonly start: number;
}

const fileHeader = 14;
const names = ['none', 'rle8', 'rle4', 'masks', 'JPEG', 'PNG', 'masks with alpha'] as const;

/** Five bits a colour, and eight, where the file gives no masks. */
const usualMasks: Readonly<Record<number, BmpHeader['masks']>> = {
  16: [0x7c00, 0x3e0, 0x1f, 0],
  32: [0xff0000, 0xff00, 0xff, 0],
};

/**
 * Reads the headers of OS/2 (12, 16 to 64 bytes) and of Windows (40 to 124).
 * @throws UnreadableImage where it is none of these or the image is over 50 megapixels
 */
export function bmpHeader(bytes: Uint8Array): BmpHeader {
  if (bytes.length < fileHeader + 12 || bytes[0] !== 0x42 || bytes[1] !== 0x4d) throw truncated();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = view.getUint32(fileHeader, true);
  const isOld = size === 12;
  if (!(isOld || (size >= 16 && size <= 124)) || fileHeader + size > bytes.length) throw truncated();
  const width = isOld ? view.getUint16(18, true) : view.getInt32(18, true);
  const signedHeight = isOld ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(isOld ? 24 : 28, true);
  const field = (at: number) => (at + 4 <= fileHeader + size ? view.getUint32(at, true) : 0);
  const packing = packingOf(isOld ? 0 : field(30), size, bits);
  checkSides(width, Math.abs(signedHeight));
  const known = [1, 2, 4, 8, 16, 24, 32] as const;
  const knownBits = known.find((number) => number === bits);
  if (knownBits === undefined) throw new UnreadableImage(`a BMP of ${bits} bits a pixel, which is not read`);
  const isMasked = packing.startsWith('masks');
  const maskEnd = masksEnd(size, packing);
  if (isMasked && maskEnd > bytes.length) throw truncated();
  const alphaAt = size >= 56 || packing === 'masks with alpha' ? 66 : undefined;
  const masks = isMasked
    ? ([54, 58, 62, alphaAt].map((at) =>
        at === undefined ? 0 : view.getUint32(at, true),
      ) as unknown as BmpHeader['masks'])
    : (usualMasks[bits] ?? [0, 0, 0, 0]);
  const paletteStart = isMasked ? Math.max(maskEnd, fileHeader + size) : fileHeader + size;
  const count = bits > 8 ? 0 : Math.min(2 ** bits, (isOld ? 0 : field(46)) || 2 ** bits);
  const palette = readPalette(bytes, paletteStart, count, isOld ? 3 : 4, view.getUint32(10, true));
  return {
    width,
    height: Math.abs(signedHeight),
    topDown: signedHeight < 0,
    bits: knownBits,
    packing: packing === 'rle4' || packing === 'rle8' ? packing : 'none',
    masks,
    palette: palette.colours,
    start: Math.max(view.getUint32(10, true), palette.end),
  };
}

type Packing = (typeof names)[number];

function packingOf(number: number, headerSize: number, bits: number): Packing {
  const name = names[number];
  // In the longer header of OS/2 the numbers from 3 on mean others.
  const isOs2 = headerSize > 40 && headerSize <= 64 && headerSize !== 52 && headerSize !== 56;
  const fits =
    name === 'none' ||
    (name === 'rle8' && bits === 8) ||
    (name === 'rle4' && bits === 4) ||
    (name?.startsWith('masks') === true && (bits === 16 || bits === 32) && !isOs2);
  if (!fits || name === undefined) {
    throw new UnreadableImage(
      `a BMP compressed as ${(!isOs2 && name) || `number ${number}`}, which is not read`,
    );
  }
  return name;
}

/** Where masks end that stand in the header or, behind the common one of 40 bytes, after it. */
function masksEnd(size: number, packing: Packing): number {
  return size >= 56 || packing === 'masks with alpha' ? 70 : 66;
}

/** The colours, as far as the file has them in front of its pixels; others are black. */
function readPalette(
  bytes: Uint8Array,
  start: number,
  count: number,
  step: number,
  pixels: number,
): { colours: Uint8Array; end: number } {
  const limit = Math.min(bytes.length, pixels > start ? pixels : bytes.length);
  const held = Math.max(0, Math.min(count, Math.floor((limit - start) / step)));
  const colours = new Uint8Array(3 * 256);
  for (let i = 0; i < held; i++) {
    for (let c = 0; c < 3; c++) colours[3 * i + c] = bytes[start + step * i + 2 - c]!;
  }
  return { colours, end: start + step * held };
}
