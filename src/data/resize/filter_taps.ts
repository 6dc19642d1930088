import type { ResizeFilter } from './resize.ts';

/** Bits behind the point of a weight: with 8 bits of a pixel and 2 of overshoot a sum fits 32 bits. */
export const weightBits = 22;

/** The weights of one axis, output by output, as fixed-point numbers. */
export interface FilterTaps {
  /** First input that each output reads. */
  readonly first: Int32Array;
  /** How many inputs each output reads. */
  readonly count: Int32Array;
  /** `width` weights for each output, `count` of them in use, in units of 2^−22. */
  readonly weights: Int32Array;
  /** Weights that are kept for each output. */
  readonly width: number;
}

interface FilterShape {
  /** How far from its centre it reaches, in pixels of the smaller grid. */
  readonly radius: number;
  /** The weight at a distance from the centre that is no more than `radius`. */
  weight(distance: number): number;
}

/** Keys' cubic has a = −0.5 here, as Pillow's; OpenCV's and torch's have −0.75. */
const a = -0.5;

const shapes: Readonly<Record<ResizeFilter, FilterShape>> = {
  bilinear: { radius: 1, weight: (x) => Math.max(0, 1 - x) },
  bicubic: {
    radius: 2,
    weight: (x) => {
      if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
    },
  },
};

/**
 * The weights by which `outputs` pixels come from `inputs` pixels, each set of weights summing to 1: those of Pillow's
 * `precompute_coeffs` and `normalize_coeffs_8bpc` (src/libImaging/Resample.c), in the same order of arithmetic.
 * @param from the first output that is wanted
 * @param until the output behind the last one
 */
export function filterTaps(
  inputs: number,
  outputs: number,
  filter: ResizeFilter,
  from = 0,
  until = outputs,
): FilterTaps {
  const { radius, weight } = shapes[filter];
  const scale = inputs / outputs;
  const stretch = Math.max(scale, 1);
  const support = radius * stretch;
  const inverse = 1 / stretch;
  const width = 2 * Math.ceil(support) + 1;
  const taps = {
    first: new Int32Array(until - from),
    count: new Int32Array(until - from),
    weights: new Int32Array((until - from) * width),
    width,
  };
  const exact = new Float64Array(width);
  for (let output = from; output < until; output++) {
    const centre = (output + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const count = Math.min(inputs, Math.trunc(centre + support + 0.5)) - first;
    let sum = 0;
    for (let tap = 0; tap < count; tap++) {
      exact[tap] = weight(Math.abs((tap + first - centre + 0.5) * inverse));
      sum += exact[tap]!;
    }
    taps.first[output - from] = first;
    taps.count[output - from] = count;
    for (let tap = 0; tap < count; tap++) {
      const share = (exact[tap]! / sum) * 2 ** weightBits;
      taps.weights[(output - from) * width + tap] = Math.trunc(share + (share < 0 ? -0.5 : 0.5));
    }
  }
  return taps;
}
