import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { binomialBound, boundHolds } from '../../src/numerics/binomial_bound.ts';

const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} ± ${tolerance}`);

/** P(Binomial(n, p) ≤ k) in exact integers, for p a multiple of 2⁻⁵³. */
function tail(k: number, n: number, p: number): number {
  const scale = 2n ** 53n;
  const error = BigInt(p * 2 ** 53);
  let sum = 0n;
  let ways = 1n;
  for (let i = 0; i <= k; i++) {
    sum += ways * error ** BigInt(i) * (scale - error) ** BigInt(n - i);
    ways = (ways * BigInt(n - i)) / BigInt(i + 1);
  }
  return Number((sum * 10n ** 18n) / scale ** BigInt(n)) / 1e18;
}
const onGrid = (p: number) => Math.round(p * 2 ** 53) / 2 ** 53;

test('with no error the bound is 13.9%, 5.8%, 3.0%, 2.0% and 1.0% of 20, 50, 100, 150 and 299', () => {
  for (const [n, percent] of [
    [20, 13.9],
    [50, 5.8],
    [100, 3.0],
    [150, 2.0],
    [299, 1.0],
  ] as const) {
    near(100 * binomialBound(0, n), percent, 0.05);
    near(binomialBound(0, n), 1 - 0.05 ** (1 / n), 1e-14);
  }
});

test('at the bound so few errors have the chance 1 − level, by exact binomial sums', () => {
  for (const n of [1, 2, 7, 33, 100, 257]) {
    for (const share of [0, 0.01, 0.1, 0.37, 0.5, 0.9]) {
      const errors = Math.min(n - 1, Math.round(share * n));
      for (const level of [0.9, 0.95, 0.999]) {
        // Relative rounding of the incomplete beta function (1e-13), 1 − level down to 1e-3.
        near(tail(errors, n, onGrid(binomialBound(errors, n, level))), 1 - level, 1e-12);
      }
    }
  }
});

test('the bound is 1 where all are errors and where nothing was checked', () => {
  for (const n of [0, 1, 5, 1000]) assert.is(binomialBound(n, n), 1);
  assert.is(boundHolds(0, 0, 0.5), false);
  assert.is(boundHolds(3, 3, 0.999), false);
});

test('effective counts that are fractions give bounds between those of whole ones', () => {
  assert.ok(binomialBound(2, 50) < binomialBound(2.5, 50) && binomialBound(2.5, 50) < binomialBound(3, 50));
  assert.ok(binomialBound(2, 51) < binomialBound(2, 50.3) && binomialBound(2, 50.3) < binomialBound(2, 50));
  near(binomialBound(0, 17.6), 1 - 0.05 ** (1 / 17.6), 1e-14);
});

test('the test against a target agrees with the bound', () => {
  for (const n of [5, 59, 200.5]) {
    for (const errors of [0, 1, 2.25]) {
      const bound = binomialBound(errors, n);
      assert.is(boundHolds(errors, n, bound * (1 + 1e-9)), true);
      assert.is(boundHolds(errors, n, bound * (1 - 1e-9)), false);
    }
  }
});

test.run();
