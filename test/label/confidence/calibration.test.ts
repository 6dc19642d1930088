import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  calibrate,
  calibratedProbabilities,
  fitTemperature,
  reliability,
} from '../../../src/label/confidence/calibration.ts';
import { Random } from '../../../src/random.ts';

const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} ± ${tolerance}`);

/** Logits and labels drawn from softmax(logits / temperature): what that temperature calibrates. */
function draw(rows: number, classes: number, temperature: number, seed: number) {
  const random = new Random(seed);
  const logits = Float32Array.from({ length: rows * classes }, () => 12 * (random.next() - 0.5));
  const probabilities = calibratedProbabilities(logits, classes, temperature);
  const labels = Int32Array.from({ length: rows }, (_, row) => {
    let left = random.next();
    let label = 0;
    while (label < classes - 1 && (left -= probabilities[row * classes + label]!) > 0) label++;
    return label;
  });
  return { logits, labels };
}

/** The loss by its definition, in float64; −∞ rows of the own class and labels of −1 left out. */
function loss(logits: Float32Array, labels: Int32Array, classes: number, temperature: number): number {
  let sum = 0;
  let rows = 0;
  labels.forEach((label, row) => {
    const own = Array.from(logits.subarray(row * classes, (row + 1) * classes));
    if (label < 0 || own[label] === -Infinity) return;
    sum += Math.log(own.reduce((all, z) => all + Math.exp((z - own[label]!) / temperature), 0));
    rows++;
  });
  return sum / rows;
}

/** The minimum of a function with one, by golden sections. */
function minimise(f: (x: number) => number, low: number, high: number): number {
  const golden = (Math.sqrt(5) - 1) / 2;
  let [a, b] = [low, high];
  for (let i = 0; i < 100; i++) {
    const [c, d] = [b - golden * (b - a), a + golden * (b - a)];
    if (f(c) < f(d)) b = d;
    else a = c;
  }
  return (a + b) / 2;
}

test('the temperature minimises the log loss, with unknown rows and classes a fold never saw', () => {
  for (const [rows, classes, temperature] of [
    [40, 2, 0.6],
    [201, 3, 2.5],
    [333, 10, 1],
  ] as const) {
    const { logits, labels } = draw(rows, classes, temperature, rows);
    // Every fifth label unknown; in every seventh row one class unseen, at times the row's own.
    for (let row = 0; row < rows; row += 5) labels[row] = -1;
    for (let row = 0; row < rows; row += 7) logits[row * classes + (row % classes)] = -Infinity;
    const best = Math.exp(minimise((t) => loss(logits, labels, classes, Math.exp(t)), -4, 4));
    // Golden sections see a parabola's minimum only to the root of float64's rounding.
    near(fitTemperature(logits, labels, classes) / best, 1, 1e-6);
  }
});

test('it finds the temperature that the labels were drawn with, at any scale of the logits', () => {
  const { logits, labels } = draw(6000, 4, 1.7, 5);
  const found = fitTemperature(logits, labels, 4);
  // The standard error of T at 6000 rows is about 0.03.
  near(found, 1.7, 0.12);
  const scaled = logits.map((z) => z * 1024);
  near(fitTemperature(scaled, labels, 4) / 1024, found, 1e-8);
});

test('separated labels leave the mean confidence at 1 − 1/(n + 2)', () => {
  const { logits } = draw(50, 3, 1, 9);
  const right = Int32Array.from({ length: 50 }, (_, row) => {
    const own = logits.subarray(row * 3, row * 3 + 3);
    return own.indexOf(Math.max(...own));
  });
  const temperature = fitTemperature(logits, right, 3);
  const probabilities = calibratedProbabilities(logits, 3, temperature);
  let confidence = 0;
  for (let row = 0; row < 50; row++)
    confidence += Math.max(...probabilities.subarray(row * 3, row * 3 + 3)) / 50;
  near(confidence, 1 - 1 / 52, 1e-6);
});

test('logits that speak against the truth become all but uniform; those that say nothing are left alone', () => {
  const logits = Float32Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? 5 : 0));
  const wrong = new Int32Array(20).fill(1);
  const temperature = fitTemperature(logits, wrong, 3);
  assert.ok(Number.isFinite(temperature));
  for (const p of calibratedProbabilities(logits, 3, temperature)) near(p, 1 / 3, 0.01);
  assert.is(fitTemperature(new Float32Array(60), wrong, 3), 1);
  assert.is(fitTemperature(logits, new Int32Array(20).fill(-1), 3), 1);
  assert.is(fitTemperature(new Float32Array(), new Int32Array(), 3), 1);
  // Only impossible rows.
  assert.is(fitTemperature(Float32Array.of(1, -Infinity, 2, -Infinity), Int32Array.of(1, 1), 2), 1);
});

test('probabilities are softmax of the divided logits, −∞ has none, a row of −∞ is uniform, NaN is refused', () => {
  const logits = Float32Array.of(1, 3, -Infinity, 2000, -3000, 1999, -Infinity, -Infinity, -Infinity);
  const [a, b] = [Math.exp(0.5), Math.exp(1.5)];
  const expected = [a / (a + b), b / (a + b), 0, 1 / (1 + Math.exp(-0.5)), 0, 1 / (1 + Math.exp(0.5))];
  const probabilities = calibratedProbabilities(logits, 3, 2);
  // float32 results
  for (const [i, p] of [...expected, 1 / 3, 1 / 3, 1 / 3].entries()) near(probabilities[i]!, p, 1e-7);
  assert.throws(() => calibratedProbabilities(Float32Array.of(0, NaN), 2, 1), /row 0, class 1 is NaN/);
  assert.throws(() => fitTemperature(Float32Array.of(0, NaN), Int32Array.of(0), 2), /NaN/);
});

test('reliability: counts, means and gaps of each bin, the last one closed', () => {
  const probabilities = Float32Array.of(0.75, 0.25, 0.75, 0.25, 0.5, 0.5, 0, 1, 0.25, 0.75, 0.875, 0.125);
  const labels = Int32Array.of(0, 1, 0, 1, -1, 1);
  const { bins, expectedError, logLoss } = reliability(probabilities, labels, 2, 4);
  assert.equal(
    bins.map(({ low, high, count }) => [low, high, count]),
    [
      [0, 0.25, 0],
      [0.25, 0.5, 0],
      [0.5, 0.75, 1],
      [0.75, 1, 4],
    ],
  );
  // 0.5 (a tie: the first class) was right; of 0.75, 0.75, 1 and 0.875 the first and the third were.
  assert.equal([bins[2]!.confidence, bins[2]!.accuracy], [0.5, 1]);
  assert.equal([bins[3]!.confidence, bins[3]!.accuracy], [0.84375, 0.5]);
  assert.equal([bins[0]!.confidence, bins[0]!.accuracy], [0, 0]);
  near(expectedError, (1 * 0.5 + 4 * 0.34375) / 5, 1e-15);
  near(logLoss, -Math.log(0.75 * 0.25 * 0.5 * 1 * 0.125) / 5, 1e-15);
});

test('an impossible truth costs a finite loss, and no rows none', () => {
  const { logLoss } = reliability(Float32Array.of(1, 0), Int32Array.of(1), 2);
  near(logLoss, 24 * Math.log(2), 1e-12);
  const empty = reliability(Float32Array.of(1, 0), Int32Array.of(-1), 2);
  assert.equal([empty.logLoss, empty.expectedError], [0, 0]);
});

test('calibration lowers the log loss and the calibration error of over- and under-confident logits', () => {
  for (const factor of [4, 0.2]) {
    const { logits, labels } = draw(2000, 3, 1, 31);
    const { temperature, before, after } = calibrate(
      logits.map((z) => z * factor),
      labels,
      3,
    );
    near(temperature / factor, 1, 0.15);
    assert.ok(after.logLoss < before.logLoss && after.expectedError < before.expectedError / 2);
  }
});

test.run();
