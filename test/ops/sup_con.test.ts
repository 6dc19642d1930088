import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { upperBlocks } from '../../src/kernels/contrastive.ts';
import fixture from '../fixtures/supcon.json';
import { fill, relativeError } from '../oracle.ts';
import { supConTwin } from '../twins/losses.ts';
import {
  compile,
  draw,
  engine,
  evaluate,
  gradientBound,
  type Result,
  sameLoss,
  supervised,
  ulp,
} from './contrastive_support.ts';

const none = 0xffffffff;
const columns = 6;
const temperature = 0.2;
const labels = [3, 0, none, 3, 8, 0, 3, none, 5, 8, 0, 3, 3];
const rows = draw(12, labels.length * columns);
const rowOf = (values: ArrayLike<number>, i: number) =>
  Array.from(values).slice(i * columns, (i + 1) * columns);

/** Bit by bit: what differs in nothing that the kernels read must differ in nothing that they write. */
function identical(actual: Result, expected: Result): void {
  assert.equal(
    { ...actual, gradient: [...actual.gradient] },
    { ...expected, gradient: [...expected.gradient] },
  );
}

test('losses and gradients are PyTorch’s', async () => {
  for (const { dimension, temperature, stream, scale, labels, loss, gradient } of fixture.cases) {
    const values = fill(stream, labels.length * dimension, scale);
    const result = await evaluate(values, dimension, temperature, supervised(labels));
    sameLoss(result, loss, temperature, stream);
    const error = relativeError(result.gradient, gradient);
    assert.ok(error <= gradientBound(temperature), `${stream}: the gradient differs by ${error}`);
  }
});

test('known values: six rows on a circle in three classes', async () => {
  const circle = [0, 10, 20, 50, 60, 80].flatMap((degrees) => {
    const angle = (degrees * Math.PI) / 180;
    return [Math.cos(angle), Math.sin(angle)];
  });
  const known = [
    [0.07, 0.6314057807],
    [0.1, 0.7200604451],
    [0.5, 1.2572937285],
    [1, 1.4140892883],
  ] as const;
  for (const [t, loss] of known) {
    const result = await evaluate(circle, 2, t, supervised([0, 0, 0, 1, 1, 2]));
    sameLoss(result, loss, t, `τ = ${t}`);
    assert.is(result.top1, 1);
    // Of class 0 the outer anchors average 10° and 20°, the middle one has 10° twice; of class 1 both have 10°.
    const degrees = (angle: number) => Math.cos((angle * Math.PI) / 180);
    const similarity = (2 * degrees(10) + degrees(20) + 2 * degrees(10)) / 5;
    assert.ok(Math.abs(result.similarity - similarity) < 8 * ulp, `${result.similarity}`);
  }
});

test('of rows that are equally near, the share that are positives counts', async () => {
  // At one point: three of class 0, two of class 1, one of none. Each of class 0 sees two positives among five rows.
  const { top1 } = await evaluate(
    Array(6).fill([0.6, 0.8]).flat(),
    2,
    0.5,
    supervised([0, 0, 0, 1, 1, none]),
  );
  assert.ok(Math.abs(top1 - (3 * (2 / 5) + 2 * (1 / 5)) / 5) < 4 * ulp, `top-1 is ${top1}`);
});

test('with every image a label of its own it is NT-Xent', async () => {
  for (const [pairs, d] of [
    [7, 6],
    [150, 17],
  ] as const) {
    const views = draw(pairs, 2 * pairs * d);
    const images = Array.from({ length: 2 * pairs }, (_, i) => 1000 - (i % pairs));
    for (const t of [0.07, 0.5]) {
      const [paired, labelled] = [
        await evaluate(views, d, t),
        await evaluate(views, d, t, supervised(images)),
      ];
      sameLoss(labelled, paired.loss, t, `N = ${pairs}, τ = ${t}`);
      assert.is(labelled.top1, paired.top1);
      assert.ok(Math.abs(labelled.similarity - paired.similarity) < 8 * ulp);
      const error = relativeError(labelled.gradient, paired.gradient);
      assert.ok(error < gradientBound(t), `the gradient differs by ${error}`);
    }
  }
});

test('other names for the same classes change nothing', async () => {
  const names = new Map([
    [3, 0],
    [0, 4_000_000_000],
    [8, 3],
    [5, 1],
    [none, none],
  ]);
  identical(
    await evaluate(rows, columns, temperature, supervised(labels.map((label) => names.get(label)!))),
    await evaluate(rows, columns, temperature, supervised(labels)),
  );
});

test('a row’s length does not count: the gradient shrinks as it grows', async () => {
  const before = await evaluate(rows, columns, temperature, supervised(labels));
  const factor = (i: number) => 10 ** ((Math.floor(i / columns) % 7) - 3);
  const scaled = rows.map((value, i) => value * factor(i));
  const after = await evaluate(scaled, columns, temperature, supervised(labels));
  sameLoss(after, before.loss, temperature, 'scaled');
  const unscaled = after.gradient.map((value, i) => value * factor(i));
  const error = relativeError(unscaled, before.gradient);
  assert.ok(error < gradientBound(temperature), `the gradient differs by ${error}`);
});

test('each row’s gradient is orthogonal to the row', async () => {
  for (const t of [0.07, 0.5]) {
    const { gradient } = await evaluate(rows, columns, t, supervised(labels));
    const longest = Math.max(...labels.map((_, i) => Math.hypot(...rowOf(gradient, i))));
    labels.forEach((_, i) => {
      const row = rowOf(rows, i);
      const product = row.reduce((sum, value, k) => sum + value * rowOf(gradient, i)[k]!, 0);
      const bound = 8 * ulp * Math.hypot(...row) * longest;
      assert.ok(Math.abs(product) < bound, `row ${i}: ${product} is not 0 (${bound})`);
    });
  }
});

test('no positive at all: loss, metrics and gradient are exactly 0', async () => {
  for (const alone of [[none, none, none, none], [4, none, 2, 0], [0, 1, 2, 3], [7]]) {
    for (const t of [0.01, 0.5]) {
      const views = draw(5, alone.length * columns);
      const { gradient, ...rest } = await evaluate(views, columns, t, supervised(alone));
      assert.equal(rest, { loss: 0, top1: 0, similarity: 0 }, alone.join());
      assert.ok(gradient.every((value) => value === 0));
    }
  }
});

test('unlabelled rows, and rows alone in their class, are denominators only: as rivals they count', async () => {
  // Anchors 0 and 1 point the same way, row 2 away from them: −log softmax with one other beside the positive.
  const views = [1, 0, 1, 0, -1, 0];
  const expected = Math.log1p(Math.exp(-2 / temperature));
  for (const third of [none, 9]) {
    const result = await evaluate(views, 2, temperature, supervised([5, 5, third]));
    sameLoss(result, expected, temperature, `label ${third}`);
    assert.is(result.similarity, 1);
  }
  // Close to the anchors, and nearer to each other, unlabelled rows take their first place.
  const near = await evaluate([1, 0, 0, 1, 1, 0.1, 1, 0.1], 2, temperature, supervised([5, 5, none, none]));
  assert.is(near.top1, 0);
  assert.is(near.similarity, 0);
});

test('all rows equal: log(R − 1) to the last digits, however many positives', async () => {
  for (const count of [3, 40, 300, 601]) {
    const row = draw(count, 5);
    const equal = Array.from({ length: count }, () => [...row]).flat();
    const classes = Array.from({ length: count }, (_, i) => i % 2);
    for (const t of [0.07, 0.5]) {
      const { loss, top1 } = await evaluate(equal, 5, t, supervised(classes));
      const chance = Math.log(count - 1);
      // WGSL's log may err by 3 ulp.
      assert.ok(Math.abs(loss - chance) < 4 * ulp * chance, `R = ${count}: ${loss} is not ${chance}`);
      // All others are equally near, and this share of them has the anchor's class.
      const shares = classes.map((own, i) => {
        const positives = classes.filter((label, j) => label === own && j !== i).length;
        return positives > 0 ? positives / (count - 1) : Number.NaN;
      });
      const anchors = shares.filter((share) => !Number.isNaN(share));
      const hits = anchors.reduce((sum, share) => sum + share, 0) / anchors.length;
      assert.ok(Math.abs(top1 - hits) < count * ulp, `R = ${count}: top-1 is ${top1}, not ${hits}`);
    }
  }
});

test('low temperatures stay finite and right, many ragged blocks too', async () => {
  for (const [count, d] of [
    [35, 3],
    [301, 17],
  ] as const) {
    assert.ok(upperBlocks({ rows: count, columns: d }).length >= 3, 'several blocks');
    const views = draw(count, count * d);
    const given = Array.from({ length: count }, (_, i) => (i % 3 === 0 ? none : (i * i) % 7));
    for (const t of [0.01, 0.07, 0.5]) {
      const result = await evaluate(views, d, t, supervised(given));
      const [loss, top1, similarity] = supConTwin(Float64Array.from(views), given, t);
      sameLoss(result, loss, t, `R = ${count}, τ = ${t}`);
      assert.ok(Math.abs(result.top1 - top1) < ulp);
      assert.ok(Math.abs(result.similarity - similarity) < 8 * ulp);
      assert.ok(result.gradient.every(Number.isFinite));
    }
  }
});

test('the streamed loss and its gradient need at most 4·R·(d + 4) bytes', async () => {
  for (const [count, d] of [
    [301, 17],
    [4096, 128],
  ] as const) {
    const given = Array.from({ length: count }, (_, i) => i % 10);
    const { program } = await compile(count, d, 0.1, supervised(given));
    const { plannedBytes } = program.program;
    program.destroy();
    assert.ok(plannedBytes <= 4 * count * (d + 4), `${plannedBytes} bytes for R = ${count}, d = ${d}`);
  }
});

test.after(() => engine.destroy());
test.run();
