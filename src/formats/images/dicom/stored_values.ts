import type { Samples } from '../raw_image.ts';
import type { PixelFormat } from './pixel_format.ts';

/**
 * Takes numbers out of the bytes that hold them: the stored bits without those above and below, with their own sign.
 * @param bytes of one frame, with as many numbers as `count` says at least
 * @param littleEndian whether the low byte comes first
 */
export function storedValues(
  bytes: Uint8Array,
  format: PixelFormat,
  count: number,
  littleEndian: boolean,
): Samples {
  const { allocated, stored, shift, signed } = format;
  if (format.float) return floats(bytes, allocated, count, littleEndian);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = emptyValues(format, count);
  // To the left end and back: what stands above the number falls off, and its own highest bit is its sign.
  const left = 32 - stored - shift;
  const right = 32 - stored;
  for (let i = 0; i < count; i++) {
    const whole =
      allocated === 8
        ? bytes[i]!
        : allocated === 16
          ? view.getUint16(2 * i, littleEndian)
          : view.getUint32(4 * i, littleEndian);
    values[i] = signed ? (whole << left) >> right : (whole << left) >>> right;
  }
  return values;
}

function emptyValues({ allocated, signed }: PixelFormat, count: number): Samples {
  if (allocated === 8) return signed ? new Int16Array(count) : new Uint8Array(count);
  if (allocated === 16) return signed ? new Int16Array(count) : new Uint16Array(count);
  return signed ? new Int32Array(count) : new Uint32Array(count);
}

function floats(bytes: Uint8Array, bits: number, count: number, littleEndian: boolean): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: count }, (_, i) =>
    bits === 32 ? view.getFloat32(4 * i, littleEndian) : view.getFloat64(8 * i, littleEndian),
  );
}

/** Single bits, the lowest of a byte first, as segmentations keep them. @param first the number of the first bit wanted */
export function singleBits(bytes: Uint8Array, first: number, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => (bytes[(first + i) >> 3]! >> ((first + i) & 7)) & 1);
}

/** The smallest and largest number that can be stored. */
export function bounds({ stored, signed, allocated }: PixelFormat): [number, number] {
  const bits = allocated === 1 ? 1 : stored;
  return signed ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
}
