import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type LabellingFacts, networkBatch, planLabelling } from '../../src/app/plan/labelling_plan.ts';
import { stepShare } from '../../src/app/plan/training_plan.ts';
import { labellingSettings } from '../../src/app/settings/common.ts';
import { resolveSettings } from '../../src/app/settings/resolve.ts';
import type { Capabilities } from '../../src/gpu/device.ts';
import { multiplyAdds } from '../../src/nn/multiply_adds.ts';
import { resnet } from '../../src/nn/resnet/resnet.ts';

const open = resolveSettings(labellingSettings, {});
const encoder = { depth: 18, width: 8, stem: 'cifar' } as const;
const patience = 100;

/** Operations of a training step of the network at 16 pixels. */
const stepFlops = 6 * networkBatch * multiplyAdds(resnet(encoder), 16);

/** An adapter on which one training on 300 labels, of 563 steps, takes so many seconds. */
const facts = (seconds: number, more: Partial<LabellingFacts> = {}): LabellingFacts => ({
  labelled: 300,
  heldOut: 400,
  scratch: { encoder, imageSize: 16 },
  starts: [{ encoder, imageSize: 16 }],
  patience,
  speed: {
    flops: (563 * stepFlops) / (stepShare('llvmpipe', { width: 8, stem: 'cifar' }) * seconds),
    bandwidth: 1e9,
  },
  capabilities: { driver: 'llvmpipe' } as Capabilities,
  ...more,
});

test('methods are left out, then folds, then steps, and only then is a network scored without folds', () => {
  const chosen = (seconds: number) => {
    const { omitted, folds, steps, networksHeldOutOnly } = planLabelling(open, facts(seconds));
    return { omitted, folds, steps, networksHeldOutOnly };
  };
  const whole = { networksHeldOutOnly: false, steps: 563 };
  assert.equal(chosen(2), { ...whole, omitted: [], folds: 5 });
  assert.equal(chosen(8), { ...whole, omitted: ['selftrain'], folds: 5 });
  assert.equal(chosen(12), { ...whole, omitted: ['selftrain'], folds: 3 });
  assert.equal(chosen(24.9), { ...whole, omitted: ['finetune', 'selftrain'], folds: 3 });
  const short = chosen(50);
  assert.is(short.networksHeldOutOnly, false);
  // Four trainings in a hundred seconds: half the steps of those that take fifty.
  assert.ok(Math.abs(short.steps - 563 / 2) <= 1, `${short.steps}`);
  assert.equal(chosen(200), {
    networksHeldOutOnly: true,
    steps: 563,
    omitted: ['finetune', 'selftrain'],
    folds: 3,
  });
});

test('fine-tuning costs what the encoders cost that it goes on from', () => {
  const large = { encoder: { ...encoder, width: 16 }, imageSize: 32 };
  assert.ok(planLabelling(open, facts(8, { starts: [large] })).omitted.includes('finetune'));
  assert.not.ok(planLabelling(open, facts(8, { starts: [] })).omitted.includes('finetune'));
});

test('a first look takes fewer steps', () => {
  const { steps, wantedSteps } = planLabelling(open, facts(2, { mostSteps: 150 }));
  assert.equal([steps, wantedSteps], [150, 563]);
  assert.is(planLabelling({ ...open, steps: 400 }, facts(2, { mostSteps: 150 })).steps, 400);
});

test('steps that the user asks for are not shortened', () => {
  const { steps, networksHeldOutOnly } = planLabelling({ ...open, steps: 563 }, facts(50));
  assert.is(steps, 563);
  assert.ok(networksHeldOutOnly);
});

test.run();
