import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CurvatureModel, spanCoordinates } from '../../../src/numerics/softmax/preconditioner.ts';
import { fill } from '../../oracle.ts';

const product = (a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number, columns: number) => {
  let sum = 0;
  for (let k = 0; k < columns; k++) sum += a[i * columns + k]! * b[j * columns + k]!;
  return sum;
};

test('(κS + λI) times what the preconditioner gives is what it was given, for more rows than columns and for fewer', () => {
  for (const [rows, columns] of [
    [40, 7],
    [7, 7],
    [6, 41],
    [1, 3],
  ] as const) {
    const x = fill(`rows:${rows}`, rows * columns, 2);
    const model = new CurvatureModel(x, columns);
    for (const [curvature, strength] of [
      [0.5, 1],
      [0.1, 1e-4],
      [0, 0.3],
    ] as const) {
      const given = Float64Array.from(fill('vector', 2 * columns));
      const solved = given.slice();
      // Two vectors, one behind the other; the second is looked at.
      model.preconditioner(curvature, strength)(solved);
      const alone = given.slice(0, columns);
      model.preconditioner(curvature, strength)(alone);
      assert.equal(solved.subarray(0, columns), alone);
      const along = Array.from({ length: rows }, (_, i) =>
        product(x, i, solved.subarray(columns), 0, columns),
      );
      for (let j = 0; j < columns; j++) {
        let value = strength * solved[columns + j]!;
        for (let i = 0; i < rows; i++) value += (curvature / rows) * x[i * columns + j]! * along[i]!;
        // The matrix' condition is at most some 1e5, on float64's 1e-16.
        assert.ok(Math.abs(value - given[columns + j]!) < 1e-9, `${rows} × ${columns}, λ ${strength}`);
      }
    }
  }
});

test('the span’s coordinates keep all inner products, also where rows repeat or say nothing', () => {
  const columns = 29;
  const x = fill('span', 12 * columns, 1, 0.5);
  x.copyWithin(5 * columns, 2 * columns, 3 * columns);
  x.fill(0, 7 * columns, 8 * columns);
  const { values, columns: width } = spanCoordinates(x, columns);
  assert.is(width, 12);
  for (let i = 0; i < 12; i++) {
    for (let j = 0; j < 12; j++) {
      const error = product(values, i, values, j, width) - product(x, i, x, j, columns);
      // Products of about 17, of float32 coordinates; a repeated row leaves out less than 1e-10 of the largest.
      assert.ok(Math.abs(error) < 1e-4, `${i}, ${j}: ${error}`);
    }
  }
  const tall = fill('tall', 30);
  assert.is(spanCoordinates(tall, 3).values, tall, 'rows that are not fewer than their columns');
});

test.run();
