/**
 * What tests need to compare the engine with the figures in test/fixtures: the counter-based fill that both sides
 * draw their inputs from, memory layouts, and measures of difference. See fixtures/README.md.
 */

/** FNV-1a, 32 bits, over the text's UTF-8 bytes (Fowler, Noll, Vo). */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/** Wellons' low-bias integer hash, 32 bits to 32 bits, one to one. */
export function lowbias32(value: number): number {
  let x = value >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** The 32 random bits of one index of a named stream. */
export function fillBits(name: string, index: number): number {
  return lowbias32((lowbias32(index) + fnv1a32(name)) >>> 0);
}

/**
 * The first `count` values of a named stream, each f32(f32(u · f32(scale)) + f32(offset)) with u uniform in [−1, 1),
 * a multiple of 2⁻²³: the same bits as the oracle's.
 */
export function fill(name: string, count: number, scale = 1, offset = 0): Float32Array {
  const stream = fnv1a32(name);
  const factor = Math.fround(scale);
  const shift = Math.fround(offset);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const uniform = (lowbias32((lowbias32(i) + stream) >>> 0) >>> 8) / 2 ** 23 - 1;
    // Taken in float64 and rounded by fround, a product and a sum of float32 are what float32 arithmetic gives.
    values[i] = Math.fround(Math.fround(uniform * factor) + shift);
  }
  return values;
}

/** A long array in a few figures: all of it counts in the projection, in PyTorch's element order. */
export interface Summary {
  readonly norm: number;
  readonly sum: number;
  /** Inner product with `fill('projection:' + name)`. */
  readonly projection: number;
  /** Pairs of index and value. */
  readonly samples: readonly (readonly number[])[];
}

/**
 * Distance of an array from its summary in a fixture: the largest absolute difference of norm, sum, projection and
 * samples, relative to the expected norm (absolute where that is 0). NaN where the array holds one.
 * @param name the stream's name without `projection:`, as the fixture's description gives it
 * @param values in PyTorch's order (O, I, H, W for convolution weights; N, C, H, W for images)
 */
export function summaryError(name: string, values: ArrayLike<number>, expected: Summary): number {
  const direction = fill(`projection:${name}`, values.length);
  let squares = 0;
  let sum = 0;
  let projection = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    squares += value * value;
    sum += value;
    projection += value * direction[i]!;
  }
  const differences = [
    Math.sqrt(squares) - expected.norm,
    sum - expected.sum,
    projection - expected.projection,
    // An index beyond the array gives NaN, which fails every comparison with a tolerance.
    ...expected.samples.map(([index, value]) => values[index!]! - value!),
  ];
  return Math.max(...differences.map(Math.abs)) / (expected.norm || 1);
}

/** |actual − expected| / |expected| in the Euclidean norm; absolute where expected is all zeros; NaN where lengths differ. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.NaN;
  let difference = 0;
  let size = 0;
  for (let i = 0; i < actual.length; i++) {
    difference += (actual[i]! - expected[i]!) ** 2;
    size += expected[i]! ** 2;
  }
  return Math.sqrt(difference / (size || 1));
}

/** The largest absolute difference; NaN where one is NaN or lengths differ. */
export function largestError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.NaN;
  let largest = 0;
  for (let i = 0; i < actual.length; i++) largest = Math.max(largest, Math.abs(actual[i]! - expected[i]!));
  return largest;
}

/**
 * Reorders the axes of a row-major array: axis `a` of the result is axis `order[a]` of the input, as torch.permute.
 * @param shape of the input
 */
export function permute(
  values: ArrayLike<number>,
  shape: readonly number[],
  order: readonly number[],
): Float32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const sides = order.map((axis) => shape[axis]!);
  const steps = order.map((axis) => strides[axis]!);
  const result = new Float32Array(values.length);
  for (let i = 0; i < result.length; i++) {
    let rest = i;
    let from = 0;
    for (let axis = sides.length - 1; axis >= 0; axis--) {
      from += (rest % sides[axis]!) * steps[axis]!;
      rest = Math.floor(rest / sides[axis]!);
    }
    result[i] = values[from]!;
  }
  return result;
}

/** Images in PyTorch's order to the engine's. @param shape [N, C, H, W] */
export function nchwToNhwc(values: ArrayLike<number>, shape: readonly number[]): Float32Array {
  return permute(values, shape, [0, 2, 3, 1]);
}

/** Images in the engine's order to PyTorch's. @param shape [N, H, W, C] */
export function nhwcToNchw(values: ArrayLike<number>, shape: readonly number[]): Float32Array {
  return permute(values, shape, [0, 3, 1, 2]);
}

/** Convolution weights in PyTorch's order to the engine's. @param shape [O, I, H, W] */
export function oihwToHwio(values: ArrayLike<number>, shape: readonly number[]): Float32Array {
  return permute(values, shape, [2, 3, 1, 0]);
}

/** Convolution weights in the engine's order to PyTorch's. @param shape [H, W, I, O] */
export function hwioToOihw(values: ArrayLike<number>, shape: readonly number[]): Float32Array {
  return permute(values, shape, [3, 2, 0, 1]);
}
