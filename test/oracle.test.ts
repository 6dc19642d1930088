import { test } from 'uvu';
import * as assert from 'uvu/assert';
import fills from './fixtures/fill.json';
import {
  fill,
  fillBits,
  fnv1a32,
  hwioToOihw,
  largestError,
  nchwToNhwc,
  nhwcToNchw,
  oihwToHwio,
  permute,
  relativeError,
  type Summary,
  summaryError,
} from './oracle.ts';

test('stream ids are FNV-1a as published', () => {
  assert.is(fnv1a32(''), 0x811c9dc5);
  assert.is(fnv1a32('a'), 0xe40c292c);
  assert.is(fnv1a32('foobar'), 0xbf9cf968);
});

test('fills have the bits that numpy gives', () => {
  for (const { name, hash, scale, offset, values } of fills.cases) {
    assert.is(fnv1a32(name), hash);
    const longest = Math.max(...values.map(([index]) => index!));
    const filled = fill(name, longest + 1, scale, offset);
    for (const [index, bits, value] of values) {
      assert.is(fillBits(name, index!), bits);
      assert.is(filled[index!], value);
    }
  }
});

test('fills look uniform, and streams unrelated', () => {
  const count = 100_000;
  const a = fill('first', count);
  const b = fill('second', count);
  const mean = (values: Float32Array, of: (value: number, index: number) => number) =>
    values.reduce((sum, value, index) => sum + of(value, index), 0) / count;
  // Uniform on [−1, 1): mean 0 and products of streams or neighbours 0, square 1/3, fourth power 1/5. Five standard
  // errors: √(1/3)/√n, (1/3)/√n, √(4/45)/√n and √(16/225)/√n.
  const error = 5 / Math.sqrt(count);
  assert.ok(Math.abs(mean(a, (x) => x)) < 0.58 * error);
  assert.ok(Math.abs(mean(a, (x) => x * x) - 1 / 3) < 0.3 * error);
  assert.ok(Math.abs(mean(a, (x) => x ** 4) - 1 / 5) < 0.27 * error);
  assert.ok(Math.abs(mean(a, (x, i) => x * b[i]!)) < 0.34 * error);
  assert.ok(Math.abs(mean(a, (x, i) => x * a[(i + 1) % count]!)) < 0.34 * error);
});

/** value = 1000 n + 100 a + 10 b + c, so that each element shows where it came from */
function labelled(shape: readonly [number, number, number, number]): Float32Array {
  const [n, a, b, c] = shape;
  const values: number[] = [];
  for (let i = 0; i < n; i++)
    for (let j = 0; j < a; j++)
      for (let k = 0; k < b; k++) for (let l = 0; l < c; l++) values.push(1000 * i + 100 * j + 10 * k + l);
  return Float32Array.from(values);
}

test('layout conversions move each element to its place and back', () => {
  const shape = [2, 3, 4, 5] as const;
  const values = labelled(shape);
  const images = nchwToNhwc(values, shape);
  const weights = oihwToHwio(values, shape);
  for (let n = 0; n < 2; n++)
    for (let c = 0; c < 3; c++)
      for (let h = 0; h < 4; h++)
        for (let w = 0; w < 5; w++) {
          const expected = 1000 * n + 100 * c + 10 * h + w;
          assert.is(images[((n * 4 + h) * 5 + w) * 3 + c], expected);
          assert.is(weights[((h * 5 + w) * 3 + c) * 2 + n], expected);
        }
  assert.equal(nhwcToNchw(images, [2, 4, 5, 3]), values);
  assert.equal(hwioToOihw(weights, [4, 5, 3, 2]), values);
  assert.equal(permute([1, 2, 3, 4, 5, 6], [2, 3], [1, 0]), Float32Array.of(1, 4, 2, 5, 3, 6));
});

test('a summary tells an array from its transpose, its negative, a scaled and a slightly changed one', () => {
  const shape = [6, 5] as const;
  const values = fill('array', 30);
  const direction = fill('projection:array', 30);
  const add = (a: number, b: number) => a + b;
  const expected: Summary = {
    norm: Math.hypot(...values),
    sum: values.reduce(add, 0),
    projection: values.map((value, i) => value * direction[i]!).reduce(add, 0),
    samples: [3, 17].map((index) => [index, values[index]!]),
  };
  const changed = Float32Array.from(values);
  changed[11]! += 0.01;
  // The expected projection is summed here from float32 products, so equal arrays agree to float32 only.
  assert.ok(summaryError('array', values, expected) < 1e-6);
  assert.ok(summaryError('array', permute(values, shape, [1, 0]), expected) > 0.01);
  assert.ok(
    summaryError(
      'array',
      values.map((value) => -value),
      expected,
    ) > 0.1,
  );
  assert.ok(
    summaryError(
      'array',
      values.map((value) => 1.001 * value),
      expected,
    ) > 0.0009,
  );
  assert.ok(summaryError('array', changed, expected) > 0.001);
  assert.ok(Number.isNaN(summaryError('array', values.subarray(0, 10), expected)));
});

test('measures of difference see a NaN and a wrong length', () => {
  assert.is(relativeError([3, 4], [3, 4]), 0);
  assert.is(relativeError([3, 5], [3, 4]), 0.2);
  assert.is(relativeError([0, 2], [0, 0]), 2);
  assert.is(largestError([3, 5], [3, 4]), 1);
  for (const measure of [relativeError, largestError]) {
    assert.ok(Number.isNaN(measure([1, Number.NaN], [1, 2])));
    assert.ok(Number.isNaN(measure([1], [1, 2])));
  }
});

test.run();
