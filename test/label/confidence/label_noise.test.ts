import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findLabelNoise } from '../../../src/label/confidence/label_noise.ts';
import { shareMargins } from '../../../src/label/confidence/share_margin.ts';
import { spreadLabels } from '../../../src/label/confidence/spread_labels.ts';
import { acceptedByThreshold } from '../../../src/label/confidence/threshold_rule.ts';
import { Random } from '../../../src/random.ts';

const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} ± ${tolerance}`);

const classes = 3;

/** Probabilities, labels that follow them, and some of these changed. */
function labelled(seed: number, count: number, change: (label: number, random: Random) => number) {
  const random = new Random(seed);
  const probabilities = new Float32Array(count * classes);
  const labels = new Int32Array(count);
  for (let row = 0; row < count; row++) {
    // Two thirds are sure: confidence that is alike everywhere would leave wrong labels and doubt the same.
    const sure = random.integer(3) > 0;
    const [a, b] = [sure ? 0.985 + 0.015 * random.next() : 0.6 + 0.3 * random.next(), random.next()];
    const first = random.integer(classes);
    const own = [0, 0, 0];
    own[first] = a;
    own[(first + 1) % classes] = (1 - a) * b;
    own[(first + 2) % classes] = (1 - a) * (1 - b);
    probabilities.set(own, row * classes);
    const u = random.next();
    labels[row] = change(u < own[0]! ? 0 : u < own[0]! + own[1]! ? 1 : 2, random);
  }
  return { probabilities, labels, counts: new Float64Array(count).fill(1), classes };
}

test('labels that follow their probabilities raise an alarm as seldom as is said', () => {
  let alarms = 0;
  for (let seed = 0; seed < 60; seed++) if (findLabelNoise(labelled(seed, 90, (label) => label))) alarms++;
  // At 5 and 2% more than 10 of 60 come in 0.4% of cases.
  assert.ok(alarms <= 10, `${alarms} of 60`);
});

test('a tenth of wrong labels is found, and about as many', () => {
  const wrong = (label: number, random: Random) =>
    random.next() < 0.1 ? (label + 1 + random.integer(classes - 1)) % classes : label;
  const found = Array.from({ length: 20 }, (_, seed) => findLabelNoise(labelled(seed, 200, wrong)));
  // Where the unsure labels happen to be told right, a lower temperature explains the wrong ones as well.
  assert.ok(found.filter((noise) => noise).length >= 14);
  const shares = found.flatMap((noise) => (noise && !noise.pair ? [noise.share] : []));
  near(shares.reduce((sum, share) => sum + share, 0) / shares.length, 0.1, 0.04);
});

test('two classes given for one another are named', () => {
  const swapped = (label: number, random: Random) => (label < 2 && random.next() < 0.2 ? 1 - label : label);
  const found = Array.from({ length: 10 }, (_, seed) => findLabelNoise(labelled(seed, 150, swapped)));
  assert.ok(found.filter((noise) => noise?.pair?.join() === '0,1').length >= 9);
});

test('a label repeated in one group counts once', () => {
  const clean = labelled(1, 90, (label) => label);
  const repeated = Array.from({ length: 12 }, () => [0.98, 0.01, 0.01]).flat();
  const with12 = (counts: number) => ({
    probabilities: Float32Array.from([...clean.probabilities, ...repeated]),
    labels: Int32Array.from([...clean.labels, ...new Array<number>(12).fill(1)]),
    counts: Float64Array.from([...clean.counts, ...new Array<number>(12).fill(counts)]),
    classes,
  });
  assert.ok(findLabelNoise(with12(1)));
  assert.is(findLabelNoise(with12(1 / 12)), null);
});

test('spread labels are those of the inverse matrix, without labels of their own group', () => {
  const random = new Random(2);
  const [count, columns] = [36, 5];
  const features = Float32Array.from(
    { length: count * columns },
    (_, at) => random.next() + (Math.floor(at / columns) % 2 === at % columns ? 1 : 0),
  );
  const given = Int32Array.from({ length: count }, (_, row) => (row < 12 ? row % 2 : -1));
  const groups = Int32Array.from({ length: count }, (_, row) => (row === 2 ? 0 : row));
  const found = spreadLabels({ features, columns, given, classes: 2, groups, seed: 1 });
  assert.equal(Array.from(found.labels), Array.from(given.subarray(0, 12)));
  assert.equal(Array.from(found.counts.subarray(0, 3)), [0.5, 1, 0.5]);

  // In float64: rows of unit length less their mean, the ten most similar either way, S, (I − 0.9 S)⁻¹.
  const rows = Array.from({ length: count }, (_, i) => {
    const own = Array.from(features.subarray(i * columns, (i + 1) * columns));
    const length = Math.hypot(...own);
    return own.map((value) => value / length);
  });
  const mean = rows[0]!.map((_, k) => rows.reduce((sum, row) => sum + row[k]!, 0) / count);
  const centred = rows.map((row) => row.map((value, k) => value - mean[k]!));
  const similarity = (a: number[], b: number[]) =>
    a.reduce((sum, value, k) => sum + value * b[k]!, 0) / Math.hypot(...a) / Math.hypot(...b);
  const nearest = centred.map((own, i) =>
    [...centred.keys()]
      .filter((j) => j !== i)
      .sort((a, b) => similarity(own, centred[b]!) - similarity(own, centred[a]!))
      .slice(0, 10),
  );
  const linked = (i: number, j: number) => i !== j && (nearest[i]!.includes(j) || nearest[j]!.includes(i));
  const order = [...rows.keys()];
  const degree = order.map((i) => order.filter((j) => linked(i, j)).length);
  const inverse = inverted(
    order.map((i) =>
      order.map((j) => (i === j ? 1 : 0) - (linked(i, j) ? 0.9 / Math.sqrt(degree[i]! * degree[j]!) : 0)),
    ),
  );
  for (let row = 0; row < 12; row++) {
    const votes = [0, 0];
    for (let other = 0; other < 12; other++) {
      if (groups[other] !== groups[row]) votes[given[other]!]! += inverse[row]![other]!;
    }
    const share = votes[1]! / (votes[0]! + votes[1]!);
    // Sixty passes leave 0.9^60 = 0.0018 of a label.
    near(found.probabilities[2 * row + 1]!, (share + 0.02) / 1.04, 3e-3);
  }
});

/** Gauss and Jordan. */
function inverted(matrix: number[][]): number[][] {
  const n = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  for (let k = 0; k < n; k++) {
    const pivot = rows[k]!;
    const scale = pivot[k]!;
    for (let j = 0; j < 2 * n; j++) pivot[j]! /= scale;
    rows.forEach((row, i) => {
      if (i === k) return;
      const factor = row[k]!;
      for (let j = 0; j < 2 * n; j++) row[j]! -= factor * pivot[j]!;
    });
  }
  return rows.map((row) => row.slice(n));
}

test('what is open about shares counts against a promise only where classes err differently', () => {
  const confidence = Float32Array.of(0.9, 0.8, 0.7, 0.6);
  const labels = Int32Array.of(0, 1, 0, 1);
  const counts = new Float64Array(4).fill(1);
  const draws = [Float64Array.of(0.5, 0.5), Float64Array.of(0.2, 0.8)];
  const margins = (correct: Uint8Array) =>
    shareMargins(
      { confidence, correct, labels, counts, draws },
      acceptedByThreshold({ confidence, correct }),
    );
  // Half of each class is wrong: 50% at all shares.
  near(margins(Uint8Array.of(1, 1, 0, 0))[3]!, 0, 1e-12);
  // All of the second class are wrong: 50%, and 80% where it has four fifths.
  near(margins(Uint8Array.of(1, 0, 1, 0))[3]!, 0.3, 1e-12);
});

test.run();
