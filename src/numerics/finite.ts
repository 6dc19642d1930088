/** A number that nothing can go on from, and where it stands. */
export interface UnsoundNumber {
  /** Name of the array that has it. */
  readonly name: string;
  /** NaN or an infinity; or beyond the limit asked for. */
  readonly value: number;
  /** How many such numbers the array has. */
  readonly count: number;
  /** How many numbers the array has. */
  readonly of: number;
}

/**
 * The first array with a number that is NaN, infinite or beyond a limit.
 * @param arrays by name
 * @param limitOf largest absolute value that an array may have, by its name. Default: the largest f32 number
 */
export function firstUnsound(
  arrays: Iterable<readonly [name: string, data: ArrayLike<number>]>,
  limitOf: (name: string) => number = () => largestF32,
): UnsoundNumber | undefined {
  for (const [name, data] of arrays) {
    const limit = limitOf(name);
    let count = 0;
    let value = 0;
    for (let i = 0; i < data.length; i++) {
      // NaN is not below any limit.
      if (Math.abs(data[i]!) <= limit) continue;
      if (count++ === 0) value = data[i]!;
    }
    if (count > 0) return { name, value, count, of: data.length };
  }
  return undefined;
}

/** What an array has, in words: `3 of its 64 numbers are not finite`. */
export function describeUnsound({ value, count, of }: UnsoundNumber): string {
  const [are, is] = Number.isFinite(value)
    ? [`are as large as ${value.toPrecision(3)}`, `is ${value.toPrecision(3)}`]
    : ['are not finite', `is ${value}`];
  if (of === 1) return `its number ${is}`;
  return `${count} of its ${of} numbers ${count === 1 ? is : are}`;
}

const largestF32 = 3.4028234663852886e38;
