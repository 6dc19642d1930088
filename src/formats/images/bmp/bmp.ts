import { type RawImage, truncated } from '../raw_image.ts';
import { type BmpHeader, bmpHeader } from './header.ts';
import { expandRunLengths } from './run_lengths.ts';

/**
 * Decodes a BMP file of 1 to 32 bits a pixel, of Windows or OS/2, with or without run lengths.
 * @throws UnreadableImage with a short reason
 */
export function readBmp(bytes: Uint8Array): RawImage {
  const header = bmpHeader(bytes);
  if (header.packing !== 'none') return painted(header, expandRunLengths(bytes, header));
  const stride = ((header.width * header.bits + 31) >> 5) << 2;
  const lastRow = Math.ceil((header.width * header.bits) / 8);
  if (header.start + stride * (header.height - 1) + lastRow > bytes.length) throw truncated();
  const row = (y: number) => header.start + stride * (header.topDown ? y : header.height - 1 - y);
  if (header.bits <= 8) return painted(header, numbers(bytes, header, row));
  return header.bits === 24 ? ofBytes(bytes, header, row) : ofMasks(bytes, header, row);
}

/** Where a row of the image begins in the file. */
type RowStart = (y: number) => number;

/** The numbers of colours, of which a byte holds several, the leftmost in the highest bits. */
function numbers(bytes: Uint8Array, { width, height, bits }: BmpHeader, row: RowStart): Uint8Array {
  const out = new Uint8Array(width * height);
  const perByte = 8 / bits;
  const mask = 2 ** bits - 1;
  for (let y = 0; y < height; y++) {
    const start = row(y);
    for (let x = 0; x < width; x++) {
      const byte = bytes[start + Math.floor(x / perByte)]!;
      out[y * width + x] = (byte >> (8 - bits - bits * (x % perByte))) & mask;
    }
  }
  return out;
}

function painted({ width, height, palette }: BmpHeader, colours: Uint8Array): RawImage {
  const samples = new Uint8Array(3 * colours.length);
  for (let i = 0; i < colours.length; i++) {
    const from = 3 * colours[i]!;
    samples[3 * i] = palette[from]!;
    samples[3 * i + 1] = palette[from + 1]!;
    samples[3 * i + 2] = palette[from + 2]!;
  }
  return { width, height, channels: 3, samples };
}

/** Blue, green, red, a byte each. */
function ofBytes(bytes: Uint8Array, { width, height }: BmpHeader, row: RowStart): RawImage {
  const samples = new Uint8Array(3 * width * height);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let at = row(y); at < row(y) + 3 * width; at += 3) {
      samples[to++] = bytes[at + 2]!;
      samples[to++] = bytes[at + 1]!;
      samples[to++] = bytes[at]!;
    }
  }
  return { width, height, channels: 3, samples };
}

/** Pixels of 16 or 32 bits, of which masks say which are what. */
function ofMasks(bytes: Uint8Array, { width, height, bits, masks }: BmpHeader, row: RowStart): RawImage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const channels = masks[3] === 0 ? 3 : 4;
  const parts = masks.slice(0, channels).map(partOf);
  const samples = new Uint8Array(channels * width * height);
  let to = 0;
  let mostOpaque = 0;
  for (let y = 0; y < height; y++) {
    const start = row(y);
    for (let x = 0; x < width; x++) {
      const pixel = bits === 16 ? view.getUint16(start + 2 * x, true) : view.getUint32(start + 4 * x, true);
      for (const { mask, shift, scale } of parts)
        samples[to++] = Math.round(((pixel & mask) >>> shift) * scale);
      if (channels === 4) mostOpaque = Math.max(mostOpaque, samples[to - 1]!);
    }
  }
  // Writers that know nothing of transparency leave it 0 everywhere.
  if (channels === 4 && mostOpaque === 0) for (let i = 3; i < samples.length; i += 4) samples[i] = 255;
  return { width, height, channels, samples };
}

/** How far a mask's bits stand above the lowest, and what makes 255 of the largest number in them. */
function partOf(mask: number): { mask: number; shift: number; scale: number } {
  const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
  const most = mask >>> shift;
  return { mask, shift, scale: most === 0 ? 0 : 255 / most };
}
