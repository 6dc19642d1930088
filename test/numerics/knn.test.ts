import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UserError } from '../../src/errors.ts';
import { classifyKnn, type KnnBank, type KnnOptions, leaveOneOutKnn } from '../../src/numerics/knn.ts';
import { Random } from '../../src/random.ts';
import { drawClasses } from './support.ts';

const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} ± ${tolerance}`);

/** Points of the plane at the given angles, of lengths 1, 2, 3, …. */
const atAngles = (...degrees: number[]) =>
  Float32Array.from(
    degrees.flatMap((angle, i) => [
      (i + 1) * Math.cos((angle * Math.PI) / 180),
      (i + 1) * Math.sin((angle * Math.PI) / 180),
    ]),
  );
const cosine = (degrees: number) => Math.cos((degrees * Math.PI) / 180);

test('the k nearest vote with weight e^(s/τ), by angle and not by length', () => {
  const bank = { features: atAngles(10, 30, 40, 180), labels: Int32Array.of(0, 1, 1, 2), classes: 3 };
  const { labels, scores } = classifyKnn(bank, atAngles(0), {
    neighbours: 3,
    temperature: 0.1,
  });
  const zero = Math.exp(cosine(10) / 0.1);
  const one = Math.exp(cosine(30) / 0.1) + Math.exp(cosine(40) / 0.1);
  // Scores are float32, the features' own rounding is magnified by 1/τ.
  near(scores[0]!, zero / (zero + one), 2e-6);
  near(scores[1]!, one / (zero + one), 2e-6);
  assert.is(scores[2], 0);
  assert.is(labels[0], 0);
  // A large temperature makes it a plain majority vote.
  assert.is(classifyKnn(bank, atAngles(0), { neighbours: 3, temperature: 100 }).labels[0], 1);
});

/** The definition, one query at a time with a full sort. */
function reference(
  { features, labels, classes }: KnnBank,
  columns: number,
  query: Float32Array,
  k: number,
  skip = -1,
) {
  const unit = (row: Float32Array) => {
    const norm = Math.hypot(...row);
    return [...row].map((value) => value / norm);
  };
  const q = unit(query);
  const sorted = [...labels.keys()]
    .filter((row) => row !== skip && labels[row]! >= 0)
    .map((row) => {
      const b = unit(features.subarray(row * columns, (row + 1) * columns));
      return { row, similarity: b.reduce((sum, value, j) => sum + value * q[j]!, 0) };
    })
    .sort((a, b) => b.similarity - a.similarity)
    .slice(0, k);
  const votes = new Array(classes).fill(0);
  for (const { row, similarity } of sorted) votes[labels[row]!] += Math.exp(similarity / 0.1);
  const total = votes.reduce((sum, value) => sum + value, 0);
  return votes.map((value) => value / total);
}

test('blocks of any raggedness give what a full sort gives; rows without a class do not vote', () => {
  const random = new Random(5);
  // One below, at and one above the blocks of 512 voters and 32 queries.
  for (const [voters, queries] of [
    [511, 1],
    [512, 31],
    [513, 32],
    [1100, 33],
  ] as const) {
    const { features, labels } = drawClasses(random, { rows: voters + 7, columns: 5, classes: 4 });
    labels.fill(-1, 3, 10);
    const bank = { features, labels, classes: 4 };
    const asked = drawClasses(random, { rows: queries, columns: 5, classes: 4 }).features;
    const result = classifyKnn(bank, asked, { neighbours: 17 });
    for (let i = 0; i < queries; i++) {
      const expected = reference(bank, 5, asked.subarray(i * 5, i * 5 + 5), 17);
      expected.forEach((score, c) => {
        near(result.scores[i * 4 + c]!, score, 1e-6);
      });
      assert.is(result.labels[i], expected.indexOf(Math.max(...expected)));
    }
  }
});

test('leave-one-out classifies every row by the others', () => {
  const { features, labels } = drawClasses(new Random(6), { rows: 90, columns: 3, classes: 3 });
  labels[4] = -1;
  const bank = { features, labels, classes: 3 };
  const result = leaveOneOutKnn(bank, { neighbours: 5 });
  for (let row = 0; row < 90; row++) {
    const expected = reference(bank, 3, features.subarray(row * 3, row * 3 + 3), 5, row);
    expected.forEach((score, c) => {
      near(result.scores[row * 3 + c]!, score, 1e-6);
    });
  }
});

test('more neighbours than voters means all voters; equals go to the first', () => {
  const bank = { features: atAngles(50, 50, 50), labels: Int32Array.of(1, 0, -1), classes: 2 };
  const result = classifyKnn(bank, atAngles(20), { neighbours: 50 });
  near(result.scores[0]!, 0.5, 1e-6);
  assert.is(classifyKnn(bank, atAngles(20), { neighbours: 1 }).labels[0], 1);
  assert.is(leaveOneOutKnn(bank, { neighbours: 50 }).labels[0], 0);
});

test('a row of zeros and a temperature near 0 give finite scores', () => {
  const bank = { features: Float32Array.of(0, 0, 1, 0, -1, 0), labels: Int32Array.of(0, 1, 1), classes: 2 };
  const result = classifyKnn(bank, Float32Array.of(0, 0, 1, 0), { neighbours: 3, temperature: 1e-4 });
  assert.equal([...result.labels], [1, 1]);
  near(result.scores[1]!, 2 / 3, 1e-6);
  near(result.scores[3]!, 1, 1e-6);
});

test('the default k is 200 where labels abound, else the labels of a class', () => {
  const labels = (count: number, classes: number) =>
    Int32Array.from({ length: count }, (_, i) => i % classes);
  const isDefault = (labels: Int32Array, neighbours: number) => {
    // No two rows are equally near, so that every neighbour more changes the scores.
    const bank = {
      features: atAngles(...labels.map((_, i) => (170 * i) / labels.length)),
      labels,
      classes: 10,
    };
    const scores = (options?: KnnOptions) => classifyKnn(bank, atAngles(0), options).scores;
    assert.equal(scores(), scores({ neighbours }), `${neighbours}`);
    assert.not.equal(scores(), scores({ neighbours: neighbours + 1 }), `not ${neighbours + 1}`);
  };
  isDefault(labels(5000, 10), 200);
  isDefault(labels(100, 10), 10);
  isDefault(labels(10, 10), 1);
  isDefault(Int32Array.of(-1, -1, 0, 1, 0, 0), 2);
});

test('impossible requests say what to do', () => {
  const bank = { features: atAngles(0, 90), labels: Int32Array.of(0, 1), classes: 2 };
  const refused = (act: () => unknown, reason: RegExp) =>
    assert.throws(act, (error: unknown) => error instanceof UserError && reason.test(error.message));
  refused(() => classifyKnn(bank, atAngles(0), { neighbours: 0 }), /0 neighbours/);
  refused(() => classifyKnn(bank, atAngles(0), { temperature: 0 }), /temperature 0/);
  refused(() => classifyKnn({ ...bank, labels: Int32Array.of(-1, -1) }, atAngles(0)), /label more images/);
  refused(() => leaveOneOutKnn({ ...bank, labels: Int32Array.of(0, -1) }), /label more images/);
  refused(() => classifyKnn(bank, Float32Array.of(1, Number.NaN)), /feature 1 of row 0 is NaN/);
});

test.run();
