import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { presets } from '../../src/data/policy.ts';
import { accuracy } from '../../src/train/probe.ts';
import { type SupervisedOptions, superviseFromScratch } from '../../src/train/supervised.ts';
import { side, stripes } from './tiny.ts';

const engine = await Engine.create();
const count = 120;
const { pixels, labels } = stripes(count);
// The first forty are labelled, every second image of either class; the others are asked about.
const labelledCount = 40;
const images = Int32Array.from({ length: labelledCount }, (_, i) => i);
const queries = Int32Array.from({ length: count - labelledCount }, (_, i) => labelledCount + i);
const truth = queries.map((image) => labels[image]!);

const options: SupervisedOptions = {
  encoder: { depth: 18, width: 4, stem: 'cifar' },
  imageSize: side,
  batch: 16,
  steps: 60,
  learningRate: 0.05,
  momentum: 0.9,
  weightDecay: 5e-4,
  policy: presets.weak,
  seed: 1,
};

const labelled = { pixels, size: side, images, labels: labels.slice(0, labelledCount), classes: 2 };

test('learns from few labels what tells the classes of other images, and tells how far it is', async () => {
  const seen: [number, number][] = [];
  const predicted = await superviseFromScratch(engine, labelled, queries, options, (done, total) =>
    seen.push([done, total]),
  );
  assert.ok(accuracy(predicted, truth) > 0.9, `accuracy ${accuracy(predicted, truth)}`);
  assert.equal(
    seen,
    Array.from({ length: 60 }, (_, step) => [step + 1, 60]),
  );
});

test('a seed says all, and which images are asked about changes nothing for each', async () => {
  const short = { ...options, steps: 10 };
  const whole = await superviseFromScratch(engine, labelled, queries, short);
  assert.equal(await superviseFromScratch(engine, labelled, queries, short), whole);
  const some = queries.filter((_, i) => i % 3 === 0).reverse();
  const expected = whole.filter((_, i) => i % 3 === 0).reverse();
  assert.equal(await superviseFromScratch(engine, labelled, some, short), expected);
});

test('fewer labelled images than a batch are all of each batch', async () => {
  const few = { ...labelled, images: images.subarray(0, 3), labels: labelled.labels.subarray(0, 3) };
  const predicted = await superviseFromScratch(engine, few, queries, { ...options, steps: 2 });
  assert.is(predicted.length, queries.length);
  assert.ok(predicted.every((label) => label === 0 || label === 1));
});

test('a callback that throws stops the training', async () => {
  let steps = 0;
  const stop = () => {
    if (++steps === 4) throw new Error('stopped');
  };
  const message = await superviseFromScratch(engine, labelled, queries, options, stop).then(
    () => 'ended',
    (error: Error) => error.message,
  );
  assert.is(message, 'stopped');
  assert.is(steps, 4);
});

test.after(() => engine.destroy());
test.run();
