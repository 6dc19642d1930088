import type { Random } from '../../random.ts';

/** A normal number (Box & Muller 1958). */
function normalDraw(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

/** A gamma variable of scale 1 (Marsaglia & Tsang 2000). @param shape > 0 */
export function gammaDraw(random: Random, shape: number): number {
  // Γ(a) = Γ(a + 1) · U^(1/a)
  if (shape < 1) return gammaDraw(random, shape + 1) * (1 - random.next()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normalDraw(random);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random.next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** A beta variable. @param a > 0 @param b > 0 */
export function betaDraw(random: Random, a: number, b: number): number {
  const x = gammaDraw(random, a);
  const y = gammaDraw(random, b);
  return x + y > 0 ? x / (x + y) : a / (a + b);
}

/** Shares that sum to 1, by a Dirichlet distribution; a parameter of 0 is a share of 0. */
export function dirichletDraw(random: Random, parameters: ArrayLike<number>): Float64Array {
  const draws = Float64Array.from(parameters, (shape) => (shape > 0 ? gammaDraw(random, shape) : 0));
  const sum = draws.reduce((total, value) => total + value, 0);
  return sum > 0 ? draws.map((value) => value / sum) : draws.fill(1 / draws.length);
}
