import { type FilterTaps, filterTaps, weightBits } from './filter_taps.ts';
import { placeSquare, type Resize } from './resize.ts';

/** An image of any shape becomes a square: `image` is height·width·3 bytes, `target` size·size·3, RGB, row by row. */
export type PillowResizer = (image: Uint8Array, target: Uint8Array) => void;

/** Makes a sum round to the nearest level when its bits behind the point are cut off. */
const half = 1 << (weightBits - 1);

/**
 * A resizer of images of one shape, whose bytes are those of torchvision's `Resize` and `CenterCrop` on Pillow's images.
 *
 * Integers alone, as Pillow's (src/libImaging/Resample.c): rows are filtered first, rounded to bytes, then columns. A side
 * that keeps its length is not filtered. Only what the square shows is computed.
 * @param width of the images
 * @param height of the images
 * @param size side of the square
 */
export function createPillowResizer(
  width: number,
  height: number,
  size: number,
  resize: Resize,
): PillowResizer {
  const place = placeSquare(width, height, size, resize);
  const across = shown(place.width, place.left, size);
  const down = shown(place.height, place.top, size);
  const columns = filterTaps(width, place.width, resize.filter, across.from, across.until);
  const rows = filterTaps(height, place.height, resize.filter, down.from, down.until);
  const stride = 3 * (across.until - across.from);
  const lines = down.until - down.from;
  // Of the input's rows those that the wanted outputs read.
  const firstRow = rows.first[0]!;
  const lastRow = rows.first[lines - 1]! + rows.count[lines - 1]!;
  const narrowed = new Uint8Array((lastRow - firstRow) * stride);
  const padded = stride < 3 * size || lines < size;
  return (image, target) => {
    if (padded) target.fill(0);
    for (let y = firstRow; y < lastRow; y++) {
      const to = (y - firstRow) * stride;
      if (place.width !== width) filterRow(image, 3 * y * width, columns, narrowed, to);
      else narrowed.set(image.subarray(3 * (y * width + across.from), 3 * (y * width + across.until)), to);
    }
    for (let y = 0; y < lines; y++) {
      const to = 3 * ((down.at + y) * size + across.at);
      if (place.height !== height) filterColumns(narrowed, stride, firstRow, rows, y, target, to);
      else {
        const from = (down.from + y - firstRow) * stride;
        target.set(narrowed.subarray(from, from + stride), to);
      }
    }
  };
}

/** The outputs of one axis that a square shows, and where in it they begin. */
function shown(length: number, start: number, size: number) {
  return { from: Math.max(0, start), until: Math.min(length, start + size), at: Math.max(0, -start) };
}

function filterRow(image: Uint8Array, from: number, taps: FilterTaps, target: Uint8Array, to: number): void {
  const { first, count, weights, width } = taps;
  let out = to;
  for (let output = 0; output < first.length; output++) {
    let red = half;
    let green = half;
    let blue = half;
    let byte = from + 3 * first[output]!;
    const start = output * width;
    const end = start + count[output]!;
    for (let tap = start; tap < end; tap++) {
      const weight = weights[tap]!;
      red = (red + Math.imul(weight, image[byte]!)) | 0;
      green = (green + Math.imul(weight, image[byte + 1]!)) | 0;
      blue = (blue + Math.imul(weight, image[byte + 2]!)) | 0;
      byte += 3;
    }
    target[out] = level(red);
    target[out + 1] = level(green);
    target[out + 2] = level(blue);
    out += 3;
  }
}

/** Filters one row of outputs from the rows above and below it. @param firstRow the input's row that `rows` begin with */
function filterColumns(
  rows: Uint8Array,
  stride: number,
  firstRow: number,
  taps: FilterTaps,
  output: number,
  target: Uint8Array,
  to: number,
): void {
  const start = output * taps.width;
  const end = start + taps.count[output]!;
  const top = (taps.first[output]! - firstRow) * stride;
  for (let x = 0; x < stride; x++) {
    let sum = half;
    let byte = top + x;
    for (let tap = start; tap < end; tap++) {
      sum = (sum + Math.imul(taps.weights[tap]!, rows[byte]!)) | 0;
      byte += stride;
    }
    target[to + x] = level(sum);
  }
}

/** Where a cubic overshoots, the nearest level that there is. */
function level(sum: number): number {
  const value = sum >> weightBits;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
