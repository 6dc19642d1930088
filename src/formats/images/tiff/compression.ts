import { inflate } from '../inflate.ts';
import { truncated, UnreadableImage } from '../raw_image.ts';
import { expandLzw } from './lzw.ts';

/** Compressions that are read. */
export type Compression = 'none' | 'lzw' | 'deflate' | 'packbits';

/** Bytes that a byte can become. */
export const mostGain: Readonly<Record<Compression, number>> = {
  none: 1,
  packbits: 64,
  deflate: 1032,
  lzw: 2731,
};

const known: Readonly<Record<number, Compression>> = {
  1: 'none',
  5: 'lzw',
  8: 'deflate',
  32946: 'deflate',
  32773: 'packbits',
};

const names: Readonly<Record<number, string>> = {
  2: 'CCITT fax',
  3: 'CCITT fax',
  4: 'CCITT fax',
  6: 'JPEG (old style)',
  7: 'JPEG',
  33003: 'JPEG 2000',
  33005: 'JPEG 2000',
  34661: 'JBIG',
  34676: 'SGI LogLuv',
  34712: 'JPEG 2000',
  34887: 'LERC',
  34925: 'LZMA',
  50000: 'ZSTD',
  50001: 'WebP',
  50002: 'JPEG XL',
  52546: 'JPEG XL',
};

/** What a compression is called in a sentence. */
export const compressionName = (number: number): string => names[number] ?? `number ${number}`;

/** The compression of a number. @throws UnreadableImage naming one that is not read */
export function compressionOf(number: number): Compression {
  const found = known[number];
  if (found !== undefined) return found;
  throw new UnreadableImage(
    `a TIFF image compressed as ${compressionName(number)}, which is not read: save it with LZW or Deflate`,
  );
}

/**
 * Expands a strip or tile to so many bytes.
 * @throws UnreadableImage where it gives fewer
 */
export async function expand(
  packed: Uint8Array,
  compression: Compression,
  length: number,
): Promise<Uint8Array> {
  const bytes =
    compression === 'none'
      ? packed
      : compression === 'lzw'
        ? expandLzw(packed, length)
        : compression === 'packbits'
          ? expandPackBits(packed, length)
          : await inflate(packed, 'deflate', length);
  if (bytes.length < length) throw truncated();
  return bytes;
}

/** A count of bytes to take, or a byte to repeat. */
function expandPackBits(packed: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  let [at, to] = [0, 0];
  while (to < length) {
    const code = packed[at++];
    if (code === undefined) throw truncated();
    if (code === 128) continue;
    const count = code < 128 ? code + 1 : 257 - code;
    if (at + (code < 128 ? count : 1) > packed.length) throw truncated();
    const end = Math.min(to + count, length);
    if (code < 128) out.set(packed.subarray(at, at + end - to), to);
    else out.fill(packed[at]!, to, end);
    at += code < 128 ? count : 1;
    to = end;
  }
  return out;
}
