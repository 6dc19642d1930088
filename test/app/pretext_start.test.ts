import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readPretextStart } from '../../src/app/inputs/pretext_start.ts';
import { planTraining } from '../../src/app/plan/training_plan.ts';
import { silentReporter } from '../../src/app/reporter.ts';
import { keptSettings } from '../../src/app/settings/jobs.ts';
import { resolveSettings } from '../../src/app/settings/resolve.ts';
import { type Sentence, UserError } from '../../src/errors.ts';
import type { Capabilities } from '../../src/gpu/device.ts';
import { pixelScale } from '../../src/ops/augment.ts';
import type { GivenSettings } from '../../src/setting.ts';
import { weightsFile } from '../encoder/weights_fixture.ts';
import { MemoryFiles } from '../memory_files.ts';

const encoder = { depth: 34, width: 4, stem: 'cifar' } as const;
const files = new MemoryFiles();
await files.writeAtomic('net.safetensors', weightsFile(encoder));
const notes: string[] = [];
const reporter = { ...silentReporter, note: (text: string | Sentence) => notes.push(String(text)) };
const settingsOf = (given: GivenSettings<typeof keptSettings>) =>
  resolveSettings(keptSettings, { data: 'images', ...given });
const read = (given: GivenSettings<typeof keptSettings>) => {
  notes.length = 0;
  return readPretextStart({ files, reporter }, settingsOf(given));
};

test('network, side and normalisation of the run are those of the weights', async () => {
  assert.is(await read({}), undefined);
  const start = (await read({ pretextFrom: 'net.safetensors', width: 4, depth: '34' }))!;
  assert.is(start.name, 'net.safetensors');
  assert.equal(start.encoder, encoder);
  assert.match(notes.join('\n'), 'its recipe is stated nowhere; taken as CIFAR-10 mean and std');
  const said = (await read({
    pretextFrom: 'net.safetensors',
    pretextFromConfig: '{"mean":[0,0,0],"std":[1,1,1],"imageSize":24}',
  }))!;
  assert.equal(said.recipe, { imageSize: 24, normalise: { mean: [0, 0, 0], std: [1, 1, 1] } });
  const plan = (given: GivenSettings<typeof keptSettings>) =>
    planTraining(
      settingsOf(given),
      { driver: 'llvmpipe' } as Capabilities,
      { flops: 1e11, bandwidth: 1e10 },
      { ...said, ...said.recipe },
    );
  assert.equal([plan({}).encoder, plan({}).imageSize], [encoder, 24]);
  assert.is(plan({ imageSize: 40 }).imageSize, 40);
});

test('the shipped encoder is gone on from by its word', async () => {
  const start = (await read({ pretextFrom: 'base' }))!;
  assert.is(start.name, 'base encoder');
  assert.equal(start.recipe.normalise, { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] });
  assert.equal([pixelScale.mean, pixelScale.std], [0.5, 0.25]);
  assert.ok(!notes.join().includes('stated nowhere'));
});

test('settings that contradict the weights or each other are refused, each in a sentence', async () => {
  const from = { pretextFrom: 'net.safetensors' } as const;
  for (const [given, says] of [
    [{ ...from, width: 8 }, /^width 8 contradicts pretextFrom net\.safetensors, which is a ResNet-34/],
    [{ ...from, depth: '18' }, /^depth 18 contradicts .*: leave depth out$/],
    [{ ...from, stem: 'imagenet' }, /^stem imagenet contradicts .*: leave stem out$/],
    [{ ...from, pretext: 'none' }, /^with pretext none nothing is trained that could go on from/],
    [{ pretextFromConfig: '{}' }, /^pretextFromConfig is about the weights of pretextFrom: give both/],
    [{ ...from, pretextFromConfig: '{"stride":3}' }, /^pretextFromConfig: stride must be/],
    [
      { pretextFrom: 'gone.pth' },
      /^there is nothing at pretextFrom gone\.pth: give a weights file, .* base, hf:owner\/name for one of the hub,/,
    ],
  ] as const) {
    const refusal = await read(given).catch((error: unknown) => error);
    assert.instance(refusal, UserError);
    assert.match((refusal as UserError).message, says);
  }
});

test.run();
