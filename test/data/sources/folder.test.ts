import { symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openStream } from '../../../src/data/sources/open_stream.ts';
import { UserError } from '../../../src/errors.ts';
import { nodeFiles } from '../../../src/platform/node_files.ts';
import type { Files } from '../../../src/platform/platform.ts';
import { sharedData, testIf } from '../../support.ts';
import { loadSet } from '../loaded_set.ts';
import { assertUserError, withFiles } from '../temporary.ts';

const files = nodeFiles;

function solid(red: number, width = 12, height = 10): Sharp {
  return sharp({ create: { width, height, channels: 3, background: { r: red, g: 20, b: 30 } } });
}

/** Images that a stand-in decodes: the pixel value is the number in the name, `bad` names fail. */
function numberedFiles(names: readonly string[], watch: { running: number; most: number }): Files {
  return {
    ...nodeFiles,
    stat: async () => ({ kind: 'folder', bytes: 0 }),
    list: async () => [...names],
    decodeImage: async (path, size) => {
      watch.most = Math.max(watch.most, ++watch.running);
      // Later images finish first, so that order cannot come from timing.
      const number = Number(basename(path).match(/\d+/)?.[0]);
      await new Promise((resolve) => setTimeout(resolve, 5 - (number % 5)));
      watch.running--;
      if (path.includes('bad')) throw new Error('damaged');
      return new Uint8Array(size * size * 3).fill(number);
    },
  };
}

test('decodes PNG, JPEG and WebP below the folder, in the order of their paths', async () => {
  const content = {
    'b/one.png': await solid(10).png().toBuffer(),
    'a/two.JPG': await solid(90).jpeg().toBuffer(),
    'a/deep/er/three.webp': await solid(170).webp({ lossless: true }).toBuffer(),
    'four.jpeg': await solid(250).jpeg().toBuffer(),
    'notes.txt': 'not an image',
    '.hidden.png': await solid(0).png().toBuffer(),
    '.thumbnails/x.png': await solid(0).png().toBuffer(),
  };
  await withFiles(content, async (folder) => {
    const progress: number[] = [];
    const source = await loadSet(folder, {
      files,
      imageSize: 8,
      onProgress: (done, total) => progress.push(done / total),
    });
    assert.equal(source.paths, ['a/deep/er/three.webp', 'a/two.JPG', 'b/one.png', 'four.jpeg']);
    [170, 90, 10, 250].forEach((red, image) => {
      // JPEG rounds by a level or two.
      assert.ok(Math.abs(source.pixels[image * 8 * 8 * 3]! - red) <= 2, `image ${image}`);
    });
    assert.is(source.size, 8);
    assert.is(source.pixels.length, 4 * 8 * 8 * 3);
    assert.equal([...source.labels], [-1, -1, -1, -1]);
    assert.equal(source.classes, []);
    assert.ok(source.partition.every((partition) => partition === 'train'));
    assert.is(source.name, basename(folder));
    assert.equal(progress, [0.25, 0.5, 0.75, 1]);
  });
});

test('skips, counts and lists what cannot be read, without a gap in the pixels', async () => {
  const png = await solid(60).png().toBuffer();
  const content = {
    'a.png': png.subarray(0, 40),
    'b.png': png,
    'c.jpg': 'no image at all',
    'd.png': await solid(200).png().toBuffer(),
    'e.tif': 'no image either',
    'f.jxl': 'a format that is not read',
  };
  await withFiles(content, async (folder) => {
    const source = await loadSet(folder, { files, imageSize: 4 });
    assert.equal(source.paths, ['b.png', 'd.png']);
    assert.equal([...source.pixels.filter((_, index) => index % 48 === 0)], [60, 200]);
    assert.equal(
      source.unreadable.map(({ path }) => path),
      ['a.png', 'c.jpg', 'e.tif', 'f.jxl'],
    );
    assert.match(source.unreadable[0]!.reason, 'damaged');
    assert.is(source.unreadable[1]!.reason, 'not an image');
    assert.is(source.unreadable[2]!.reason, 'not an image');
    assert.is(source.unreadable[3]!.reason, 'JPEG XL images are not read');
    assert.match(source.description, '5 images');
    assert.equal(source.notes, ['left out: 1 JPEG XL image (.jxl)']);
  });
});

test('keeps at most eight decodings under way and the order whatever finishes first', async () => {
  const names = Array.from({ length: 60 }, (_, number) => `${String(number).padStart(2, '0')}.png`);
  const watch = { running: 0, most: 0 };
  const source = await loadSet('somewhere', { files: numberedFiles(names, watch), imageSize: 1 });
  assert.equal(source.paths, names);
  assert.equal(
    [...source.pixels.filter((_, byte) => byte % 3 === 0)],
    names.map((_, number) => number),
  );
  assert.is(watch.most, 8);
});

test('a limit decodes only a seeded choice of the images, and lists the others', async () => {
  const names = Array.from(
    { length: 50 },
    (_, number) => `${number % 3 === 0 ? 'bad' : 'good'}${number}.png`,
  ).sort();
  const open = (limit: number, seed: number) =>
    loadSet('somewhere', {
      files: numberedFiles(names, { running: 0, most: 0 }),
      imageSize: 1,
      limit,
      seed,
    });
  const set = await open(20, 1);
  assert.is(set.paths.length + set.unreadable.length, 20);
  set.paths.forEach((path, image) => {
    assert.match(path, 'good');
    assert.is(set.pixels[image * 3], Number(path.match(/\d+/)![0]));
  });
  const known = [...set.paths, ...set.omitted, ...set.unreadable.map(({ path }) => path)];
  assert.equal(known.sort(), names);
  assert.is(set.omitted.length, 30);
  assert.equal(set.omitted, [...set.omitted].sort());
  assert.equal((await open(20, 1)).paths, set.paths);
  assert.not.equal((await open(20, 2)).paths, set.paths);
  assert.is((await open(50, 1)).paths.length, names.filter((name) => name.startsWith('good')).length);
});

test('the fingerprint depends on paths and pixels', async () => {
  const [a, b] = [await solid(60).png().toBuffer(), await solid(61).png().toBuffer()];
  const prints: string[] = [];
  for (const content of [{ 'a.png': a }, { 'a.png': a }, { 'a.png': b }, { 'b.png': a }]) {
    await withFiles(content, async (folder) => {
      prints.push((await loadSet(folder, { files, imageSize: 4 })).fingerprint);
    });
  }
  assert.is(prints[0], prints[1]);
  assert.is(new Set(prints).size, 3);
});

test('links to images and to folders of images are read', async () => {
  await withFiles({ 'real/a.png': await solid(5).png().toBuffer(), 'x/y.txt': '' }, async (folder) => {
    symlinkSync(join(folder, 'real/a.png'), join(folder, 'x/link.png'));
    symlinkSync(join(folder, 'real'), join(folder, 'x/cats'));
    const source = await loadSet(join(folder, 'x'), { files, imageSize: 4 });
    assert.equal(source.paths, ['cats/a.png', 'link.png']);
  });
});

test('a folder with images of formats alone that are not read is an error with their count and the reason', async () => {
  await withFiles({ 'b.nef': 'x', 'a.svg': 'x', 'c.nef': 'x' }, (folder) =>
    assertUserError(() => openStream(folder, { files }), folder, '2 raw photos (.nef), 1 SVG drawing (.svg)'),
  );
});

test('a decoder that does not work at all is an error, not a folder of unreadable images', async () => {
  const broken: Files = {
    ...numberedFiles(['1.png', '2.png'], { running: 0, most: 0 }),
    decodeImage: async () => {
      throw new UserError('no decoder here');
    },
  };
  await assertUserError(() => loadSet('somewhere', { files: broken }), 'no decoder here');
});

test('an empty folder, one without images, a missing path and a file are errors', async () => {
  await withFiles({}, (folder) => assertUserError(() => loadSet(folder, { files }), folder, 'is empty'));
  await withFiles({ 'a.txt': '', 'b.csv': '' }, async (folder) => {
    await assertUserError(() => loadSet(folder, { files }), 'only 1 .csv, 1 .txt', 'JPEG, PNG or TIFF');
    await assertUserError(() => loadSet(`${folder}/a.txt`, { files }), 'a.txt is a file');
    await assertUserError(
      () => loadSet(`${folder}/nowhere`, { files }),
      'nothing at',
      'nowhere',
      'the path after data',
    );
  });
});

testIf(sharedData, '../shared/data is absent', 'a folder of real photos is read whole', async () => {
  const source = await loadSet(`${sharedData}/photos`, { files, imageSize: 32 });
  assert.is(source.paths.length, 560);
  assert.equal(source.unreadable, []);
  const mean = source.pixels.reduce((sum, value) => sum + value, 0) / source.pixels.length;
  // Photos are neither dark nor bright on the whole.
  assert.ok(mean > 80 && mean < 160, `mean ${mean}`);
});

test.run();
