import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nearestRows } from '../../src/numerics/nearest.ts';
import { Random } from '../../src/random.ts';
import { drawClasses } from './support.ts';

const columns = 5;
const draw = (rows: number, seed: number) =>
  drawClasses(new Random(seed), { rows, columns, classes: 3 }).features;

/** Every similarity in float64, sorted. */
function reference(features: Float32Array, rows: Int32Array, query: Float32Array, skip: number) {
  const norm = (row: Float32Array) => Math.hypot(...row);
  return [...rows]
    .filter((row) => row !== skip)
    .map((row) => {
      const own = features.subarray(row * columns, (row + 1) * columns);
      const dot = own.reduce((sum, value, j) => sum + value * query[j]!, 0);
      return { row, similarity: dot / norm(own) / norm(query) };
    })
    .sort((a, b) => b.similarity - a.similarity);
}

test('the k nearest of the rows allowed, at sizes around the blocks, are those of a full sort', () => {
  for (const [bankRows, asked] of [
    [511, 31],
    [512, 32],
    [1025, 33],
  ] as const) {
    const features = draw(bankRows, 1);
    const rows = Int32Array.from({ length: bankRows - 2 }, (_, i) => i + 1);
    const queries = draw(asked, 2);
    const nearest = nearestRows({ features, columns, rows }, queries, 3);
    for (let query = 0; query < asked; query++) {
      const expected = reference(
        features,
        rows,
        queries.subarray(query * columns, (query + 1) * columns),
        -1,
      );
      for (let k = 0; k < 3; k++) {
        assert.is(nearest.rows[query * 3 + k], expected[k]!.row);
        // Float32 results.
        assert.ok(Math.abs(nearest.similarities[query * 3 + k]! - expected[k]!.similarity) < 1e-6);
      }
    }
  }
});

test('in the bank itself a row does not find itself; places without a row are −1', () => {
  const features = draw(6, 3);
  const rows = Int32Array.of(1, 4);
  const nearest = nearestRows({ features, columns, rows }, 'bank', 2);
  for (let row = 0; row < 6; row++) {
    const expected = reference(features, rows, features.subarray(row * columns, (row + 1) * columns), row);
    assert.equal(
      [...nearest.rows.subarray(2 * row, 2 * row + 2)],
      [expected[0]!.row, expected[1]?.row ?? -1],
    );
  }
  assert.is(nearest.similarities[3], -1);
});

test.run();
