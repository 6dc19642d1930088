import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import type { TrainingOptions } from '../../src/cli/options.ts';
import { plan } from '../../src/cli/plan.ts';
import { resumedOptions, resumedPlan } from '../../src/cli/resume.ts';
import { describePretext, pretextSettings } from '../../src/cli/training.ts';
import { presets } from '../../src/data/policy.ts';
import { tinyData } from '../pretext/tiny.ts';

const engine = await Engine.create();
const { capabilities } = engine.gpu;
const options: TrainingOptions = {
  data: 'images',
  method: 'simclr',
  depth: '18',
  seed: 0,
  momentum: 0.9,
  precision: 'f32',
};
/** Of an adapter that affords more, or less. */
const sizesAt = (given: TrainingOptions, flops: number) =>
  plan(given, capabilities, { flops, bandwidth: 1e10 });
/** Forty images, the first twenty of them with labels. */
const data = (() => {
  const all = tinyData(40);
  return { ...all, labels: all.labels.map((label, i) => (i < 20 ? label : -1)) };
})();
const settingsOf = (given: TrainingOptions, flops = 1e11) =>
  pretextSettings({ engine, options: given, chosen: sizesAt(given, flops) }, data);

test('a chunk stands in the settings where it is smaller than the batches that the labels fill', () => {
  const supcon = { ...options, method: 'supcon', batch: 32 } as const;
  for (const given of [supcon, { ...supcon, chunk: 20 }, { ...supcon, chunk: 32 }]) {
    const settings = settingsOf(given);
    assert.not('chunk' in settings);
    assert.match(describePretext(40, settings), /batches of 32$/);
  }
  assert.match(describePretext(40, settingsOf({ ...supcon, chunk: 10 })), /batches of 32 in chunks of 10$/);
});

test('on resume every size and setting that the user leaves open is the run’s, and what they give is theirs', () => {
  const settings = {
    ...settingsOf({ ...options, chunk: 2, optimizer: 'lars', policy: '{"flip":0.25}', temperature: 0.7 }),
    ...{ batch: 12, epochs: 77, learningRate: 0.033, warmupEpochs: 3, projection: [24, 6] },
    encoder: { depth: 18, width: 12, stem: 'imagenet' },
    imageSize: 24,
  } as const;
  // Every setting is unlike what is chosen here.
  const fresh = settingsOf(options);
  for (const name of [
    'encoder',
    'batch',
    'epochs',
    'temperature',
    'policy',
    'projection',
    'optimizer',
  ] as const)
    assert.not.equal(settings[name], fresh[name], name);
  const started = { options: {}, limits: { pool: 40 }, settings: JSON.parse(JSON.stringify(settings)) };
  const resumed = resumedOptions(options, 'run', started);
  for (const flops of [1e8, 1e15]) assert.equal(settingsOf(resumed, flops), settings);
  const chosen = resumedPlan(sizesAt(resumed, 1e8), resumed, started);
  assert.equal([chosen.limit, chosen.testLimit, chosen.imageSize], [40, undefined, 24]);
  assert.is(resumedPlan(chosen, { ...resumed, limit: 7 }, started).limit, 7);

  const other = { ...options, batch: 9, width: 16, policy: 'none' };
  const changed = settingsOf(resumedOptions(other, 'run', started));
  assert.equal([changed.batch, changed.encoder.width, changed.policy], [9, 16, presets.none]);
  assert.is(changed.epochs, 77);
});

test('a run whose batches were whole is resumed with whole batches', () => {
  const settings = settingsOf({ ...options, batch: 8, width: 4, epochs: 2 });
  const started = { options: {}, limits: {}, settings: JSON.parse(JSON.stringify(settings)) };
  const resumed = resumedOptions(options, 'run', started);
  assert.is(resumed.chunk, 8);
  assert.equal(settingsOf(resumed), settings);
});

test('other minutes than the run was started with are refused, the same ones are not', () => {
  const settings = JSON.parse(JSON.stringify(settingsOf(options)));
  const started = (minutes?: number) => ({ options: minutes ? { minutes } : {}, limits: {}, settings });
  const resume = (minutes: number, before?: number) =>
    resumedOptions({ ...options, minutes }, 'run', started(before));
  assert.is(resume(3, 3).epochs, settings.epochs);
  assert.throws(
    () => resume(3, 2),
    'the run in run was started with --minutes 2, not with --minutes 3: leave',
  );
  assert.throws(() => resume(3), 'started without --minutes, not with --minutes 3');
});

test.after(() => engine.destroy());
test.run();
