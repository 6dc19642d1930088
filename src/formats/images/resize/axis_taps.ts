/** How one axis of an image becomes longer or shorter. */
export interface AxisTaps {
  /** So many neighbouring inputs are averaged before they are weighed; 1 leaves them as they are. */
  readonly block: number;
  /** The first input, or average, that each output reads; may lie outside, where the nearest one inside stands for it. */
  readonly first: Int32Array;
  /** `width` weights for each output, which sum to 1. */
  readonly weights: Float64Array;
  /** Weights of an output. */
  readonly width: number;
}

/** A kernel's weight at a distance, in pixels of the smaller grid, and how far it reaches. */
interface Kernel {
  readonly radius: number;
  weight(distance: number): number;
}

const lanczos3: Kernel = {
  radius: 3,
  weight(x) {
    if (x === 0) return 1;
    const angle = Math.PI * x;
    return x < 3 ? (3 * Math.sin(angle) * Math.sin(angle / 3)) / (angle * angle) : 0;
  },
};

/** Keys' cubic with a = −0.5. */
const cubic: Kernel = {
  radius: 2,
  weight(x) {
    if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
    return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
  },
};

/** Centres are rounded to such parts of a pixel, as libvips rounds them (VIPS_TRANSFORM_SCALE). */
const parts = 64;

/**
 * The weights by which an axis is resized as libvips' `vips_resize` does it: made shorter, by averages of whole blocks until
 * it is about twice as long as wanted and then by Lanczos' kernel of three lobes; made longer, by a cubic.
 * @param inputs the axis' length
 * @param scale inputs an output; the outputs are so many as round up or down to a whole number
 * @param from the first output that is wanted
 * @param until the output behind the last one
 */
export function axisTaps(inputs: number, scale: number, from: number, until: number): AxisTaps {
  const outputs = resizedLength(inputs, scale);
  const block = Math.max(1, Math.floor(inputs / outputs / 2));
  const step = scale / block;
  const { radius, weight } = scale > 1 ? lanczos3 : cubic;
  const stretch = Math.max(step, 1);
  // Rounding leaves a part of a pixel over, of which each end gets half. A longer axis lies half an output further on.
  const left = scale > 1 ? (outputs * scale - inputs) / block / 2 : step / 2;
  const reach = Math.ceil(radius * stretch);
  const width = 2 * reach + 2;
  const first = new Int32Array(until - from);
  const weights = new Float64Array((until - from) * width);
  for (let output = from; output < until; output++) {
    const centre = Math.floor(((output + 0.5) * step - 0.5 - left) * parts + 0.5) / parts;
    const start = Math.floor(centre) - reach;
    const own = weights.subarray((output - from) * width, (output - from + 1) * width);
    let sum = 0;
    for (let tap = 0; tap < width; tap++) {
      own[tap] = weight(Math.abs(start + tap - centre) / stretch);
      sum += own[tap]!;
    }
    for (let tap = 0; tap < width; tap++) own[tap]! /= sum;
    first[output - from] = start;
  }
  return { block, first, weights, width };
}

/** How long an axis becomes. */
export const resizedLength = (inputs: number, scale: number): number =>
  Math.max(1, Math.round(inputs / scale));
