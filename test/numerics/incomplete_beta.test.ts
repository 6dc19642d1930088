import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { incompleteBeta, inverseIncompleteBeta } from '../../src/numerics/incomplete_beta.ts';

const near = (actual: number, expected: number, relative: number) =>
  assert.ok(Math.abs(actual - expected) <= relative * Math.abs(expected), `${actual} is not ${expected}`);

const arguments_ = [0.001, 0.1, 0.3, 0.5, 0.77, 0.99];

test('the incomplete beta function equals its closed forms', () => {
  for (const x of arguments_) {
    near(incompleteBeta(x, 1, 1), x, 1e-13);
    near(incompleteBeta(x, 3.7, 1), x ** 3.7, 1e-13);
    near(incompleteBeta(x, 1, 5.2), 1 - (1 - x) ** 5.2, 1e-12);
    near(incompleteBeta(x, 0.5, 0.5), (2 / Math.PI) * Math.asin(Math.sqrt(x)), 1e-13);
    near(incompleteBeta(x, 2, 3), 6 * x ** 2 - 8 * x ** 3 + 3 * x ** 4, 1e-12);
  }
  assert.is(incompleteBeta(0, 2, 3), 0);
  assert.is(incompleteBeta(1, 2, 3), 1);
});

test('it equals the integral of the density at fractional and at large parameters', () => {
  // Simpson's rule on the ratio of two integrals needs no gamma function; the density is smooth for a, b > 4.
  for (const [a, b] of [
    [4.5, 7.25],
    [30.5, 12.1],
    [400, 900.5],
  ] as const) {
    const peak = (a - 1) / (a + b - 2);
    const log = (x: number) => (a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x);
    const density = (x: number) => (x <= 0 || x >= 1 ? 0 : Math.exp(log(x) - log(peak)));
    const integral = (to: number) => {
      const steps = 20_000;
      let sum = density(0) + density(to);
      for (let i = 1; i < steps; i++) sum += (i % 2 === 0 ? 2 : 4) * density((i * to) / steps);
      return (sum * to) / steps / 3;
    };
    for (const x of [peak - 0.03, peak, peak + 0.03])
      near(incompleteBeta(x, a, b), integral(x) / integral(1), 1e-10);
  }
});

test('its inverse gives the argument back, in the tails too', () => {
  for (const [a, b] of [
    [0.5, 0.5],
    [1, 20],
    [3.3, 0.7],
    [60, 40],
    [1, 100_000],
    [5000.5, 45_000],
  ] as const) {
    for (const probability of [1e-6, 0.01, 0.05, 0.5, 0.95, 0.999]) {
      const x = inverseIncompleteBeta(probability, a, b);
      // At 50,000 the logarithms of gamma, about 5e5, are rounded at 1e-10.
      near(incompleteBeta(x, a, b), probability, a + b > 1000 ? 1e-8 : 1e-11);
    }
    assert.is(inverseIncompleteBeta(0, a, b), 0);
    assert.is(inverseIncompleteBeta(1, a, b), 1);
  }
});

test.run();
