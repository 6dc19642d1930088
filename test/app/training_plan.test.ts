import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { demoPlan } from '../../src/app/plan/demo_plan.ts';
import { requireNetwork } from '../../src/app/plan/network_plan.ts';
import { planTraining, stepShare, type TrainingSettings } from '../../src/app/plan/training_plan.ts';
import { pretextSettings } from '../../src/app/settings/common.ts';
import { dataSettings } from '../../src/app/settings/data.ts';
import { resolveSettings } from '../../src/app/settings/resolve.ts';
import type { Capabilities } from '../../src/gpu/device.ts';
import type { EncoderOptions } from '../../src/nn/family_registry.ts';
import { multiplyAdds } from '../../src/nn/multiply_adds.ts';
import { resnet } from '../../src/nn/resnet/resnet.ts';

const drivers = ['llvmpipe', 'swiftshader', 'gpu'] as const;
const demo: TrainingSettings = resolveSettings({ ...dataSettings, ...pretextSettings }, {});
const open: TrainingSettings = { ...demo, data: 'cifar10:photos' };

/** The plan of an adapter of so many multiply-adds and additions a second, which is all that it is asked for. */
const planned = (
  driver: Capabilities['driver'],
  gigaflops: number,
  options: Partial<TrainingSettings> = {},
) =>
  planTraining({ ...open, ...options }, { driver } as Capabilities, {
    flops: 1e9 * gigaflops,
    bandwidth: 1e10,
  });

const share = (driver: Capabilities['driver'], width: number) => stepShare(driver, { width, stem: 'cifar' });

/** Two views forward, and twice that backward; a multiply-add is two operations. */
const flopsOfPair = (width: number, side: number) =>
  12 * multiplyAdds(resnet({ depth: 18, width, stem: 'cifar' }), side);

test('a width between two that were measured has the share of the narrower one; beyond them, of the nearest', () => {
  for (const driver of drivers) {
    assert.is(share(driver, 1024), share(driver, 64));
    assert.is(share(driver, 63), share(driver, 32));
    assert.is(share(driver, 17), share(driver, 16));
    assert.is(share(driver, 2), share(driver, 8));
    for (const width of [8, 16, 32, 64]) {
      const own = share(driver, width);
      assert.ok(own > 0 && own < 1 && own <= share(driver, 2 * width), `${driver}, ${width}`);
    }
  }
});

test('the side that is chosen is one that may be asked for, also of smaller and of larger images', () => {
  const { min, max } = dataSettings.imageSize.kind;
  for (const driver of drivers) {
    for (const native of [1, 4, 8, 9, 15, 16, 32, 33, 224, 2000]) {
      const { imageSize } = planTraining(
        open,
        { driver } as Capabilities,
        { flops: 1e12, bandwidth: 1e10 },
        undefined,
        native,
      );
      assert.ok(imageSize >= min && imageSize <= max, `${native} pixels on ${driver}: ${imageSize}`);
    }
  }
});

test('the width is the widest that sees 35,000 pairs in its time, and at least 8', () => {
  for (const driver of drivers) {
    const chosen = new Set<number>();
    for (let gigaflops = 1; gigaflops < 1e5; gigaflops *= 1.5) {
      const { encoder, imageSize, pairs } = planned(driver, gigaflops);
      const seconds = driver === 'gpu' ? 1800 : 120;
      const sees = (width: number) =>
        (seconds * share(driver, width) * 1e9 * gigaflops) / flopsOfPair(width, imageSize);
      const enough = [8, 16, 32, 64].filter((width) => sees(width) >= 35_000);
      assert.is(encoder.width, Math.max(8, ...enough), `${driver} at ${gigaflops} GFLOP/s`);
      assert.ok(Math.abs(pairs / sees(encoder.width!) - 1) < 1e-12);
      chosen.add(encoder.width!);
    }
    assert.equal([...chosen], [8, 16, 32, 64]);
  }
});

test('two processor cores, whose measured speed varies by a tenth, always get the same width', () => {
  const widths = [98, 106, 121, 131].map((gigaflops) => planned('llvmpipe', gigaflops).encoder.width);
  assert.equal(widths, [16, 16, 16, 16]);
});

test('minutes are worth what speed is, and what the user gives stays', () => {
  assert.equal(planned('llvmpipe', 80, { minutes: 4 }), planned('llvmpipe', 160));
  const given = { width: 12, stem: 'imagenet', imageSize: 24, batch: 50, limit: 70, testLimit: 9 } as const;
  const { encoder, ...sizes } = planned('llvmpipe', 80, given);
  assert.equal(encoder, { depth: 18, width: 12, stem: 'imagenet' });
  assert.is(sizes.imageSize, 24);
  assert.is(sizes.batch, 50);
  assert.is(sizes.limit, 70);
  assert.is(sizes.testLimit, 9);
});

test('a slow adapter sees fewer images twenty times, unless the epochs are given; a graphics card sees all', () => {
  const { limit, pairs, testLimit } = planned('llvmpipe', 90);
  assert.is(limit, Math.floor(pairs / 20));
  assert.is(testLimit, 1000);
  assert.is(planned('llvmpipe', 1).limit, 768);
  assert.is(planned('llvmpipe', 90, { epochs: 3 }).limit, undefined);
  const { limit: most, testLimit: heldOut } = planned('gpu', 1e4);
  assert.equal([most, heldOut], [undefined, undefined]);
});

test('the demo is small enough for all of it, in minutes of its own, unless the user says otherwise', () => {
  const { limit, testLimit, pairs } = planned('swiftshader', 30, demo);
  assert.equal([limit, testLimit], [undefined, undefined]);
  assert.is(pairs, planned('swiftshader', 30, { ...open, minutes: demoPlan.minutes }).pairs);
  const given = planned('swiftshader', 30, { ...demo, limit: 70, testLimit: 9, minutes: 3 });
  assert.equal([given.limit, given.testLimit], [70, 9]);
  assert.is(given.pairs, planned('swiftshader', 30, { ...open, minutes: 3 }).pairs);
});

test('a ViT has whole patches at any side, at most 14 along it where they can be divided so, and a width of its own', () => {
  const plan = (options: Partial<TrainingSettings>) =>
    planned('llvmpipe', 1e5, { family: 'vit', ...options }).encoder;
  const of = (imageSize: number) => plan({ imageSize });
  assert.equal(of(32), { family: 'vit', patch: 4, grid: 8, width: 192, depth: 6 });
  assert.equal(of(224), { family: 'vit', patch: 16, grid: 14, width: 192, depth: 6 });
  assert.equal(of(65), { family: 'vit', patch: 5, grid: 13, width: 192, depth: 6 });
  const own = { patch: 8, blocks: 3, width: 96, imageSize: 32 };
  assert.equal(plan(own), { family: 'vit', patch: 8, grid: 4, width: 96, depth: 3 });
  // Three heads of 200 channels would not be of whole fours.
  assert.equal(plan({ ...own, width: 200 }), {
    family: 'vit',
    patch: 8,
    grid: 4,
    width: 200,
    depth: 3,
    heads: 2,
  });
  assert.throws(() => plan({ ...own, patch: 5 }), /no whole number of patches of 5: let .* divide/);
  assert.throws(() => plan({ ...own, width: 98 }), /no multiple of four, .*: take 100$/);
});

test('settings of another family, and f16 of a ViT, are refused', () => {
  const check = (options: Partial<TrainingSettings>, start?: EncoderOptions) => () =>
    requireNetwork({ ...open, ...options }, start);
  assert.throws(check({ patch: 4 }), /is of another family of encoders than resnet/);
  assert.throws(check({ family: 'vit', stem: 'cifar' }), /is of another family of encoders than vit/);
  assert.throws(check({ family: 'vit', precision: 'f16' }), /is for ResNets: a ViT is trained in f32/);
  assert.throws(check({ precision: 'f16' }, { family: 'vit', patch: 4, grid: 8 }), /a ViT is trained in f32/);
  check({ precision: 'f16', stem: 'cifar' })();
});

test.run();
