import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import type { SelfTrainingOptions } from '../../src/classifier/self_training.ts';
import { ClassifierTrainer } from '../../src/classifier/trainer.ts';
import { presets } from '../../src/data/policy.ts';
import { side, stripes } from '../pretext/tiny.ts';
import { right } from './support.ts';

const engine = await Engine.create();
const count = 200;
const { pixels, labels } = stripes(count);
const numbers = Int32Array.from({ length: count }, (_, i) => i);
// Six labelled images, three of each class, 114 without labels, and 80 that only score.
const labelled = { images: numbers.slice(0, 6), labels: labels.slice(0, 6) };
const unlabelled = numbers.slice(6, 120);
const queries = numbers.slice(120);
const truth = queries.map((image) => labels[image]!);

const open = (selfTraining?: SelfTrainingOptions, stored = pixels) =>
  ClassifierTrainer.create(
    engine,
    { pixels: stored, size: side, classes: 2 },
    {
      encoder: { depth: 18, width: 4, stem: 'cifar' },
      imageSize: side,
      batch: 8,
      learningRate: 0.05,
      encoderRate: 1,
      optimizer: { name: 'sgd', momentum: 0.9, weightDecay: 5e-4 },
      policy: presets.weak,
      ...(selfTraining && { selfTraining }),
    },
  );

async function logitsOf(trainer: ClassifierTrainer, seed: number, steps: number): Promise<Float32Array> {
  const run = { seed, steps, snapshots: [steps], queries };
  return (await trainer.fit({ ...labelled, unlabelled }, run)).snapshots[0]!.logits;
}

test('unlabelled images make six labels worth more, and a seed still says all', async () => {
  const [supervised, selfTrained] = [await open(), await open({})];
  const gains: number[] = [];
  for (const seed of [1, 2, 3]) {
    const alone = right(await logitsOf(supervised, seed, 60), truth);
    const helped = right(await logitsOf(selfTrained, seed, 60), truth);
    gains.push(helped - alone);
  }
  assert.ok(gains.reduce((a, b) => a + b) > 0, `gains ${gains.join(', ')}`);
  const short = await logitsOf(selfTrained, 4, 5);
  await logitsOf(selfTrained, 5, 5);
  assert.equal(await logitsOf(selfTrained, 4, 5), short);
  supervised.destroy();
  selfTrained.destroy();
});

test('a threshold that nothing meets: guesses weigh nothing; one that all meet: they do', async () => {
  const results: Float32Array[] = [];
  for (const [threshold, weight] of [
    [1, 1],
    [1, 5],
    [0, 1],
  ] as const) {
    const trainer = await open({ thresholds: [threshold, threshold], weight });
    results.push(await logitsOf(trainer, 1, 5));
    trainer.destroy();
  }
  const [none, noneHeavier, all] = results;
  assert.equal(none, noneHeavier);
  assert.not.equal(all, none);
});

for (const selfTraining of [undefined, {}]) {
  const name = selfTraining ? 'a classifier that trains itself' : 'a classifier';
  test(`${name} learns the same bytes from images too many for one buffer, whose batches are uploaded`, async () => {
    const capabilities = engine.gpu.capabilities as { maxBindingBytes: number };
    const limit = capabilities.maxBindingBytes;
    // Behind the images that are learnt from so many others that no other buffer is as large.
    const many = new Uint8Array(4 * 2 ** 20);
    many.set(pixels);
    const resident = await open(selfTraining, many);
    const expected = await logitsOf(resident, 1, 3);
    resident.destroy();
    capabilities.maxBindingBytes = many.length - 1;
    const streamed = await open(selfTraining, many).finally(() => {
      capabilities.maxBindingBytes = limit;
    });
    assert.equal(await logitsOf(streamed, 1, 3), expected);
    streamed.destroy();
  });
}

test('without unlabelled images it says so', async () => {
  const trainer = await open({});
  const message = await trainer.fit(labelled, { seed: 1, steps: 1 }).then(String, String);
  assert.match(message, /no image to draw/);
  trainer.destroy();
});

test.after(() => engine.destroy());
test.run();
