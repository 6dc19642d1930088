import { truncated } from '../raw_image.ts';
import type { PixelFormat } from './pixel_format.ts';

const headBytes = 64;
/** Two bytes give 128 at most. */
const mostGain = 64;

/**
 * Expands a frame of RLE Lossless (DICOM PS3.5, annex G): a segment for each byte of each number of a pixel, the highest
 * byte first.
 * @returns numbers with the low byte first, of colours one whole plane after the other
 */
export function expandRle(frame: Uint8Array, format: PixelFormat): Uint8Array {
  if (frame.length < headBytes) throw truncated();
  const { width, height, perPixel, allocated } = format;
  const pixels = width * height;
  const size = allocated / 8;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const count = view.getUint32(0, true);
  if (count !== perPixel * size || pixels > mostGain * frame.length) throw truncated();
  const starts = Array.from({ length: count }, (_, i) => view.getUint32(4 + 4 * i, true));
  const expanded = new Uint8Array(count * pixels);
  const segment = new Uint8Array(pixels);
  starts.forEach((start, i) => {
    expandSegment(frame.subarray(start, starts[i + 1] ?? frame.length), segment);
    const [plane, byte] = [Math.floor(i / size), size - 1 - (i % size)];
    let at = plane * pixels * size + byte;
    for (const value of segment) {
      expanded[at] = value;
      at += size;
    }
  });
  return expanded;
}

/** PackBits: a count of bytes to take, or a byte to repeat. What lies behind a full segment is padding. */
function expandSegment(packed: Uint8Array, out: Uint8Array): void {
  let at = 0;
  let to = 0;
  while (to < out.length) {
    const code = packed[at++];
    if (code === undefined) throw truncated();
    if (code === 128) continue;
    const length = Math.min(code < 128 ? code + 1 : 257 - code, out.length - to);
    if (code < 128) {
      if (at + length > packed.length) throw truncated();
      out.set(packed.subarray(at, at + length), to);
      at += code + 1;
    } else {
      const value = packed[at++];
      if (value === undefined) throw truncated();
      out.fill(value, to, to + length);
    }
    to += length;
  }
}
