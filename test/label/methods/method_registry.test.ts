import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Engine } from '../../../src/autograd/engine.ts';
import { presets } from '../../../src/data/policy.ts';
import type { ImageStream } from '../../../src/data/sources/image_stream.ts';
import {
  createMethods,
  type LabellingMethodName,
  labellingMethods,
  type NetworkTraining,
} from '../../../src/label/methods/method_registry.ts';
import type { FeatureOrigin } from '../../../src/label/scan/features.ts';
import { chooseTask } from '../../../src/label/task.ts';
import { pixelScale } from '../../../src/ops/augment.ts';

const architecture = { depth: 18, width: 1, stem: 'cifar' } as const;
const bare: FeatureOrigin = { name: 'file' };
const withEncoder: FeatureOrigin = {
  name: 'SimCLR',
  recipe: { imageSize: 8, normalise: pixelScale },
  encoder: { architecture, tensors: new Map() },
};
const networks: NetworkTraining = {
  // Methods open their trainers at the first fit, and none of these is fitted.
  engine: {} as Engine,
  pool: { pixels: new Uint8Array(), size: 8, positions: new Int32Array(10) },
  architecture,
  imageSize: 8,
  policy: presets.weak,
  batch: 4,
  steps: 10,
  heldOutOnly: false,
  fineTuning: { part: 'whole' },
};
/** Read by what is fitted. */
const stream = {} as ImageStream;
const labels = Int32Array.from({ length: 10 }, (_, i) => i % 2);
const known = { classes: ['a', 'b'], labels };

async function namesOf(
  origins: readonly FeatureOrigin[],
  wanted: readonly LabellingMethodName[],
  more: { networks?: NetworkTraining; given?: Int32Array } = {},
): Promise<string[]> {
  const starts = origins.map((origin) => ({ values: new Float32Array(20), columns: 2, origin }));
  const { given = labels.map((label, i) => (i < 5 ? label : -1)) } = more;
  const task = chooseTask(known, { given, seed: 0 });
  const groups = Int32Array.from(labels.keys());
  const { networks } = more;
  const methods = await createMethods({ stream, task, starts, groups, networks, seed: 0 }, wanted);
  return methods.map(({ name }) => name);
}

/** Random features need a real engine. */
const others = labellingMethods.filter((name) => name !== 'random');

test('every method is made once for each start that has what it takes, in the order of the table', async () => {
  assert.equal(await namesOf([withEncoder, bare], others, { networks }), [
    'SimCLR + probe',
    'SimCLR + fine-tuning',
    'SimCLR + self-training',
    'kNN on SimCLR features',
    'file + probe',
    'kNN on file features',
    'supervised from scratch',
    'majority class',
  ]);
  assert.equal(await namesOf([bare], ['majority', 'knn'], { networks }), [
    'kNN on file features',
    'majority class',
  ]);
});

test('where nothing can be trained on pixels, no method trains a network', async () => {
  assert.equal(await namesOf([withEncoder], labellingMethods), [
    'SimCLR + probe',
    'kNN on SimCLR features',
    'majority class',
  ]);
});

test('without an image that lacks a label there is nothing to self-train on', async () => {
  assert.equal(await namesOf([withEncoder], ['selftrain', 'finetune'], { networks, given: labels }), [
    'SimCLR + fine-tuning',
  ]);
});

test.run();
