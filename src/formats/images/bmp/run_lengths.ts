import { truncated } from '../raw_image.ts';
import type { BmpHeader } from './header.ts';

/** Pixels for a byte: two bytes repeat 255 of them, and skip more. Beyond, the sides are damaged. */
const mostGain = 1000;

/**
 * Expands run lengths (RLE8 and RLE4): pairs of a count and what to repeat; behind a zero, the end of a row or of the
 * picture, a step to the right and up, or pixels as they are. Pixels that are skipped are of colour 0.
 * @returns the number of each pixel's colour, the topmost row first
 */
export function expandRunLengths(bytes: Uint8Array, header: BmpHeader): Uint8Array {
  const { width, height, packing, topDown, start } = header;
  if (width * height > mostGain * bytes.length) throw truncated();
  const out = new Uint8Array(width * height);
  const isHalf = packing === 'rle4';
  let [x, y] = [0, 0];
  const put = (colour: number) => {
    if (x < width && y < height) out[(topDown ? y : height - 1 - y) * width + x] = colour;
    x++;
  };
  for (let at = start; y < height; ) {
    const count = bytes[at];
    const value = bytes[at + 1];
    // Some writers leave the end mark out behind the last pixel.
    if (count === undefined || value === undefined) {
      if (y === height - 1 && x >= width) break;
      throw truncated();
    }
    at += 2;
    if (count > 0) {
      for (let i = 0; i < count; i++) put(isHalf ? nibble(value, i) : value);
    } else if (value === 0) {
      [x, y] = [0, y + 1];
    } else if (value === 1) {
      break;
    } else if (value === 2) {
      if (at + 2 > bytes.length) throw truncated();
      [x, y] = [x + bytes[at]!, y + bytes[at + 1]!];
      at += 2;
    } else {
      const length = isHalf ? (value + 1) >> 1 : value;
      if (at + length > bytes.length) throw truncated();
      for (let i = 0; i < value; i++) put(isHalf ? nibble(bytes[at + (i >> 1)]!, i) : bytes[at + i]!);
      // Filled up to whole words.
      at += length + (length & 1);
    }
  }
  return out;
}

const nibble = (byte: number, i: number) => (i % 2 === 0 ? byte >> 4 : byte & 15);
