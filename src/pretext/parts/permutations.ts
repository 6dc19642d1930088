// Orders of nine patches that differ in as many places as they can.
//
// The 72 maps x → a·x + b of the field of nine elements onto itself, a ≠ 0, are permutations of its elements. Two of them
// that agree in two places are the same, so any two differ in eight places of nine at least; and no set of permutations of
// n things that differ in n − 1 places has more than n(n − 1) of them. A search by chance, as jigsaw's paper makes it,
// finds no better set of any size up to 72.

/** How many there are. */
export const permutationCount = 72;

/** The field of nine elements: p + q·i as 3·p + q, with p and q modulo 3 and i² = −1. */
const parts = (x: number): [number, number] => [Math.floor(x / 3), x % 3];
const element = (p: number, q: number): number => 3 * (((p % 3) + 3) % 3) + (((q % 3) + 3) % 3);

function sum(x: number, y: number): number {
  const [[p, q], [r, s]] = [parts(x), parts(y)];
  return element(p + r, q + s);
}

function product(x: number, y: number): number {
  const [[p, q], [r, s]] = [parts(x), parts(y)];
  return element(p * r - q * s, p * s + q * r);
}

/**
 * The first `count` of 72 permutations of 0 … 8, any two of which differ in eight places at least, the identity first.
 * @throws RangeError where there are not so many
 */
export function distantPermutations(count: number): number[][] {
  if (!Number.isInteger(count) || count < 1 || count > permutationCount)
    throw new RangeError(`there are ${permutationCount} such permutations, not ${count}`);
  const places = Array.from({ length: 9 }, (_, x) => x);
  const one = element(1, 0);
  // All shifts of one factor, then of the next: sets of up to nine differ everywhere.
  const factors = places.slice(1).toSorted((a, b) => Number(b === one) - Number(a === one));
  return factors.flatMap((a) => places.map((b) => places.map((x) => sum(product(a, x), b)))).slice(0, count);
}
