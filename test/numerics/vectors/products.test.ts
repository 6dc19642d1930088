import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { vectorProducts } from '../../../src/numerics/vectors/products.ts';
import { Random } from '../../../src/random.ts';

/** One sum after another, in the order of the columns. */
function plain(x: Float32Array, rows: Int32Array, weights: Float64Array, columns: number): Float64Array {
  const count = weights.length / columns;
  return Float64Array.from({ length: rows.length * count }, (_, at) => {
    const [i, j] = [Math.floor(at / count), at % count];
    let sum = 0;
    for (let k = 0; k < columns; k++) sum += x[rows[i]! * columns + k]! * weights[j * columns + k]!;
    return sum;
  });
}

test('products by vectors are those of a plain loop, bit for bit, at ragged sizes', () => {
  const random = new Random(1, 0);
  for (const [rows, count, columns] of [
    [8, 64, 64],
    [67, 33, 17],
    [130, 5, 200],
    [64, 256, 1],
    [300, 1, 64],
  ] as const) {
    const x = Float32Array.from({ length: 2 * rows * columns }, () => random.next() - 0.5);
    const weights = Float64Array.from({ length: count * columns }, () => random.next() - 0.5);
    const chosen = Int32Array.from({ length: rows }, () => random.integer(2 * rows));
    const out = new Float64Array(rows * count);
    assert.ok(
      vectorProducts(x, chosen, weights, columns, out),
      `${rows}×${count}×${columns} is done by vectors`,
    );
    assert.equal(out, plain(x, chosen, weights, columns));
  }
});

test('weights beyond the memory of the module, and little work, are left to the plain loop', () => {
  const out = new Float64Array(8);
  assert.not.ok(vectorProducts(new Float32Array(4), Int32Array.of(0, 1), new Float64Array(4), 2, out));
  const rows = Int32Array.from({ length: 8 }, (_, i) => i);
  const wide = 1 << 19;
  assert.not.ok(
    vectorProducts(
      new Float32Array(8 * wide),
      rows,
      new Float64Array(16 * wide),
      wide,
      new Float64Array(128),
    ),
  );
});

test.run();
