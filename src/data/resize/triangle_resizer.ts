/** Resizes one image of a fixed shape: `image` is height·width·channels bytes, `target` size·size·channels. */
export type Resizer = (image: Uint8Array, target: Uint8Array) => void;

/** One output coordinate: the first input coordinate it reads and the weights from there, which sum to 1. */
interface Taps {
  readonly first: number;
  readonly weights: Float64Array;
}

/**
 * A resizer to a square: the shorter side becomes `size`, the centre of the longer is kept.
 *
 * Separable triangle filter, widened by the scale when shrinking: bilinear when enlarging, an average over the
 * area when shrinking (as Pillow's BILINEAR). Pixel centres lie at half-integers; weights that would fall outside
 * the image are left out and the rest normalised.
 * @param channels bytes of a pixel, 3 by default
 */
export function createResizer(width: number, height: number, size: number, channels = 3): Resizer {
  if (width === size && height === size) return (image, target) => target.set(image);
  const columns = axisTaps(width, size, Math.min(width, height));
  const rows = axisTaps(height, size, Math.min(width, height));
  const stride = size * channels;
  const narrowed = new Float64Array(height * stride);
  return (image, target) => {
    for (let y = 0; y < height; y++)
      filterRow(image, y * width * channels, channels, columns, narrowed, y * stride);
    for (let y = 0; y < size; y++) filterColumns(narrowed, stride, rows[y]!, target, y * stride);
  };
}

function axisTaps(length: number, size: number, shorter: number): Taps[] {
  const scale = shorter / size;
  const radius = Math.max(scale, 1);
  const offset = (length - shorter) / 2;
  return Array.from({ length: size }, (_, index) => {
    const centre = offset + (index + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - radius));
    const last = Math.min(length - 1, Math.ceil(centre + radius) - 1);
    const raw = Float64Array.from({ length: last - first + 1 }, (_, tap) =>
      Math.max(0, 1 - Math.abs(first + tap + 0.5 - centre) / radius),
    );
    const sum = raw.reduce((total, weight) => total + weight, 0);
    return { first, weights: raw.map((weight) => weight / sum) };
  });
}

function filterRow(
  image: Uint8Array,
  from: number,
  channels: number,
  taps: readonly Taps[],
  target: Float64Array,
  to: number,
) {
  let out = to;
  for (const { first, weights } of taps) {
    for (let channel = 0; channel < channels; channel++) {
      let sum = 0;
      for (let tap = 0; tap < weights.length; tap++) {
        sum += weights[tap]! * image[from + (first + tap) * channels + channel]!;
      }
      target[out++] = sum;
    }
  }
}

function filterColumns(rows: Float64Array, stride: number, taps: Taps, target: Uint8Array, to: number) {
  for (let x = 0; x < stride; x++) {
    let sum = 0;
    for (let tap = 0; tap < taps.weights.length; tap++) {
      sum += taps.weights[tap]! * rows[(taps.first + tap) * stride + x]!;
    }
    target[to + x] = Math.round(sum);
  }
}
