import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { folderSide } from '../../src/app/inputs/image_source_kind.ts';
import { planTraining, type TrainingSettings } from '../../src/app/plan/training_plan.ts';
import { pretextSettings } from '../../src/app/settings/common.ts';
import { dataSettings } from '../../src/app/settings/data.ts';
import { resolveSettings } from '../../src/app/settings/resolve.ts';
import type { Capabilities } from '../../src/gpu/device.ts';

/** A folder whose images have these widths and heights; undefined: no image. */
function folderOf(sizes: readonly (readonly [number, number] | undefined)[]) {
  let looks = 0;
  const files = {
    join: (...parts: string[]) => parts.join('/'),
    imageSize: async (path: string) => {
      looks++;
      const size = sizes[Number(path.slice('photos/'.length))];
      if (!size) throw new Error('not an image');
      return { width: size[0], height: size[1] };
    },
  };
  const paths = sizes.map((_, i) => `${i}`);
  return { side: () => folderSide(files, 'photos', paths), looks: () => looks };
}

test('a folder is read at the smallest of few sides that the middle one of its images fills', async () => {
  for (const [shorter, side] of [
    [8, 32],
    [28, 32],
    [32, 32],
    [33, 48],
    [48, 48],
    [49, 64],
    [64, 64],
    [4000, 64],
  ] as const) {
    const found = await folderOf([
      [3 * shorter, shorter],
      [shorter, shorter],
      [shorter, 2 * shorter],
    ]).side();
    assert.equal(found, { side, median: shorter });
  }
});

test('the median decides, not a few large or small ones, and files that are no images do not count', async () => {
  const found = await folderOf([
    [28, 28],
    undefined,
    [28, 30],
    [2000, 3000],
    undefined,
    [28, 28],
    [5, 5],
  ]).side();
  assert.equal(found, { side: 32, median: 28 });
  assert.is(await folderOf([undefined, undefined]).side(), undefined);
  assert.is(await folderOf([]).side(), undefined);
});

test('of a large folder a sample is looked at, spread over all of it', async () => {
  const folder = folderOf(Array.from({ length: 10_000 }, (_, i) => (i < 4000 ? [300, 400] : [28, 28])));
  assert.equal(await folder.side(), { side: 32, median: 28 });
  assert.is(folder.looks(), 200);
});

test('the network sees a folder at the side of its images, unless the user or the start say otherwise', () => {
  const open: TrainingSettings = resolveSettings({ ...dataSettings, ...pretextSettings }, { data: 'photos' });
  for (const driver of ['llvmpipe', 'gpu'] as const) {
    const plan = (options: Partial<TrainingSettings>, ...more: [start?: undefined, native?: number]) =>
      planTraining(
        { ...open, ...options },
        { driver } as Capabilities,
        { flops: 1e11, bandwidth: 1e10 },
        ...more,
      );
    assert.is(plan({}, undefined, 32).imageSize, 32);
    assert.is(plan({}, undefined, 48).imageSize, 48);
    assert.is(plan({}).imageSize, 64);
    assert.is(plan({ imageSize: 24 }, undefined, 32).imageSize, 24);
    // A quarter of the pixels, a quarter of the work: as many more pairs in the same time.
    const width = { width: 16, stem: 'cifar' } as const;
    const ratio = plan(width, undefined, 32).pairs / plan(width).pairs;
    assert.ok(ratio > 3.9 && ratio < 4.1, `${ratio}`);
  }
});

test.run();
