import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { planLabelling } from '../../src/app/plan/labelling_plan.ts';
import type { PlannedNetwork } from '../../src/app/plan/training_plan.ts';
import { keptSettings } from '../../src/app/settings/jobs.ts';
import { resolveSettings } from '../../src/app/settings/resolve.ts';
import type { Capabilities } from '../../src/gpu/device.ts';

const settings = resolveSettings(keptSettings, { data: 'images' });
const small: PlannedNetwork = { encoder: { depth: 18, width: 8, stem: 'cifar' }, imageSize: 16 };
const large: PlannedNetwork = { encoder: { depth: 50, width: 64, stem: 'imagenet' }, imageSize: 224 };
const planned = (starts: readonly PlannedNetwork[], driver: Capabilities['driver'] = 'llvmpipe') =>
  planLabelling(settings, {
    labelled: 40,
    heldOut: 0,
    scratch: small,
    starts,
    speed: { flops: 1e11, bandwidth: 1e10 },
    capabilities: { driver } as Capabilities,
  });

test('fine-tuning costs what its starts cost at the squares that they see, whatever the network from scratch', () => {
  assert.ok(planned([small]).methods.includes('finetune'));
  const { methods, omitted } = planned([small, large]);
  assert.equal([methods.includes('finetune'), methods.includes('supervised')], [false, true]);
  assert.ok(omitted.includes('finetune'));
  assert.ok(planned([small, large], 'gpu').methods.includes('finetune'), 'a graphics card has the time');
});

test.run();
