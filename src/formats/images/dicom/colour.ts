import type { Samples } from '../raw_image.ts';
import { UnreadableImage } from '../raw_image.ts';
import type { PixelFormat } from './pixel_format.ts';

/** The three colours of a pixel side by side, of numbers that come one whole plane after the other. */
export function interleaved<T extends Samples>(planes: T): T {
  const pixels = planes.length / 3;
  const out = planes.slice() as T;
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < pixels; i++) out[3 * i + c] = planes[c * pixels + i]!;
  }
  return out;
}

/** Brightness and two differences of colour as red, green and blue, of the full range of 8 bits (PS3.3, C.7.6.3.1.2). */
export function rgbOfYbr(ybr: Samples, { stored }: PixelFormat): Uint8Array {
  if (!(ybr instanceof Uint8Array) || stored !== 8)
    throw new UnreadableImage('of colours as YBR_FULL of over 8 bits, which is not read');
  const out = new Uint8ClampedArray(ybr.length);
  for (let i = 0; i < ybr.length; i += 3) {
    const [y, cb, cr] = [ybr[i]!, ybr[i + 1]! - 128, ybr[i + 2]! - 128];
    out[i] = y + 1.402 * cr;
    out[i + 1] = y - 0.344136 * cb - 0.714136 * cr;
    out[i + 2] = y + 1.772 * cb;
  }
  return new Uint8Array(out.buffer);
}

/** Three numbers a pixel of four for two: the brightnesses of both, then the differences of colour that they share. */
export function fullYbr(halved: Uint8Array, pixels: number): Uint8Array {
  const out = new Uint8Array(3 * pixels);
  for (let i = 0; i < pixels; i++) {
    const at = 4 * (i >> 1);
    out.set([halved[at + (i & 1)]!, halved[at + 2]!, halved[at + 3]!], 3 * i);
  }
  return out;
}
