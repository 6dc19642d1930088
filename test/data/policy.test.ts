import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { presets, resolvePolicy } from '../../src/data/policy.ts';
import { named, sentence } from '../../src/errors.ts';
import { assertUserError } from './temporary.ts';

const where = sentence`${named('policy')}`;
const refuse = (text: string) => () => resolvePolicy(text, where);

test('a preset is found by its name, which it carries', () => {
  for (const [name, policy] of Object.entries(presets)) {
    assert.is(resolvePolicy(name, where), policy);
    assert.is(policy.name, name);
  }
});

test('every preset is a policy that its own JSON gives again', () => {
  for (const policy of Object.values(presets)) {
    assert.equal(resolvePolicy(JSON.stringify(policy), where), policy);
  }
});

test('what JSON leaves out is off', () => {
  const { none } = presets;
  assert.equal(resolvePolicy('{}', where), { ...none, name: 'custom' });
  const crop = { scale: [0.5, 0.75], ratio: [1, 1] };
  const text = JSON.stringify({ name: 'mine', crop, flip: 0.25 });
  assert.equal(resolvePolicy(`\n ${text}\n`, where), { ...none, name: 'mine', crop, flip: 0.25 });
});

test('an unknown name is refused with the names that there are', async () => {
  const presetNames =
    /policy: there is no augmentation policy 'strong': give simclr-cifar, simclr-imagenet, demo, weak, none/;
  await assertUserError(refuse('strong'), presetNames);
  await assertUserError(refuse(''), /no augmentation policy ''/);
  // A property that every object has is no preset.
  await assertUserError(refuse('constructor'), /no augmentation policy 'constructor'/);
});

test('JSON that does not parse is refused', async () => {
  await assertUserError(refuse('{"flip": 0.5'), /policy: the augmentation policy is no JSON \(.+\)/);
  await assertUserError(refuse('{\n"flip": half\n}'), /no JSON/);
});

const jitter = { probability: 1, brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 };
const blur = { probability: 1, sigma: [0.1, 2], kernel: 0.1 };
for (const [policy, message] of [
  [{ flip: 1.5 }, /policy: flip must be a number from 0 to 1$/],
  [{ flip: '0.5' }, /policy: flip must be a number from 0 to 1$/],
  [{ greyscale: -0.1 }, /greyscale must be a number from 0 to 1$/],
  [{ crop: { scale: [0.2, 1] } }, /crop\.ratio is missing$/],
  [
    { crop: { scale: [0, 1], ratio: [1, 1] } },
    /crop\.scale.* must be \[low, high\], two numbers from 0\.001 to 1/,
  ],
  [{ crop: { scale: [1, 0.2], ratio: [1, 1] } }, /crop\.scale must be \[low, high\].*the lower one first$/],
  [{ crop: { scale: [0.2], ratio: [1, 1] } }, /crop\.scale.* must be \[low, high\]/],
  [{ crop: { scale: [0.2, 0.5, 1], ratio: [1, 1] } }, /crop\.scale.* must be \[low, high\]/],
  [{ crop: { scale: [0.2, 1], ratio: [1, 20] } }, /crop\.ratio.* from 0\.1 to 10/],
  [{ crop: 0.5 }, /crop must be an object with scale, ratio$/],
  [{ jitter: { ...jitter, hue: 0.6 } }, /jitter\.hue must be a number from 0 to 0\.5$/],
  [{ jitter: { ...jitter, contrast: null } }, /jitter\.contrast must be a number from 0 to 10$/],
  [{ jitter: { ...jitter, gamma: 1 } }, /jitter\.gamma is no field: there are probability, brightness/],
  [{ blur: { ...blur, sigma: [0, 2] } }, /blur\.sigma.* from 0\.01 to 100/],
  [{ blur: { ...blur, kernel: 3 } }, /blur\.kernel must be a number from 0 to 0\.5$/],
  [{ grayscale: 0.2 }, /grayscale is no field: there are name, crop, flip, jitter, greyscale, blur$/],
  [{ name: 3 }, /name must be a text$/],
] as const) {
  test(`refused: ${JSON.stringify(policy)}`, () => assertUserError(refuse(JSON.stringify(policy)), message));
}

test.run();
