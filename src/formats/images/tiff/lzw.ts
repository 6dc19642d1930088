import { truncated, UnreadableImage } from '../raw_image.ts';

const clear = 256;
const end = 257;
const mostCodes = 4096;

/**
 * Expands TIFF's LZW (TIFF 6.0, section 13): codes of 9 to 12 bits, the highest bit first, one bit longer a code before
 * the table needs it.
 * @returns so many bytes, or fewer where the stream ends before
 */
export function expandLzw(packed: Uint8Array, length: number): Uint8Array {
  // Files from before 1992 keep the lowest bit first, which their first code, the one that clears the table, shows.
  if (packed[0] === 0 && (packed[1]! & 1) === 1) {
    throw new UnreadableImage('a TIFF image compressed as LZW of the old style, which is not read');
  }
  const out = new Uint8Array(length);
  // A code's string is the bytes of the string before it and one more: where it was last written, and its length.
  const starts = new Uint32Array(mostCodes);
  const lengths = new Uint16Array(mostCodes);
  let [next, width, to, previous] = [258, 9, 0, -1];
  let [buffer, held, at] = [0, 0, 0];
  while (to < length) {
    while (held < width) {
      if (at >= packed.length) return out.subarray(0, to);
      buffer = ((buffer << 8) | packed[at++]!) & 0xffffff;
      held += 8;
    }
    const code = (buffer >> (held - width)) & ((1 << width) - 1);
    held -= width;
    if (code === end) return out.subarray(0, to);
    if (code === clear) {
      [next, width, previous] = [258, 9, -1];
      continue;
    }
    const start = to;
    if (code < 256) out[to++] = code;
    else {
      if (code > next || previous < 0 || (code === next && next >= mostCodes)) throw truncated();
      const isNew = code === next;
      const from = isNew ? previous : starts[code]!;
      const count = isNew ? start - previous : lengths[code]!;
      if (code >= 258 && !isNew && count === 0) throw truncated();
      for (let i = 0; i < count && to < length; i++) out[to++] = out[from + i]!;
      if (isNew && to < length) out[to++] = out[previous]!;
    }
    if (previous >= 0 && next < mostCodes) {
      // The string before, whose bytes are followed by the first of this one.
      starts[next] = previous;
      lengths[next] = start - previous + 1;
      next++;
    }
    previous = start;
    if (next + 1 >= 1 << width && width < 12) width++;
  }
  return out;
}
