import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { presets } from '../../src/data/policy.ts';
import { resnet } from '../../src/nn/resnet.ts';
import { Random } from '../../src/random.ts';
import {
  majorityRow,
  probeRow,
  randomFeaturesRow,
  supervisedRow,
  type Task,
} from '../../src/train/comparison.ts';
import { featureExtractor } from '../../src/train/features.ts';
import { side, stripes } from './tiny.ts';

const engine = await Engine.create();
const encoderOptions = { depth: 18, width: 4, stem: 'cifar' } as const;
const count = 240;
const { pixels, labels } = stripes(count);

/** An encoder whose running statistics and scales are not those of the start, as behind a training. */
async function usedEncoder(seed = 5) {
  const parameters = engine.parameters();
  const encoder = resnet({ parameters, seed }, encoderOptions);
  for (const [name, values] of await parameters.read()) {
    const random = new Random(seed, name.length);
    if (name.endsWith('running_mean'))
      parameters.write(
        name,
        values.map(() => random.next() - 0.5),
      );
    if (name.endsWith('running_var'))
      parameters.write(
        name,
        values.map(() => 0.5 + random.next()),
      );
  }
  return { parameters, encoder };
}

const { parameters, encoder } = await usedEncoder();
const shape = { pixels, sourceSize: side, imageSize: side };
const extract = await featureExtractor(engine, encoder, { ...shape, batch: 8 });

const range = (start: number, end: number) => Int32Array.from({ length: end - start }, (_, i) => start + i);
const pick = (images: Int32Array, from: Int32Array) => images.map((image) => from[image]!);

function taskWith(classOf: Int32Array, labelledCount = 40): Task {
  const [labelled, heldOut] = [range(0, labelledCount), range(labelledCount, count)];
  const known = { labels: pick(labelled, classOf), truth: pick(heldOut, classOf) };
  return { pixels, size: side, labelled, heldOut, ...known, classes: 2 };
}

const supervision = {
  encoder: encoderOptions,
  imageSize: side,
  batch: 16,
  steps: 40,
  learningRate: 0.05,
  momentum: 0.9,
  weightDecay: 5e-4,
  policy: presets.weak,
  seed: 1,
};

const bytesOf = async () =>
  Buffer.concat([...(await parameters.read()).values()].map(({ buffer }) => Buffer.from(buffer)));

test('the features of an image depend on no other image of its batch, nor on its place in it', async () => {
  const columns = encoder.featureSize;
  const row = (features: Float32Array, i: number) => features.slice(i * columns, (i + 1) * columns);
  const all = await extract(range(0, 24));
  assert.not.equal(row(all, 0), row(all, 1));
  const shuffled = [17, 3, 3, 23, 0, 8, 11, 3, 1, 19, 5];
  const mixed = await extract(shuffled);
  for (const [i, image] of shuffled.entries()) assert.equal(row(mixed, i), row(all, image), `place ${i}`);
  assert.equal(await extract([3]), row(all, 3));
});

test('features are the same in batches of another size', async () => {
  const other = await featureExtractor(engine, encoder, { ...shape, batch: 5 });
  const [expected, actual] = [await extract(range(0, 24)), await other(range(0, 24))];
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  // Another number of rows may take another split of the same float32 sums.
  for (const [i, value] of actual.entries()) assert.ok(Math.abs(value - expected[i]!) < 1e-5 * largest);
});

test('the probe leaves every bit of the encoder as it was, running statistics too', async () => {
  const before = await bytesOf();
  const { row } = await probeRow('probe', taskWith(labels), extract, 0);
  assert.ok(row.accuracy > 0.6, `the probe learned: ${row.accuracy}`);
  assert.is(Buffer.compare(await bytesOf(), before), 0);
});

test('held-out classes only score: other ones give the same probe and another score', async () => {
  const task = taskWith(labels);
  const flipped = { ...task, truth: task.truth.map((label) => 1 - label) };
  const [first, second] = [await probeRow('a', task, extract, 0), await probeRow('a', flipped, extract, 0)];
  assert.equal(second.probe, first.probe);
  assert.not.equal(first.row.accuracy, 0.5);
  assert.ok(Math.abs(first.row.accuracy + second.row.accuracy - 1) < 1e-12);
  const supervised = [
    await supervisedRow(engine, task, supervision),
    await supervisedRow(engine, flipped, supervision),
  ];
  assert.ok(Math.abs(supervised[0]!.accuracy + supervised[1]!.accuracy - 1) < 1e-12);
});

// Labels drawn apart from the images: whatever a method does without the held-out classes, each of its guesses is
// right with probability one half. Four standard deviations of 200 such guesses are 0.14.
test('labels that have nothing to do with the images give accuracy at chance', async () => {
  const random = new Random(11);
  const task = taskWith(Int32Array.from({ length: count }, () => random.integer(2)));
  const rows = [
    (await probeRow('probe', task, extract, 0)).row,
    await randomFeaturesRow(engine, task, encoderOptions, { ...shape, batch: 8 }, 2),
    await supervisedRow(engine, task, supervision),
    majorityRow(task),
  ];
  for (const { method, accuracy } of rows)
    assert.ok(Math.abs(accuracy - 0.5) < 0.14, `${method}: ${accuracy}`);
});

test('random features are drawn by the seed alone', async () => {
  const row = (seed: number) =>
    randomFeaturesRow(engine, taskWith(labels), encoderOptions, { ...shape, batch: 8 }, seed);
  const first = await row(2);
  assert.equal(await row(2), first);
  assert.is(first.method, 'probe on random features');
});

test('the majority row guesses the most frequent given class, not the most frequent held-out one', () => {
  const classOf = Int32Array.from({ length: count }, (_, image) =>
    image < 40 ? Number(image < 25) : Number(image < 90),
  );
  const { accuracy } = majorityRow(taskWith(classOf));
  // Given: 25 of class 1 and 15 of class 0. Held-out: 50 of class 1 and 150 of class 0.
  assert.is(accuracy, 0.25);
});

test.after(() => engine.destroy());
test.run();
