import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { relativeError } from '../oracle.ts';
import { ntXentTwin } from '../twins/losses.ts';
import { draw, engine, evaluate, gradientBound, type Result, sameLoss, ulp } from './contrastive_support.ts';

const columns = 6;
const pairs = 10;
const temperature = 0.2;
const rows = draw(11, 2 * pairs * columns);
const rowOf = (values: ArrayLike<number>, i: number) =>
  Array.from(values).slice(i * columns, (i + 1) * columns);
/** The rows in another order. */
const gather = (values: ArrayLike<number>, order: readonly number[]) =>
  order.flatMap((i) => rowOf(values, i));

/** Asserts that loss, metrics and gradient are the same up to rounding. */
function same(actual: Result, expected: Result, gradient: ArrayLike<number>): void {
  sameLoss(actual, expected.loss, temperature, 'changed');
  assert.is(actual.top1, expected.top1);
  assert.ok(Math.abs(actual.similarity - expected.similarity) < 8 * ulp);
  const error = relativeError(actual.gradient, gradient);
  assert.ok(error < gradientBound(temperature), `the gradient differs by ${error}`);
}

test('the two views may change places', async () => {
  const before = await evaluate(rows, columns, temperature);
  const order = Array.from({ length: 2 * pairs }, (_, i) => (i + pairs) % (2 * pairs));
  same(await evaluate(gather(rows, order), columns, temperature), before, gather(before.gradient, order));
});

test('a common permutation of both views permutes the gradient', async () => {
  const before = await evaluate(rows, columns, temperature);
  const images = [7, 2, 9, 0, 4, 1, 8, 3, 6, 5];
  const order = [...images, ...images.map((i) => i + pairs)];
  same(await evaluate(gather(rows, order), columns, temperature), before, gather(before.gradient, order));
});

test('a rotation of all rows rotates the gradient', async () => {
  const before = await evaluate(rows, columns, temperature);
  // A product of plane rotations.
  const rotate = (values: ArrayLike<number>) =>
    Array.from({ length: 2 * pairs }, (_, i) => {
      const row = rowOf(values, i);
      for (let k = 0; k + 1 < columns; k++) {
        const [a, b] = [row[k]!, row[k + 1]!];
        const [c, s] = [Math.cos(k + 1), Math.sin(k + 1)];
        row[k] = c * a - s * b;
        row[k + 1] = s * a + c * b;
      }
      return row;
    }).flat();
  same(await evaluate(rotate(rows), columns, temperature), before, rotate(before.gradient));
});

test('a row’s length does not count: the gradient shrinks as it grows', async () => {
  const before = await evaluate(rows, columns, temperature);
  const factor = (i: number) => 10 ** ((Math.floor(i / columns) % 7) - 3);
  const scaled = rows.map((value, i) => value * factor(i));
  const after = await evaluate(scaled, columns, temperature);
  same({ ...after, gradient: after.gradient.map((value, i) => value * factor(i)) }, before, before.gradient);
});

test('each row’s gradient is orthogonal to the row', async () => {
  for (const t of [0.07, 0.5]) {
    const { gradient } = await evaluate(rows, columns, t);
    const longest = Math.max(
      ...Array.from({ length: 2 * pairs }, (_, i) => Math.hypot(...rowOf(gradient, i))),
    );
    for (let i = 0; i < 2 * pairs; i++) {
      const row = rowOf(rows, i);
      const product = row.reduce((sum, value, k) => sum + value * rowOf(gradient, i)[k]!, 0);
      const bound = 8 * ulp * Math.hypot(...row) * longest;
      assert.ok(Math.abs(product) < bound, `row ${i}: ${product} is not 0 (${bound})`);
    }
  }
});

test('low temperatures stay finite and right, for aligned and for opposite positives', async () => {
  const half = draw(4, pairs * columns);
  for (const sign of [1, -1]) {
    const views = Float32Array.of(...half, ...half.map((value) => sign * value * 1000));
    for (const t of [0.07, 0.01]) {
      const result = await evaluate(views, columns, t);
      const [loss] = ntXentTwin(Float64Array.from(views), columns, t);
      sameLoss(result, loss, t, `sign ${sign}, τ = ${t}`);
      assert.ok(result.gradient.every(Number.isFinite));
    }
  }
});

test('a row of zeros is similar to nothing and has no gradient', async () => {
  const views = Float32Array.from(rows).fill(0, 2 * columns, 3 * columns);
  const { loss, gradient } = await evaluate(views, columns, temperature);
  assert.ok(Number.isFinite(loss) && gradient.every(Number.isFinite));
  assert.equal(rowOf(gradient, 2), new Array(columns).fill(0));
});

test.after(() => engine.destroy());
test.run();
