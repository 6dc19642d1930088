import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import {
  type ClassifierOptions,
  type ClassifierRun,
  type ClassifierTask,
  ClassifierTrainer,
} from '../../src/classifier/trainer.ts';
import { presets } from '../../src/data/policy.ts';
import { featureExtractor } from '../../src/encoder/feature_extractor.ts';
import { createEncoder } from '../../src/nn/encoder.ts';
import { architectureOf } from '../../src/nn/family_registry.ts';
import { fitProbe, predictProbe, probeHead } from '../../src/numerics/probe/probe.ts';
import { side, stripes } from '../pretext/tiny.ts';
import { predicted, right } from './support.ts';

const engine = await Engine.create();
const count = 120;
const { pixels, labels } = stripes(count);
// The first forty are labelled, every second image of either class; the others are asked about.
const numbers = Int32Array.from({ length: count }, (_, i) => i);
const [images, queries] = [numbers.slice(0, 40), numbers.slice(40)];
const labelled: ClassifierTask = { images, labels: labels.slice(0, 40) };
const truth = queries.map((image) => labels[image]!);

const options: ClassifierOptions = {
  encoder: { depth: 18, width: 4, stem: 'cifar' },
  imageSize: side,
  batch: 16,
  learningRate: 0.05,
  encoderRate: 1,
  optimizer: { name: 'sgd', momentum: 0.9, weightDecay: 5e-4 },
  policy: presets.weak,
};
const data = { pixels, size: side, classes: 2 };
const trainer = await ClassifierTrainer.create(engine, data, options);

const train = async (run: Partial<ClassifierRun>, task = labelled) => {
  const { steps = 10, ...rest } = run;
  const whole = { seed: 1, steps, snapshots: [steps], queries, ...rest };
  return (await trainer.fit(task, whole)).snapshots.map(({ logits }) => logits);
};

test('learns from few labels what tells the classes of other images, and tells how far it is', async () => {
  const seen: [number, number][] = [];
  const [logits] = await train({ steps: 60, onProgress: (done, total) => seen.push([done, total]) });
  const accuracy = right(logits!, truth);
  assert.ok(accuracy > 0.9, `accuracy ${accuracy}`);
  assert.equal(
    seen,
    Array.from({ length: 60 }, (_, step) => [step + 1, 60]),
  );
});

test('a network that a training breaks is refused, though ReLUs make numbers of its NaN, and the next one is whole', async () => {
  await train({ steps: 1 });
  const weights = await trainer.weights();
  const name = 'layer1.0.conv1.weight';
  const broken = new Map([...weights, [name, weights.get(name)!.with(3, Number.NaN)]]);
  const problem = await train({ steps: 2, weights: broken }).then(
    () => 'went on',
    (error: Error) => error.message,
  );
  assert.match(
    problem,
    /^a network that was trained on labels diverged: its tensor '[^']+' is broken, .* not finite/,
  );
  await train({ steps: 1, weights });
});

test('a step that the adapter’s buffers do not hold takes fewer images', async () => {
  const capabilities = engine.gpu.capabilities as { maxBindingBytes: number };
  const limit = capabilities.maxBindingBytes;
  const imageSize = 4 * side;
  // The first activations of thirty images: with two unlabelled images for each labelled one, sixteen need those of 48.
  capabilities.maxBindingBytes = 30 * 4 * 4 * imageSize ** 2;
  try {
    const small = await ClassifierTrainer.create(engine, data, { ...options, imageSize, selfTraining: {} });
    const run = { seed: 1, steps: 2, snapshots: [2], queries };
    const { snapshots } = await small.fit({ ...labelled, unlabelled: queries }, run);
    assert.ok(snapshots[0]!.logits.every(Number.isFinite));
    small.destroy();
  } finally {
    capabilities.maxBindingBytes = limit;
  }
});

test('labels that say nothing teach nothing', async () => {
  // As many of either label in both classes.
  const blind = images.map((image) => (image >> 1) % 2);
  const [logits] = await train({ steps: 60 }, { images, labels: blind });
  const accuracy = right(logits!, truth);
  // Four standard deviations of 80 throws of a coin.
  assert.ok(Math.abs(accuracy - 0.5) < 4 * Math.sqrt(0.25 / 80), `accuracy ${accuracy}`);
});

test('a run says all: the same bytes whatever was fitted before, others for another seed', async () => {
  const [first] = await train({});
  const weights = await trainer.weights();
  await train({ seed: 2 }, { images: images.slice(7), labels: labelled.labels.slice(7) });
  const [again] = await train({});
  assert.equal(again, first);
  assert.equal([...(await trainer.weights())], [...weights]);
  assert.not.equal((await train({ seed: 2 }))[0], first);
});

test('which images are asked about changes nothing for each, nor does when', async () => {
  const some = queries.filter((_, i) => i % 3 === 0).reverse();
  const [, early, whole] = await train({ snapshots: [0, 4, 10] });
  const [part] = await train({ queries: some, snapshots: [4], until: 4 });
  const rows = (logits: Float32Array, image: number) => {
    const row = queries.indexOf(image);
    return [...logits.subarray(2 * row, 2 * row + 2)];
  };
  assert.equal(
    [...part!],
    [...some].flatMap((image) => rows(early!, image)),
  );
  await train({ snapshots: [] });
  assert.equal(await trainer.logits(queries), whole);
});

test('what a fit ended with, another can start from', async () => {
  const [ended] = await train({});
  const start = { weights: await trainer.weights(), head: await trainer.head() };
  assert.equal((await train({ steps: 0, seed: 5, ...start }))[0], ended);
  assert.not.equal((await train({ steps: 0, seed: 5 }))[0], ended);
  const incomplete = new Map(start.weights);
  incomplete.delete('bn1.bias');
  const message = await train({ weights: incomplete }).then(String, String);
  assert.match(message, /lack the tensor 'bn1\.bias'/);
  // A last layer divides by no length.
  const unit = { ...start.head, unitLength: true } as const;
  assert.match(await train({ ...start, head: unit }).then(String, String), /length 1 is no linear layer/);
});

test('before any step, an encoder and the probe on its features give the probe’s logits', async () => {
  const parameters = engine.parameters();
  const encoder = createEncoder({ parameters, seed: 9 }, architectureOf(options.encoder));
  const shape = { pixels, sourceSize: side, imageSize: side, batch: 16 };
  const extract = await featureExtractor(engine, encoder, shape);
  const probe = fitProbe(await extract(images), labelled.labels, 3, { seed: 0, scalings: ['standardised'] });
  const expected = predictProbe(probe, await extract(queries)).logits;
  const weights = await parameters.read();
  extract.destroy();
  parameters.destroy();

  const three = await ClassifierTrainer.create(engine, { ...data, classes: 3 }, options);
  const head = probeHead(probe);
  const run = { seed: 1, steps: 20, snapshots: [0, 20], queries, weights, head };
  const [start, end] = (await three.fit(labelled, run)).snapshots;
  three.destroy();
  // Folding the standardisation into the layer cancels digits of logits of order ten.
  expected.forEach((logit, i) => {
    const actual = start!.logits[i]!;
    if (i % 3 === 2) assert.ok(logit === -Infinity && actual < Math.min(...start!.logits.slice(i - 2, i)));
    else assert.ok(Math.abs(actual - logit) < 1e-3, `logit ${i} is ${actual}, the probe says ${logit}`);
  });
  // The class that no image was labelled with stays possible to write down, and is never predicted.
  assert.ok(end!.logits.every(Number.isFinite));
  assert.ok(predicted(end!.logits, 3).every((label) => label !== 2));
});

test('an encoder rate of 0 trains the head alone', async () => {
  const frozen = await ClassifierTrainer.create(engine, data, { ...options, encoderRate: 0 });
  await frozen.fit(labelled, { seed: 1, steps: 0 });
  const [weights, head] = [await frozen.weights(), await frozen.head()];
  await frozen.fit(labelled, { seed: 1, steps: 5 });
  for (const [name, values] of await frozen.weights()) {
    if (name.includes('running')) assert.not.equal(values, weights.get(name), name);
    else assert.equal(values, weights.get(name), name);
  }
  assert.not.equal(await frozen.head(), head);
  frozen.destroy();
});

test('fewer labelled images than a batch come again in it', async () => {
  const few = { images: images.slice(0, 3), labels: labelled.labels.slice(0, 3) };
  const [logits] = await train({ steps: 2 }, few);
  assert.is(logits!.length, 2 * queries.length);
  assert.ok(logits!.every(Number.isFinite));
});

test('evaluation by running statistics agrees with what training saw', async () => {
  await train({ steps: 60 });
  const known = right(await trainer.logits(images), labelled.labels);
  assert.ok(known > 0.9, `${known} of the labelled images are recognised`);
});

test('stops with the reason of its signal, or of a callback that throws', async () => {
  const abort = new AbortController();
  let steps = 0;
  const onProgress = () => {
    if (++steps === 4) abort.abort(new Error('enough'));
  };
  const reason = await train({ onProgress, signal: abort.signal }).catch((error: Error) => error.message);
  assert.is(reason, 'enough');
  assert.is(steps, 4);
  const thrown = await train({
    onProgress: () => {
      throw new Error('stopped');
    },
  }).catch((error: Error) => error.message);
  assert.is(thrown, 'stopped');
});

test('GPU memory: the same after twenty fits, all given back with the trainer', async () => {
  const before = { ...engine.gpu.allocated };
  for (let i = 0; i < 20; i++) await train({ steps: 1, seed: i });
  assert.equal({ ...engine.gpu.allocated }, before);
  const second = await ClassifierTrainer.create(engine, data, { ...options, selfTraining: {} });
  await second.fit({ ...labelled, unlabelled: queries }, { seed: 1, steps: 1 });
  assert.ok(engine.gpu.allocated.bytes > before.bytes);
  second.destroy();
  assert.equal({ ...engine.gpu.allocated }, before);
});

test.after(() => engine.destroy());
test.run();
