import type { AugmentationPolicy } from '../../src/ops/augment.ts';

/** One view's choices, as `drawChoices` lays them: box, factors, order, choices, four numbers each. */
export interface Choices {
  readonly values: readonly number[];
  /** Rounding in f32 may decide the box otherwise: a side or an offset lies within 1e-4 of where it would change. */
  readonly ambiguous: boolean;
}

/** pcg4d of Jarzynski and Olano (JCGT 9(3), 2020), in 32-bit integers, bit for bit as the shader. */
export function pcg4d(key: readonly number[]): number[] {
  let [x, y, z, w] = key.map((word) => (Math.imul(word, 1664525) + 1013904223) | 0) as [
    number,
    number,
    number,
    number,
  ];
  const mix = () => {
    x = (x + Math.imul(y, w)) | 0;
    y = (y + Math.imul(z, x)) | 0;
    z = (z + Math.imul(x, y)) | 0;
    w = (w + Math.imul(y, z)) | 0;
  };
  mix();
  [x, y, z, w] = [x ^ (x >>> 16), y ^ (y >>> 16), z ^ (z >>> 16), w ^ (w >>> 16)];
  mix();
  return [x, y, z, w].map((word) => word >>> 0);
}

/** Four numbers in [0, 1) of 24 bits each. */
export function uniforms(seed: number, step: number, image: number, view: number, slot: number): number[] {
  return pcg4d([seed, step, image, 16 * view + slot]).map((word) => (word >>> 8) / 2 ** 24);
}

const orders = permutations([0, 1, 2, 3]);

function permutations(items: readonly number[]): number[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item) =>
    permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]),
  );
}

/** The choices in float64, written after torchvision's RandomResizedCrop and ColorJitter. */
export function chooseTwin(
  policy: AugmentationPolicy,
  side: number,
  [seed, step, image, view]: readonly [number, number, number, number],
): Choices {
  const slot = (number: number) => uniforms(seed, step, image, view, number);
  const { crop, jitter, blur } = policy;
  let ambiguous = false;
  const box = () => {
    if (!crop) return [0, 0, side, side];
    for (let attempt = 0; attempt < 10; attempt++) {
      const [u, v, left, top] = slot(attempt) as [number, number, number, number];
      const area = side * side * between(crop.scale, u);
      const ratio = Math.exp(between([Math.log(crop.ratio[0]), Math.log(crop.ratio[1])], v));
      const sides = [Math.sqrt(area * ratio), Math.sqrt(area / ratio)];
      const [width, height] = sides.map(Math.round) as [number, number];
      ambiguous ||= sides.some((length) => near(length - 0.5));
      if (!(width > 0 && width <= side && height > 0 && height <= side)) continue;
      const offsets = [left * (side - width + 1), top * (side - height + 1)];
      ambiguous ||= offsets.some((offset) => offset > 0.5 && near(offset));
      return [...offsets.map(Math.floor), width, height];
    }
    const [low, high] = crop.ratio;
    const width = low > 1 ? side : high < 1 ? Math.round(side * high) : side;
    const height = low > 1 ? Math.round(side / low) : side;
    return [Math.floor((side - width) / 2), Math.floor((side - height) / 2), width, height];
  };
  const [flip, jittered, grey, blurred] = slot(10) as [number, number, number, number];
  const [b, c, s, h] = slot(11) as [number, number, number, number];
  const [order, sigma] = slot(12) as [number, number];
  const factor = (range: number, u: number) => between([Math.max(0, 1 - range), 1 + range], u);
  const values = [
    ...box(),
    factor(jitter?.brightness ?? 0, b),
    factor(jitter?.contrast ?? 0, c),
    factor(jitter?.saturation ?? 0, s),
    between([-(jitter?.hue ?? 0), jitter?.hue ?? 0], h),
    ...orders[Math.floor(24 * order)]!,
    Number(flip < policy.flip),
    Number(jittered < (jitter?.probability ?? 0)),
    Number(grey < policy.greyscale),
    blur && blurred < blur.probability ? between(blur.sigma, sigma) : 0,
  ];
  return { values, ambiguous };
}

const between = ([low, high]: readonly [number, number], u: number): number => low + (high - low) * u;
const near = (value: number): boolean => Math.abs(value - Math.round(value)) < 1e-4;

/**
 * One view in float64, written after torchvision's functions, each step over the whole image.
 * @param pixels RGB bytes of side·side pixels
 * @returns [size][size][3] in [0, 1]
 */
export function renderTwin(
  pixels: Uint8Array,
  side: number,
  choices: ArrayLike<number>,
  size: number,
  radius: number,
): Float64Array {
  const at = (index: number) => choices[index]!;
  let rgb: Float64Array = resize(pixels, side, [at(0), at(1), at(2), at(3)], size, at(12) !== 0);
  if (at(13) !== 0) {
    for (let turn = 0; turn < 4; turn++) rgb = jitterOps[at(8 + turn)]!(rgb, at(4 + at(8 + turn)));
  }
  if (at(14) !== 0) rgb = mapPixels(rgb, (pixel) => [grey(pixel), grey(pixel), grey(pixel)]);
  return at(15) === 0 ? rgb : blur(rgb, size, at(15), radius);
}

type Pixel = readonly [number, number, number];

function resize(
  pixels: Uint8Array,
  side: number,
  [left, top, width, height]: number[],
  size: number,
  flipped: boolean,
) {
  const rows = triangleWeights(height!, size);
  const columns = triangleWeights(width!, size);
  const out = new Float64Array(size * size * 3);
  for (let i = 0; i < out.length; i++) {
    const row = Math.floor(i / 3 / size);
    const column = Math.floor(i / 3) % size;
    const x = columns[flipped ? size - 1 - column : column]!;
    rows[row]!.forEach((a, v) => {
      x.forEach((b, u) => {
        out[i]! += (a * b * pixels[((top! + v) * side + left! + u) * 3 + (i % 3)]!) / 255;
      });
    });
  }
  return out;
}

/** For each output coordinate the weight of every input coordinate. */
function triangleWeights(length: number, size: number): number[][] {
  const scale = length / size;
  return Array.from({ length: size }, (_, i) => {
    const distance = (j: number) => Math.abs(j + 0.5 - (i + 0.5) * scale) / Math.max(1, scale);
    const weights = Array.from({ length }, (_, j) => Math.max(0, 1 - distance(j)));
    const sum = weights.reduce((a, b) => a + b);
    return weights.map((weight) => weight / sum);
  });
}

const grey = ([r, g, b]: Pixel): number => 0.299 * r + 0.587 * g + 0.114 * b;
const clamp = (value: number): number => Math.min(1, Math.max(0, value));
const blend = (pixel: Pixel, other: number, factor: number): number[] =>
  pixel.map((value) => clamp(factor * value + (1 - factor) * other));

function mapPixels(rgb: Float64Array, f: (pixel: Pixel) => readonly number[]): Float64Array {
  const out = new Float64Array(rgb.length);
  for (let i = 0; i < rgb.length; i += 3) out.set(f([rgb[i]!, rgb[i + 1]!, rgb[i + 2]!]), i);
  return out;
}

const jitterOps: readonly ((rgb: Float64Array, factor: number) => Float64Array)[] = [
  (rgb, factor) => mapPixels(rgb, (pixel) => blend(pixel, 0, factor)),
  (rgb, factor) => {
    let mean = 0;
    mapPixels(rgb, (pixel) => {
      mean += (3 * grey(pixel)) / rgb.length;
      return pixel;
    });
    return mapPixels(rgb, (pixel) => blend(pixel, mean, factor));
  },
  (rgb, factor) => mapPixels(rgb, (pixel) => blend(pixel, grey(pixel), factor)),
  (rgb, shift) => mapPixels(rgb, (pixel) => shiftHue(pixel, shift)),
];

/** HSV by sextants, as Pillow's Convert.c and torchvision have it; the shader uses a formula without cases. */
function shiftHue([r, g, b]: Pixel, shift: number): number[] {
  const v = Math.max(r, g, b);
  const range = v - Math.min(r, g, b);
  if (range === 0) return [r, g, b];
  const s = range / v;
  const sixths = v === r ? (g - b) / range : v === g ? 2 + (b - r) / range : 4 + (r - g) / range;
  const hue = (((sixths / 6 + shift) % 1) + 1) % 1;
  const sextant = Math.floor(6 * hue);
  const f = 6 * hue - sextant;
  const [p, q, t] = [v * (1 - s), v * (1 - s * f), v * (1 - s * (1 - f))];
  return [
    [v, t, p],
    [q, v, p],
    [p, v, t],
    [p, q, v],
    [t, p, v],
    [v, p, q],
  ][sextant % 6]!;
}

/** The whole two-dimensional kernel at once. */
function blur(rgb: Float64Array, size: number, sigma: number, radius: number): Float64Array {
  const reflect = (i: number) => (i < 0 ? -i : i >= size ? 2 * size - 2 - i : i);
  const taps: [number, number, number][] = [];
  for (let a = -radius; a <= radius; a++) {
    for (let b = -radius; b <= radius; b++)
      taps.push([a, b, Math.exp(-(a * a + b * b) / (2 * sigma * sigma))]);
  }
  const sum = taps.reduce((total, [, , weight]) => total + weight, 0);
  return rgb.map((_, i) => {
    const row = Math.floor(i / 3 / size);
    const column = Math.floor(i / 3) % size;
    const at = (a: number, b: number) => rgb[(reflect(row + a) * size + reflect(column + b)) * 3 + (i % 3)]!;
    return taps.reduce((total, [a, b, weight]) => total + (weight / sum) * at(a, b), 0);
  });
}
