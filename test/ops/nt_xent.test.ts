import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { upperBlocks } from '../../src/kernels/contrastive.ts';
import { Random } from '../../src/random.ts';
import fixture from '../fixtures/ntxent.json';
import { fill, relativeError } from '../oracle.ts';
import { ntXentTwin } from '../twins/losses.ts';
import {
  compile,
  draw,
  engine,
  evaluate,
  gradientBound,
  plain,
  sameLoss,
  ulp,
} from './contrastive_support.ts';

test('losses and gradients are PyTorch’s', async () => {
  for (const { pairs, dimension, temperature, stream, scale, loss, gradient } of fixture.cases) {
    const result = await evaluate(fill(stream, 2 * pairs * dimension, scale), dimension, temperature);
    sameLoss(result, loss, temperature, stream);
    const error = relativeError(result.gradient, gradient);
    assert.ok(error <= gradientBound(temperature), `${stream}: the gradient differs by ${error}`);
  }
});

test('known values: two pairs of orthogonal views, equal and swapped', async () => {
  const identity = [1, 0, 0, 1];
  for (const temperature of [0.07, 0.1, 0.5, 1]) {
    const rest = Math.log1p(2 * Math.exp(-1 / temperature));
    const equal = await evaluate([...identity, ...identity], 2, temperature);
    sameLoss(equal, rest, temperature, `equal, τ = ${temperature}`);
    assert.is(equal.top1, 1);
    assert.is(equal.similarity, 1);
    const swapped = await evaluate([...identity, 0, 1, 1, 0], 2, temperature);
    sameLoss(swapped, 1 / temperature + rest, temperature, `swapped, τ = ${temperature}`);
    assert.is(swapped.top1, 0);
    assert.is(swapped.similarity, 0);
  }
});

test('all rows equal: log(2N − 1) to the last digits and a top-1 of 1/(2N − 1), the values of a collapse', async () => {
  for (const pairs of [2, 17, 40, 300]) {
    const row = draw(pairs, 5);
    const rows = Array.from({ length: 2 * pairs }, () => [...row]).flat();
    for (const temperature of [0.07, 0.5]) {
      const { loss, top1 } = await evaluate(rows, 5, temperature);
      const chance = Math.log(2 * pairs - 1);
      // All others are equally near, so the partner is the nearest by chance; the sum over the rows is rounded each time.
      const hits = 1 / (2 * pairs - 1);
      assert.ok(Math.abs(top1 - hits) < 2 * pairs * ulp * hits, `N = ${pairs}: top-1 is ${top1}`);
      // WGSL's log may err by 3 ulp.
      assert.ok(Math.abs(loss - chance) < 4 * ulp * chance, `N = ${pairs}: ${loss} is not ${chance}`);
    }
  }
});

test('of views that are equally near, the partner counts as chance would find it', async () => {
  // Two pairs at one point and a third elsewhere: four rows see three equally near ones, of which one is the partner.
  const rows = [1, 0, 1, 0, 0, 1];
  const { top1 } = await evaluate([...rows, ...rows], 2, 0.5);
  assert.ok(Math.abs(top1 - (4 / 3 + 2) / 6) < 4 * ulp, `top-1 is ${top1}`);
});

test('one pair alone: loss 0 and gradient 0', async () => {
  const { loss, gradient, top1 } = await evaluate(draw(1, 14), 7, 0.1);
  assert.is(loss, 0);
  assert.is(top1, 1);
  assert.ok(gradient.every((value) => value === 0));
});

test('independent random rows: about log(2N − 1) + 1/(2dτ²)', async () => {
  const [pairs, columns, temperature] = [256, 64, 0.1];
  // Rows in a random direction: sums of twelve uniform numbers are normal enough.
  const random = new Random(3);
  const normal = () => Array.from({ length: 12 }, () => random.next() - 0.5).reduce((a, b) => a + b, 0);
  const rows = Array.from({ length: 2 * pairs * columns }, normal);
  const { loss } = await evaluate(rows, columns, temperature);
  const expected = Math.log(2 * pairs - 1) + 1 / (2 * columns * temperature ** 2);
  // What chance moves most is the mean similarity of the N positives, each of deviation 1/√d.
  const deviation = 1 / (temperature * Math.sqrt(columns * pairs));
  assert.ok(Math.abs(loss - expected) < 4 * deviation, `${loss} is far from ${expected}`);
});

test('no rows are below the lower bound, and a simplex of equal pairs reaches it', async () => {
  for (const [pairs, temperature] of [
    [3, 0.5],
    [9, 0.1],
  ] as const) {
    const exponent = -(1 + 1 / (pairs - 1)) / temperature;
    const least = Math.log1p((2 * pairs - 2) * Math.exp(exponent));
    // Corners of a simplex: unit vectors less their mean.
    const corner = (i: number) => Array.from({ length: pairs }, (_, k) => (k === i ? 1 : 0) - 1 / pairs);
    const corners = Array.from({ length: 2 * pairs }, (_, i) => corner(i % pairs)).flat();
    sameLoss(await evaluate(corners, pairs, temperature), least, temperature, `simplex of ${pairs}`);
    for (const seed of [1, 2, 3]) {
      const { loss } = await evaluate(draw(seed, 2 * pairs * pairs), pairs, temperature);
      assert.ok(loss > least, `${loss} is below ${least}`);
    }
  }
});

test('streamed equals plain where several ragged blocks cover the matrix', async () => {
  for (const [count, d] of [
    [34, 3],
    [66, 65],
    [130, 7],
    [300, 17],
  ] as const) {
    assert.ok(upperBlocks({ rows: count, columns: d }).length >= 3, 'several blocks');
    for (const t of [0.07, 0.5]) {
      const views = draw(count, count * d);
      const [fast, twin] = [await evaluate(views, d, t), await evaluate(views, d, t, plain)];
      const what = `2N = ${count}, d = ${d}, τ = ${t}`;
      sameLoss(fast, twin.loss, t, what);
      assert.is(fast.top1, twin.top1, what);
      const error = relativeError(fast.gradient, twin.gradient);
      assert.ok(error < gradientBound(t), `${what}: the gradient differs by ${error}`);
      const [, top1, similarity] = ntXentTwin(Float64Array.from(views), d, t);
      assert.is(fast.top1, Math.fround(top1), what);
      assert.ok(Math.abs(fast.similarity - similarity) < 8 * ulp, what);
    }
  }
});

test('blocks cover the upper triangle of the matrix once', () => {
  for (const [count, d] of [
    [2, 1],
    [34, 3],
    [66, 65],
    [300, 17],
  ] as const) {
    const covered = new Uint8Array(count * count);
    for (const block of upperBlocks({ rows: count, columns: d }))
      for (let i = 0; i < block.rows; i++)
        for (let j = 0; j < block.columns; j++)
          covered[(block.rowStart + i) * count + block.columnStart + j]! += 1;
    for (let i = 0; i < count; i++)
      for (let j = i; j < count; j++) assert.is(covered[i * count + j], 1, `entry ${i}, ${j} of ${count}`);
  }
});

test('the streamed loss and its gradient need at most 4·2N·(d + 4) bytes', async () => {
  for (const [count, d] of [
    [300, 17],
    [1024, 64],
    [4096, 128],
  ] as const) {
    const { program } = await compile(count, d, 0.5);
    const { plannedBytes } = program.program;
    program.destroy();
    assert.ok(plannedBytes <= 4 * count * (d + 4), `${plannedBytes} bytes for 2N = ${count}, d = ${d}`);
  }
  const twin = await compile(1024, 64, 0.5, plain);
  assert.ok(twin.program.program.plannedBytes > 4 * 1024 * 1024, 'the plain twin stores the matrix');
  twin.program.destroy();
});

test.after(() => engine.destroy());
test.run();
