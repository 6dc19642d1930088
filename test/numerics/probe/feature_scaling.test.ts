import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { allRows } from '../../../src/numerics/linear_algebra.ts';
import { type FeatureScaling, scaleRows } from '../../../src/numerics/probe/feature_scaling.ts';
import { standardisedRows } from '../../../src/numerics/standardisation.ts';
import { fill } from '../../oracle.ts';

const [rows, columns] = [17, 5];
const features = fill('scaling', rows * columns, 3, 2).map((value, at) => value * 2 ** (at % columns));

/** What a classifier sees of the rows. */
const seen = (scaling: FeatureScaling, values = features) => {
  const scaled = scaleRows(scaling, values, columns, allRows(rows));
  return standardisedRows(scaled.features, columns, allRows(rows), scaled.standardisation);
};
const column = (values: Float32Array, j: number) =>
  Array.from({ length: rows }, (_, row) => values[row * columns + j]!);
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const variance = (values: number[]) => mean(values.map((value) => (value - mean(values)) ** 2));

test('standardised columns have variance 1, raw ones together, and keep their proportions', () => {
  const each = seen('standardised');
  const raw = seen('raw');
  const own = Array.from({ length: columns }, (_, j) => variance(column(features, j)));
  for (let j = 0; j < columns; j++) {
    // Float32 values of a few units.
    assert.ok(Math.abs(variance(column(each, j)) - 1) < 1e-6);
    assert.ok(Math.abs(mean(column(raw, j))) < 1e-6);
    assert.ok(Math.abs(variance(column(raw, j)) - own[j]! / mean(own)) < 1e-6);
  }
});

test('at unit length the rows’ lengths make no difference, and a row of zeros stays', () => {
  const stretched = features.map((value, at) => value * 2 ** (Math.floor(at / columns) % 4));
  for (const scaling of ['unit', 'unit+standardised'] as const) {
    assert.equal(seen(scaling, stretched), seen(scaling));
  }
  assert.not.equal(seen('standardised', stretched), seen('standardised'));
  const silent = features.slice().fill(0, 0, columns);
  const { features: unit } = scaleRows('unit', silent, columns, allRows(rows));
  assert.equal([...unit.subarray(0, columns)], [0, 0, 0, 0, 0]);
  assert.ok(Math.abs(Math.hypot(...unit.subarray(columns, 2 * columns)) - 1) < 1e-6);
  assert.equal(silent.subarray(columns), features.subarray(columns), 'the rows given are left as they were');
});

test.run();
