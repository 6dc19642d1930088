// IEEE 754 binary16, which JavaScript has no array of everywhere: sign, 5 bits of exponent, 10 of fraction.

/** The number that 16 bits stand for. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Infinity;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

let table: Float32Array | undefined;

/** The numbers that halves stand for, one for each. */
export function toNumbers(halves: Uint16Array): Float32Array<ArrayBuffer> {
  table ??= Float32Array.from({ length: 0x10000 }, (_, bits) => halfToNumber(bits));
  const numbers = new Float32Array(halves.length);
  for (let i = 0; i < numbers.length; i++) numbers[i] = table[halves[i]!]!;
  return numbers;
}

/** Bits of float32: 2⁻¹⁴, the smallest normal half; 65520, from where on numbers round to infinity; infinity. */
const [smallestNormal, overflow, infinity] = [0x38800000, 0x477ff000, 0x7f800000];

/**
 * The bits of the nearest half of each number, of two equally near ones the even one. An odd number of them is filled
 * up with a zero: WebGPU writes whole words.
 */
export function toHalves(values: Float32Array): Uint16Array<ArrayBuffer> {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const one = new Uint32Array(1);
  const number = new Float32Array(one.buffer);
  const halves = new Uint16Array(2 * Math.ceil(values.length / 2));
  for (let i = 0; i < words.length; i++) {
    const sign = (words[i]! >>> 16) & 0x8000;
    const bits = words[i]! & 0x7fffffff;
    if (bits >= overflow) {
      halves[i] = bits > infinity ? 0x7e00 : sign | 0x7c00;
    } else if (bits < smallestNormal) {
      // Beside 0.5 a float32 keeps steps of 2⁻²⁴, those of the smallest halves.
      number[0] = Math.abs(values[i]!) + 0.5;
      halves[i] = sign | (one[0]! - 0x3f000000);
    } else {
      // The exponent's bias is 127 in a float32 and 15 in a half; a carry out of the fraction goes into the exponent.
      halves[i] = sign | ((bits + 0xfff + ((bits >> 13) & 1) - (112 << 23)) >> 13);
    }
  }
  return halves;
}

/** Below binary16's largest number by a factor that no rounding makes up. */
const largestHalf = 2 ** 15;

/**
 * Numbers as binary16 under one power of two, which is theirs alone: the largest of them comes near the top of what
 * binary16 holds, and numbers down to 2⁻²⁹ of it keep all 11 bits. Four bytes of that scale, then two a number.
 */
export function packHalves(values: Float32Array): Uint8Array {
  let largest = 0;
  // A NaN is no maximum, and stays one below.
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]!) || 0);
  const usable = largest > 0 && Number.isFinite(largest);
  const scale = usable ? Math.min(2 ** Math.floor(Math.log2(largestHalf / largest)), 2 ** 126) : 1;
  const scaled = new Float32Array(values.length);
  for (let i = 0; i < scaled.length; i++) scaled[i] = values[i]! * scale;
  const halves = toHalves(scaled);
  const packed = new Uint8Array(4 + halves.byteLength);
  new DataView(packed.buffer).setFloat32(0, scale, true);
  packed.set(new Uint8Array(halves.buffer), 4);
  return packed;
}

/** What was packed; a zero behind an odd number of them. */
export function unpackHalves(packed: Uint8Array): Float32Array<ArrayBuffer> {
  const bytes = packed.slice();
  const scale = new DataView(bytes.buffer).getFloat32(0, true);
  const numbers = toNumbers(new Uint16Array(bytes.buffer, 4));
  for (let i = 0; i < numbers.length; i++) numbers[i]! /= scale;
  return numbers;
}
