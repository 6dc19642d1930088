import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pairedInterval, studentInterval, wilsonInterval } from '../../src/numerics/interval.ts';

const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} ± ${tolerance}`);

/** The t by which an interval over so many values, less one, is wide. */
function studentQuantile(degrees: number): number {
  const n = degrees + 1;
  const values = Array.from({ length: n }, (_, i) => i);
  const deviation = Math.sqrt((n * (n + 1)) / 12);
  const [low, high] = studentInterval(values);
  return (((high - low) / 2) * Math.sqrt(n)) / deviation;
}

test('t quantiles are those of the tables', () => {
  // Three decimals are printed.
  const table = [
    [1, 12.706],
    [2, 4.303],
    [3, 3.182],
    [4, 2.776],
    [9, 2.262],
    [29, 2.045],
    [120, 1.98],
  ] as const;
  for (const [degrees, t] of table) near(studentQuantile(degrees), t, 5e-4);
  // Closed forms: the Cauchy distribution, and t/√(2 + t²) = 0.95.
  near(studentQuantile(1), Math.tan(0.475 * Math.PI), 1e-10);
  near(studentQuantile(2), Math.sqrt((2 * 0.95 ** 2) / (1 - 0.95 ** 2)), 1e-11);
});

test("Student's interval is the mean ± t·s/√n, and needs two values", () => {
  const [low, high] = studentInterval([0.5, 0.6, 0.7, 0.8, 0.9]);
  const half = (2.776445 * Math.sqrt(0.025)) / Math.sqrt(5);
  near(low, 0.7 - half, 1e-7);
  near(high, 0.7 + half, 1e-7);
  assert.equal(studentInterval([0.25, 0.25, 0.25]), [0.25, 0.25]);
  assert.throws(() => studentInterval([1]), /two/);
});

test('the Wilson interval solves (share − p)² = z² p (1 − p) / n', () => {
  for (const [k, n] of [
    [0, 5],
    [3, 7],
    [50, 100],
    [99, 100],
    [20, 20],
  ] as const) {
    for (const p of wilsonInterval(k, n)) {
      near((k / n - p) ** 2, (1.959964 ** 2 * p * (1 - p)) / n, 1e-12);
    }
  }
  assert.equal(wilsonInterval(0, 0), [0, 1]);
});

/** Right and wrong answers of two classifiers with the given numbers of disagreements. */
function pair(onlyFirst: number, onlySecond: number, n: number): [Uint8Array, Uint8Array] {
  const first = Uint8Array.from({ length: n }, (_, i) => (i < onlyFirst || i % 2 === 0 ? 1 : 0));
  const second = first.slice();
  second.fill(0, 0, onlyFirst);
  first.fill(0, onlyFirst, onlyFirst + onlySecond);
  second.fill(1, onlyFirst, onlyFirst + onlySecond);
  return [first, second];
}

test('the paired interval holds the true difference about 95% of the time, at small n and rare disagreement too', () => {
  // Exact: a sum over all outcomes of the trinomial distribution of disagreements.
  const logFactorial = [0];
  for (let i = 1; i <= 60; i++) logFactorial.push(logFactorial[i - 1]! + Math.log(i));
  for (const n of [12, 60]) {
    for (const [first, second] of [
      [0.05, 0.05],
      [0.2, 0.1],
      [0.4, 0.02],
      [0.01, 0],
    ] as const) {
      let held = 0;
      for (let b = 0; b <= n; b++) {
        for (let c = 0; b + c <= n; c++) {
          const [low, high] = pairedInterval(...pair(b, c, n));
          if (first - second < low || first - second > high) continue;
          const ways = logFactorial[n]! - logFactorial[b]! - logFactorial[c]! - logFactorial[n - b - c]!;
          held += Math.exp(ways) * first ** b * second ** c * (1 - first - second) ** (n - b - c);
        }
      }
      // Bonett & Price report 93% and more.
      assert.ok(held >= 0.93, `${held} of the time at n = ${n}, ${first} and ${second}`);
    }
  }
});

test('the paired interval only sees disagreements, changes sign with the order, and narrows as 1/√n', () => {
  const [low, high] = pairedInterval(...pair(30, 10, 200));
  const [first, second] = pair(30, 10, 200);
  const [otherLow, otherHigh] = pairedInterval(second, first);
  near(low, -otherHigh, 1e-15);
  near(high, -otherLow, 1e-15);
  // The plain normal interval, from which one more of each kind departs by O(1/n).
  const half = 1.96 * Math.sqrt((0.2 - 0.1 ** 2) / 200);
  near(low, 0.1 - half, 0.01);
  near(high, 0.1 + half, 0.01);
  const none = pairedInterval(...pair(0, 0, 50));
  assert.ok(none[0] < 0 && none[1] > 0 && none[1] < 0.1, `${none}`);
  assert.equal(pairedInterval(new Uint8Array(), new Uint8Array()), [-1, 1]);
});

test.run();
