import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UserError } from '../../src/errors.ts';
import { effectiveRank, measureFeatures } from '../../src/numerics/feature_statistics.ts';
import { symmetricEigenvalues } from '../../src/numerics/symmetric_eigenvalues.ts';
import { Random } from '../../src/random.ts';
import { gaussian } from './support.ts';

const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} ± ${tolerance}`);

/** Rows of `matrix` (rows × columns) each reflected at one random hyperplane: singular values stay as they are. */
function reflectRows(matrix: Float64Array, columns: number, random: Random): void {
  const v = Float64Array.from({ length: columns }, () => gaussian(random));
  const square = v.reduce((sum, value) => sum + value * value, 0);
  for (let at = 0; at < matrix.length; at += columns) {
    let dot = 0;
    for (let j = 0; j < columns; j++) dot += matrix[at + j]! * v[j]!;
    for (let j = 0; j < columns; j++) matrix[at + j]! -= ((2 * dot) / square) * v[j]!;
  }
}

function transpose(matrix: Float64Array, columns: number): Float64Array<ArrayBuffer> {
  const rows = matrix.length / columns;
  return Float64Array.from(matrix, (_, at) => matrix[(at % rows) * columns + Math.floor(at / rows)]!);
}

/** A rows × columns matrix with the given singular values, in random directions. */
function withSingularValues(values: number[], rows: number, columns: number, seed: number): Float64Array {
  const random = new Random(seed);
  let matrix = new Float64Array(rows * columns);
  values.forEach((value, i) => {
    matrix[i * columns + i] = value;
  });
  for (let turn = 0; turn < 3; turn++) {
    reflectRows(matrix, columns, random);
    const turned = transpose(matrix, columns);
    reflectRows(turned, rows, random);
    matrix = transpose(turned, rows);
  }
  return matrix;
}

test('eigenvalues: the second-difference matrix, rotated, has 2 − 2cos(kπ/(n+1))', () => {
  for (const n of [1, 2, 3, 17, 64]) {
    let matrix = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      matrix[i * n + i] = 2;
      if (i > 0) matrix[i * n + i - 1] = matrix[(i - 1) * n + i] = -1;
    }
    // Q A Qᵀ: reflect rows, transpose, reflect by the same vector again.
    reflectRows(matrix, n, new Random(n));
    matrix = transpose(matrix, n);
    reflectRows(matrix, n, new Random(n));
    const eigenvalues = symmetricEigenvalues(matrix, n);
    // Backward-stable: errors of a few times n·ε·‖A‖, with ‖A‖ < 4.
    eigenvalues.forEach((value, i) => {
      near(value, 2 - 2 * Math.cos(((n - i) * Math.PI) / (n + 1)), 4 * n * Number.EPSILON * 4);
    });
  }
});

test('eigenvalues: zeros, repeated and negative ones, largest first', () => {
  assert.equal([...symmetricEigenvalues(new Float64Array(9), 3)], [0, 0, 0]);
  const matrix = Float64Array.of(-1, 0, 0, 0, 5, 0, 0, 0, 5);
  const eigenvalues = symmetricEigenvalues(matrix, 3);
  [5, 5, -1].forEach((value, i) => {
    near(eigenvalues[i]!, value, 1e-14);
  });
  // J − I has n − 1 and, n − 1 times, −1.
  const ones = new Float64Array(25).fill(1).map((value, at) => (at % 6 === 0 ? 0 : value));
  [4, -1, -1, -1, -1].forEach((value, i) => {
    near(symmetricEigenvalues(ones.slice(), 5)[i]!, value, 1e-14);
  });
});

test('effective rank is e to the entropy of the singular values, for tall and for wide matrices', () => {
  const values = [7, 3, 3, 1, 0.1];
  const total = 14.1;
  const entropy = -values.reduce((sum, value) => sum + (value / total) * Math.log(value / total), 0);
  for (const [rows, columns] of [
    [40, 9],
    [9, 40],
    [5, 5],
  ] as const) {
    const matrix = withSingularValues(values, rows, columns, 1);
    // The matrix is rounded to float32: its singular values move by about 1e-7 of the largest.
    near(effectiveRank(Float32Array.from(matrix), columns), Math.exp(entropy), 1e-4);
  }
});

test('effective rank: k equal directions give k, whatever the scale; zeros give 0', () => {
  for (const scale of [1e-6, 1, 1e6]) {
    const matrix = withSingularValues([scale, scale, scale], 20, 8, 2);
    near(effectiveRank(Float32Array.from(matrix), 8), 3, 1e-3);
  }
  assert.is(effectiveRank(new Float32Array(12), 4), 0);
});

test('effective rank: the rounding of one direction to float32 adds none', () => {
  const matrix = Float32Array.from(
    { length: 300 * 256 },
    (_, at) => Math.sin(at % 256) * Math.cos(Math.floor(at / 256)),
  );
  near(effectiveRank(matrix, 256), 1, 1e-12);
});

test('equal rows are a collapse: no deviation, effective rank 1', () => {
  const row = Float32Array.from({ length: 16 }, (_, j) => Math.sin(j));
  const features = Float32Array.from(
    { length: 50 * 16 },
    (_, at) => row[at % 16]! * (1 + Math.floor(at / 16)),
  );
  const statistics = measureFeatures(features, 16);
  assert.ok(statistics.collapsed);
  // float32 noise of the normalised rows only.
  near(statistics.featureStd, 0, 1e-7);
  near(statistics.effectiveRank, 1, 1e-3);
});

test('random directions have deviation 1/√d and nearly full rank, and are no collapse', () => {
  const random = new Random(3);
  const features = Float32Array.from({ length: 2000 * 32 }, () => gaussian(random));
  const statistics = measureFeatures(features, 32);
  // 32 columns of 2000 samples: the mean of their deviations has a relative error of about 1/√(2·2000·32).
  near(statistics.featureStd * Math.sqrt(32), 1, 0.015);
  assert.ok(statistics.effectiveRank > 31.5 && statistics.effectiveRank <= 32 + 1e-6);
  assert.not(statistics.collapsed);
});

test('features near one direction count as collapsed only when cosines exceed 0.999', () => {
  const random = new Random(4);
  // Unit mean direction plus noise of the given length: the mean cosine is 1/(1 + noise²).
  const spread = (noise: number) =>
    measureFeatures(
      Float32Array.from({ length: 500 * 64 }, () => (1 + noise * gaussian(random)) / 8),
      64,
    ).collapsed;
  assert.ok(spread(0.01));
  assert.not(spread(0.1));
});

test('the effective rank of many rows is taken from all parts of the data', () => {
  // The first half points one way, the second another: the first 4096 rows alone would give 1.
  const features = new Float32Array(20_000 * 4);
  for (let row = 0; row < 20_000; row++) features[row * 4 + (row < 10_000 ? 0 : 2)] = 1;
  near(measureFeatures(features, 4).effectiveRank, 2, 1e-3);
});

test('a NaN among the features is told, with its place', () => {
  const features = new Float32Array(12).fill(1);
  features[7] = Number.NaN;
  assert.throws(
    () => measureFeatures(features, 4),
    (error: unknown) => error instanceof UserError && /feature 3 of row 1 is NaN/.test(error.message),
  );
});

test.run();
