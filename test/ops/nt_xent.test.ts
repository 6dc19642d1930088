import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { backward } from '../../src/autograd/tape.ts';
import type { Tensor } from '../../src/autograd/tensor.ts';
import { Random } from '../../src/data/random.ts';
import { upperBlocks } from '../../src/kernels/nt_xent.ts';
import { ntXent } from '../../src/ops/nt_xent.ts';
import { ntXentPlain } from '../../src/ops/nt_xent_plain.ts';
import type { LossWithMetrics } from '../../src/ops/softmax_cross_entropy.ts';
import fixture from '../fixtures/ntxent.json';
import { fill, relativeError } from '../oracle.ts';
import { ntXentTwin } from '../twins/losses.ts';

const engine = await Engine.create();

interface Result {
  readonly loss: number;
  readonly top1: number;
  readonly similarity: number;
  readonly gradient: Float32Array;
}

type Loss = (views: Tensor, temperature: number) => LossWithMetrics;
const streamed: Loss = (views, temperature) => ntXent(views, { temperature });
const plain: Loss = (views, temperature) => {
  const rows = views.shape[0]!;
  const partners = Uint32Array.from({ length: rows }, (_, i) => (i + rows / 2) % rows);
  return ntXentPlain(views, engine.input([rows], 'u32', partners), { temperature });
};

/** Records loss and gradient of `rows` views that are themselves the parameter. */
async function compile(rows: number, columns: number, temperature: number, loss: Loss = streamed) {
  const parameters = engine.parameters();
  const views = parameters.trainable('views', [rows, columns], () => new Float32Array(rows * columns), {
    decay: false,
  });
  const program = await engine.compile(() => {
    const outputs = loss(views, temperature);
    backward(outputs.loss);
    return { ...outputs };
  });
  return { parameters, views, program };
}

/** Loss, metrics and gradient of flat rows of `columns` entries, all first views and then all second ones. */
async function evaluate(
  values: ArrayLike<number>,
  columns: number,
  temperature: number,
  loss?: Loss,
): Promise<Result> {
  const compiled = await compile(values.length / columns, columns, temperature, loss);
  compiled.parameters.write('views', Float32Array.from(values));
  compiled.program.run();
  const outputs = await compiled.program.read();
  const [gradient] = await engine.gpu.read([compiled.views.gradient!]);
  compiled.program.destroy();
  const [top1, similarity] = outputs.metrics as Float32Array;
  return {
    loss: outputs.loss[0]!,
    top1: top1!,
    similarity: similarity!,
    gradient: new Float32Array(gradient!),
  };
}

/** Numbers of a seed's stream in [−1, 1), as float32. */
function draw(seed: number, count: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length: count }, () => 2 * random.next() - 1);
}

const ulp = 2 ** -24;
/** Logits reach 1/τ and are rounded there; a sum of exponentials brings a few more roundings of the loss. */
const lossBound = (temperature: number, loss: number) => 4 * ulp * (1 / temperature + Math.abs(loss));
/** The gradient's factors are exponentials of differences of logits up to 2/τ, each with that difference's error. */
const gradientBound = (temperature: number) => 4 * ulp * (1 + 1 / temperature);

function sameLoss(actual: Result, expected: number, temperature: number, what: string): void {
  const bound = lossBound(temperature, expected);
  const error = Math.abs(actual.loss - expected);
  assert.ok(
    error <= bound,
    `${what}: the loss is ${actual.loss}, not ${expected} (${error / bound} of the bound)`,
  );
}

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

test('all rows equal: log(2N − 1) to the last digits, the value of a collapse', async () => {
  for (const pairs of [2, 17, 40, 300]) {
    const row = draw(pairs, 5);
    const rows = Array.from({ length: 2 * pairs }, () => [...row]).flat();
    for (const temperature of [0.07, 0.5]) {
      const { loss } = await evaluate(rows, 5, temperature);
      const chance = Math.log(2 * pairs - 1);
      // WGSL's log may err by 3 ulp.
      assert.ok(Math.abs(loss - chance) < 4 * ulp * chance, `N = ${pairs}: ${loss} is not ${chance}`);
    }
  }
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

test('streamed equals plain where several ragged blocks cover the matrix', async () => {
  for (const [count, d] of [
    [34, 3],
    [66, 65],
    [130, 7],
    [300, 17],
  ] as const) {
    assert.ok(upperBlocks({ rows: count, columns: d, temperature: 1 }).length >= 3, 'several blocks');
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
    for (const block of upperBlocks({ rows: count, columns: d, temperature: 1 }))
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
