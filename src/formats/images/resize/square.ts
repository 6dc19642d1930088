import type { ScreenImage } from '../screen_values.ts';
import { type AxisTaps, axisTaps, resizedLength } from './axis_taps.ts';

/** How an image that is no square becomes one; see `Fit` of the platform. */
export type SquareFit = 'crop' | 'pad' | 'squash';

/**
 * Brings an image to a square as libvips does behind sharp's `resize`, of an image that is decoded at its full size:
 * columns first, rounded to bytes, then rows. Sums are exact, where libvips' have 16 bits: levels may differ by two.
 * @returns size·size·3 bytes: RGB, row by row
 */
export function squareOf({ width, height, pixels }: ScreenImage, size: number, fit: SquareFit): Uint8Array {
  if (width === size && height === size) return pixels.slice();
  const sides = fit === 'crop' ? Math.min(width, height) : Math.max(width, height);
  const across = placed(width, fit === 'squash' ? width / size : sides / size, size);
  const down = placed(height, fit === 'squash' ? height / size : sides / size, size);
  const rows = filterRows(pixels, 3 * width, height, down);
  const square = new Uint8Array(3 * size * size);
  filterColumns(rows, width, down.until - down.from, across, square, down.at, size);
  return square;
}

/** An axis of which a square shows some outputs. */
interface PlacedAxis {
  /** Undefined where it keeps its length. */
  readonly taps: AxisTaps | undefined;
  /** The outputs that are shown. */
  readonly from: number;
  readonly until: number;
  /** Where in the square they begin. */
  readonly at: number;
}

function placed(length: number, scale: number, size: number): PlacedAxis {
  const resized = resizedLength(length, scale);
  const from = Math.max(0, (resized - size + 1) >> 1);
  const until = Math.min(resized, from + size);
  const at = Math.max(0, (size - resized) >> 1);
  return { taps: scale === 1 ? undefined : axisTaps(length, scale, from, until), from, until, at };
}

/** Shortens or lengthens columns. @returns the rows that are shown, each `stride` bytes */
function filterRows(image: Uint8Array, stride: number, height: number, axis: PlacedAxis): Uint8Array {
  const { taps, from, until } = axis;
  if (!taps) return image.subarray(from * stride, until * stride);
  const { block, first, weights, width } = taps;
  const lines = Math.ceil(height / block);
  const averages = new Map<number, Uint8Array>();
  const line = (y: number): Uint8Array => {
    const row = Math.max(0, Math.min(lines - 1, y));
    if (block === 1) return image.subarray(row * stride, (row + 1) * stride);
    const known = averages.get(row) ?? averageRow(image, stride, height, row, block);
    averages.set(row, known);
    return known;
  };
  const filtered = new Uint8ClampedArray((until - from) * stride);
  const sums = new Float64Array(stride);
  for (let output = 0; output < until - from; output++) {
    sums.fill(0);
    for (let tap = 0; tap < width; tap++) {
      const weight = weights[output * width + tap]!;
      if (weight === 0) continue;
      const row = line(first[output]! + tap);
      for (let x = 0; x < stride; x++) sums[x]! += weight * row[x]!;
    }
    for (let x = 0, to = output * stride; x < stride; x++) filtered[to + x] = sums[x]!;
    for (const row of averages.keys()) if (row < first[output]!) averages.delete(row);
  }
  return new Uint8Array(filtered.buffer);
}

/** The mean of a block of rows, of which the last stands for those beyond. */
function averageRow(image: Uint8Array, stride: number, height: number, row: number, block: number) {
  const sums = new Uint32Array(stride).fill(block >> 1);
  for (let i = 0; i < block; i++) {
    const from = Math.min(height - 1, row * block + i) * stride;
    for (let x = 0; x < stride; x++) sums[x]! += image[from + x]!;
  }
  const averages = new Uint8Array(stride);
  for (let x = 0; x < stride; x++) averages[x] = sums[x]! / block;
  return averages;
}

/** Shortens or lengthens rows, into a square. */
function filterColumns(
  image: Uint8Array,
  length: number,
  rows: number,
  { taps, from, until, at }: PlacedAxis,
  square: Uint8Array,
  top: number,
  size: number,
): void {
  const target = new Uint8ClampedArray(square.buffer);
  for (let y = 0; y < rows; y++) {
    const to = 3 * ((top + y) * size + at);
    const row = image.subarray(3 * y * length, 3 * (y + 1) * length);
    if (!taps) {
      square.set(row.subarray(3 * from, 3 * until), to);
      continue;
    }
    const { block, first, weights, width } = taps;
    const points = block === 1 ? row : averageColumns(row, length, block);
    const last = points.length / 3 - 1;
    for (let output = 0; output < until - from; output++) {
      let [red, green, blue] = [0, 0, 0];
      for (let tap = 0; tap < width; tap++) {
        const weight = weights[output * width + tap]!;
        const point = 3 * Math.max(0, Math.min(last, first[output]! + tap));
        red += weight * points[point]!;
        green += weight * points[point + 1]!;
        blue += weight * points[point + 2]!;
      }
      target[to + 3 * output] = red;
      target[to + 3 * output + 1] = green;
      target[to + 3 * output + 2] = blue;
    }
  }
}

function averageColumns(row: Uint8Array, length: number, block: number): Uint8Array {
  const averages = new Uint8Array(3 * Math.ceil(length / block));
  for (let i = 0; i < averages.length; i += 3) {
    for (let c = 0; c < 3; c++) {
      let sum = block >> 1;
      for (let j = 0; j < block; j++) sum += row[3 * Math.min(length - 1, (i / 3) * block + j) + c]!;
      averages[i + c] = sum / block;
    }
  }
  return averages;
}
