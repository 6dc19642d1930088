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

const smallestNormal = 2 ** -14;
/** From here on numbers round to infinity. */
const overflow = 65520;

/**
 * The bits of the nearest half of each number, of two equally near ones the even one. An odd number of them is filled
 * up with a zero: WebGPU writes whole words.
 */
export function toHalves(values: Float32Array): Uint16Array<ArrayBuffer> {
  const words = new Uint32Array(1);
  const number = new Float32Array(words.buffer);
  return Uint16Array.from({ length: 2 * Math.ceil(values.length / 2) }, (_, i) => {
    const value = values[i] ?? 0;
    const magnitude = Math.abs(value);
    const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
    if (Number.isNaN(value)) return 0x7e00;
    if (magnitude >= overflow) return sign | 0x7c00;
    if (magnitude < smallestNormal) {
      // Beside 0.5 a float32 keeps steps of 2⁻²⁴, those of the smallest halves.
      number[0] = magnitude + 0.5;
      return sign | (words[0]! - 0x3f000000);
    }
    number[0] = magnitude;
    const bits = words[0]!;
    // The exponent's bias is 127 in a float32 and 15 in a half; a carry out of the fraction goes into the exponent.
    return sign | ((bits + 0xfff + ((bits >> 13) & 1) - (112 << 23)) >> 13);
  });
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
  for (const value of values) largest = Math.max(largest, Math.abs(value) || 0);
  const usable = largest > 0 && Number.isFinite(largest);
  const scale = usable ? Math.min(2 ** Math.floor(Math.log2(largestHalf / largest)), 2 ** 126) : 1;
  const halves = toHalves(values.map((value) => value * scale));
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
  return numbers.map((value) => value / scale);
}
