import { PNG } from 'pngjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tellElongated } from '../../src/app/inputs/image_shapes.ts';
import { folderSide } from '../../src/app/inputs/image_source_kind.ts';
import { planTraining, type TrainingSettings } from '../../src/app/plan/training_plan.ts';
import { pretextSettings } from '../../src/app/settings/common.ts';
import { dataSettings } from '../../src/app/settings/data.ts';
import { resolveSettings } from '../../src/app/settings/resolve.ts';
import { openStream } from '../../src/data/sources/open_stream.ts';
import type { Capabilities } from '../../src/gpu/device.ts';
import { nodeFiles } from '../../src/platform/node_files.ts';
import type { Fit } from '../../src/platform/platform.ts';
import { withFiles } from '../data/temporary.ts';

/** A folder whose images have these widths and heights; undefined: no image. */
function folderOf(sizes: readonly (readonly [number, number] | undefined)[]) {
  let looks = 0;
  const sizeOf = async (image: number) => {
    looks++;
    const size = sizes[image];
    if (!size) throw new Error('not an image');
    return { width: size[0], height: size[1] };
  };
  const stream = { paths: sizes.map((_, i) => `${i}`), sizeOf };
  return { side: () => folderSide(stream), looks: () => looks, stream };
}

/** What is said of a folder's elongated images. */
async function told(sizes: Parameters<typeof folderOf>[0], fit: Fit = 'crop'): Promise<string[]> {
  const notes: string[] = [];
  await tellElongated({ note: (text) => notes.push(`${text}`) }, folderOf(sizes).stream, { fit });
  return notes;
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
  assert.is(folder.looks(), 300);
});

test('images of which a square shows a third or less are told in one line, with how long they are, where they are cut', async () => {
  const plain = [200, 100] as const;
  const [long, high, three] = [
    [1000, 100],
    [50, 420],
    [300, 100],
  ] as const;
  assert.equal(await told([plain, long, three, undefined, high]), [
    '2 of 5 images are more than 3 times as long as wide (up to 10.0 times), of which the square in the middle shows a third or less: fit pad shows all of them between black bars, fit squash squeezes them',
  ]);
  assert.match(
    (await told([plain, high]))[0]!,
    /^1 of 2 images is more than 3 times .* \(up to 8\.4 times\)/,
  );
  assert.equal(await told([plain, three]), []);
  assert.equal(await told([long, high], 'pad'), []);
  const many = Array.from({ length: 5000 }, (_, i) => (i % 2 === 0 ? long : plain));
  assert.match((await told(many))[0]!, /^\d+ of 300 that were looked at are more/);
});

test('a folder opens each of the images whose sizes are looked at once, for its side and for elongated ones', async () => {
  const png = new PNG({ width: 40, height: 10 });
  const bytes = PNG.sync.write(png);
  await withFiles({ 'a.png': bytes, 'b.png': bytes, 'c.png': 'torn' }, async (folder) => {
    let looks = 0;
    const files = {
      ...nodeFiles,
      imageSize: (path: string, page?: number) => {
        looks++;
        return nodeFiles.imageSize(path, page);
      },
    };
    const opened = await openStream(folder, { files, imageSize: 64 });
    assert.equal(await folderSide(opened), { side: 32, median: 10 });
    const notes: unknown[] = [];
    await tellElongated({ note: (text) => notes.push(text) }, opened.resized(32), { fit: 'crop' });
    assert.is(notes.length, 1);
    assert.is(looks, 3);
  });
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
