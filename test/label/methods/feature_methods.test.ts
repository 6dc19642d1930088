import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { knnMethod, majorityMethod, probeMethod } from '../../../src/label/methods/feature_methods.ts';
import { rowsOf } from '../../../src/label/scan/features.ts';
import { classifyKnn } from '../../../src/numerics/knn.ts';
import { headLogits } from '../../../src/numerics/linear_head.ts';
import { fitProbe, predictProbe } from '../../../src/numerics/probe/probe.ts';
import { Random } from '../../../src/random.ts';
import { drawClasses } from '../../numerics/support.ts';

const classes = 4;
const columns = 6;
const { features, labels } = drawClasses(new Random(2), { rows: 80, columns, classes, separation: 4 });
const range = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, i) => from + i);
const part = (images: Int32Array) => ({ images, labels: images.map((image) => labels[image]!) });
const labelled = part(range(0, 40));
const queries = range(40, 80);
const table = { values: features, columns };
const groups = range(0, 80);
const task = { classes, groups };

test('rows are taken by image, through the table of rows where there is one', () => {
  const rows = new Int32Array(100).fill(-1);
  rows[90] = 3;
  rows[7] = 0;
  const taken = rowsOf({ ...table, rows }, Int32Array.of(90, 7));
  assert.equal(taken.slice(0, columns), features.slice(3 * columns, 4 * columns));
  assert.equal(taken.slice(columns), features.slice(0, columns));
});

test('the majority is the most frequent given class, the first of equals, for every image', async () => {
  const few = { images: range(0, 5), labels: Int32Array.of(2, 1, 2, 1, 0) };
  const [logits] = await majorityMethod(classes).fit(few, { queries: range(5, 8), seed: 0 });
  for (let row = 0; row < 3; row++) {
    assert.equal([...logits!.subarray(row * classes, (row + 1) * classes)], [1, 2, 2, 0]);
  }
});

test('kNN votes as classifyKnn does among the labelled rows alone', async () => {
  const [scores] = await knnMethod('kNN', table, classes).fit(labelled, { queries, seed: 0 });
  const bank = { features: features.subarray(0, 40 * columns), labels: labelled.labels, classes };
  assert.equal(scores, classifyKnn(bank, features.subarray(40 * columns)).scores);
});

test('kNN standardises where the labelled rows tell each other right more often so', async () => {
  // One column of noise that outweighs all others.
  const random = new Random(6);
  const loud = features.map((value, at) => (at % columns === 0 ? 60 * (random.next() - 0.5) : value));
  const noisy = knnMethod('kNN', { values: loud, columns }, classes);
  const right = (scores: Float32Array) =>
    queries.filter((image, row) => {
      const own = scores.subarray(row * classes, (row + 1) * classes);
      return own.indexOf(Math.max(...own)) === labels[image];
    }).length;
  const [untuned] = await noisy.fit(labelled, { queries, seed: 0 });
  await noisy.tune!(labelled, 0);
  const [tuned] = await noisy.fit(labelled, { queries, seed: 0 });
  assert.ok(right(tuned!) > right(untuned!) + 5, `${right(tuned!)} against ${right(untuned!)}`);
});

test('folds are fitted at the scaling and strength that all labels together chose', async () => {
  const method = probeMethod('probe', table, task);
  await method.tune!(labelled, 3);
  const options = { seed: 3 };
  const whole = fitProbe(features.subarray(0, 40 * columns), labelled.labels, classes, options);
  const [logits] = await method.fit(part(range(0, 13)), { queries, seed: 3 });
  const fold = fitProbe(features.subarray(0, 13 * columns), labels.subarray(0, 13), classes, {
    strengths: [whole.strength],
    scalings: [whole.scaling],
  });
  assert.equal(logits, predictProbe(fold, features.subarray(40 * columns)).logits);
});

test("the model's head gives the very logits of the latest fit; without an origin there is no model", async () => {
  assert.is(probeMethod('probe', table, task).model, undefined);
  const origin = { name: 'features.npy' };
  const method = probeMethod('probe', table, task, origin);
  const [logits] = await method.fit(labelled, { queries, seed: 0 });
  const { head, origin: own } = await method.model!();
  assert.is(own, origin);
  assert.equal(headLogits(head, features.subarray(40 * columns)), logits);
});

test.run();
