// The same images at another square: every source gives them anew, under the same numbers.
import { join } from 'node:path';
import sharp from 'sharp';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createPillowResizer } from '../../../src/data/resize/pillow_resizer.ts';
import type { Resize } from '../../../src/data/resize/resize.ts';
import type { ImageStream } from '../../../src/data/sources/image_stream.ts';
import { openStream } from '../../../src/data/sources/open_stream.ts';
import { UserError } from '../../../src/errors.ts';
import { nodeFiles as files } from '../../../src/platform/node_files.ts';
import type { Files } from '../../../src/platform/platform.ts';
import { fnv1a32, lowbias32 } from '../../oracle.ts';
import { assertUserError, withFiles } from '../temporary.ts';

function noise(name: string, length: number): Uint8Array {
  const stream = fnv1a32(name);
  return Uint8Array.from({ length }, (_, i) => lowbias32(stream ^ i) >>> 24);
}

async function readAll(stream: ImageStream): Promise<Uint8Array> {
  const pixels = new Uint8Array(stream.paths.length * 3 * stream.size ** 2);
  assert.equal(await stream.read(Int32Array.from(stream.paths.keys()), pixels), []);
  return pixels;
}

function assertSameImages(one: ImageStream, other: ImageStream): void {
  for (const key of ['name', 'description', 'paths', 'labels', 'classes', 'partition', 'omitted'] as const) {
    assert.equal(one[key], other[key], key);
  }
}

const resize: Resize = { filter: 'bicubic', shorterSide: 11 };

/** A set's pixels at another square are its own pixels through the resizer of their shape. */
async function checkRecords(spec: string, width: number, height: number, own: ImageStream): Promise<void> {
  const pixels = await readAll(await openStream(spec, { files, imageSize: Math.max(width, height) }));
  const resized = own.resized(9, resize);
  assertSameImages(resized, own);
  assert.is(resized.size, 9);
  const bytes = await readAll(resized);
  const toSquare = createPillowResizer(width, height, 9, resize);
  const expected = new Uint8Array(3 * 81);
  for (const image of own.paths.keys()) {
    toSquare(pixels.subarray(image * 3 * width * height, (image + 1) * 3 * width * height), expected);
    assert.equal(bytes.subarray(image * 243, (image + 1) * 243), expected, own.paths[image]);
  }
}

test('records of binary sets are resized from their own pixels, and stay what they are at their own side', async () => {
  const cifar = (count: number) => {
    const bytes = noise('cifar', count * 3073);
    for (let image = 0; image < count; image++) bytes[image * 3073] = image % 10;
    return bytes;
  };
  await withFiles({ 'data_batch_1.bin': cifar(5), 'test_batch.bin': cifar(3) }, async (folder) => {
    const own = await openStream(`cifar10:${folder}`, { files, limit: 4, seed: 2 });
    assert.is(own.paths.length, 4 + 3);
    const same = own.resized(32, { filter: 'bilinear', shorterSide: 32 });
    assert.equal(await readAll(same), await readAll(own));
    assertSameImages(same, own);
    await checkRecords(`cifar10:${folder}`, 32, 32, await openStream(`cifar10:${folder}`, { files }));
    // Without a resize, as the set opened at that side; and back.
    const smaller = await openStream(`cifar10:${folder}`, { files, limit: 4, seed: 2, imageSize: 20 });
    assert.equal(await readAll(own.resized(20)), await readAll(smaller));
    assert.equal(await readAll(smaller.resized(32)), await readAll(own));
  });
  const header = (...words: number[]) => words.flatMap((word) => [0, 0, word >> 8, word & 255]);
  const idx = Uint8Array.from([...header(0x803, 2, 28, 28), ...noise('idx', 2 * 784)]);
  await withFiles({ 'train-images-idx3-ubyte': idx }, async (folder) => {
    await checkRecords(`idx:${folder}`, 28, 28, await openStream(`idx:${folder}`, { files }));
  });
  await withFiles({ 'unlabeled_X.bin': noise('stl', 2 * 3 * 9216) }, async (folder) => {
    await checkRecords(`stl10:${folder}`, 96, 96, await openStream(`stl10:${folder}`, { files }));
  });
});

test("the demo's images are resized as they were drawn, or drawn anew without a resize", async () => {
  const own = await openStream('demo', { files, limit: 5, testLimit: 2, seed: 3, imageSize: 24 });
  await checkRecords(
    'demo',
    24,
    24,
    await openStream('demo', { files, limit: 1, testLimit: 0, imageSize: 24 }),
  );
  assertSameImages(own.resized(9, resize), own);
  const drawn = await openStream('demo', { files, limit: 5, testLimit: 2, seed: 3, imageSize: 40 });
  assert.equal(await readAll(own.resized(40)), await readAll(drawn));
  const same = own.resized(24, { filter: 'bilinear', shorterSide: 24 });
  assert.equal(await readAll(same), await readAll(own));
});

test('files of a folder are decoded whole and resized, in any order; those that cannot be read are told', async () => {
  const shapes = [
    [40, 23],
    [17, 60],
    [300, 200],
  ] as const;
  const images = shapes.map(([width, height]) => noise(`file:${width}`, 3 * width * height));
  const content: Record<string, Uint8Array | string> = { 'torn.jpg': 'torn' };
  for (const [i, [width, height]] of shapes.entries()) {
    content[`${i}.png`] = await sharp(images[i]!, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer();
  }
  await withFiles(content, async (folder) => {
    const own = await openStream(folder, { files, imageSize: 16 });
    const resized = own.resized(9, resize);
    assertSameImages(resized, own);
    const pixels = new Uint8Array(4 * 243);
    const skipped = await resized.read(Int32Array.of(2, 3, 0, 1), pixels);
    assert.equal(
      skipped.map(({ image, path, reason }) => [image, path, reason]),
      [[3, 'torn.jpg', 'not an image']],
    );
    for (const [at, image] of [2, undefined, 0, 1].entries()) {
      if (image === undefined) continue;
      const [width, height] = shapes[image]!;
      const expected = new Uint8Array(243);
      createPillowResizer(width, height, 9, resize)(images[image]!, expected);
      assert.equal(pixels.subarray(at * 243, (at + 1) * 243), expected, `image ${image}`);
    }
    const opened = await openStream(folder, { files, imageSize: 8 });
    const plain = new Uint8Array(3 * 192);
    const again = new Uint8Array(3 * 192);
    await opened.read(Int32Array.of(0, 1, 2), plain);
    await resized.resized(8).read(Int32Array.of(0, 1, 2), again);
    assert.equal(again, plain);
  });
});

/** Files whose images say to be of these sizes; decoding takes a while, and is watched. */
function watchedFiles(sizes: readonly number[], watch: { pixels: number; most: number; bad: number }): Files {
  const pixelsOf = (path: string) => sizes[Number(path.match(/(\d+)\.png$/)![1])]!;
  return {
    ...files,
    stat: async () => ({ kind: 'folder', bytes: 0 }),
    list: async () => sizes.map((_, i) => `${i}.png`),
    imageSize: async (path) => ({ width: pixelsOf(path), height: 1 }),
    decodeWhole: async (path) => {
      watch.pixels += pixelsOf(path);
      watch.most = Math.max(watch.most, watch.pixels);
      await new Promise((resolve) => setTimeout(resolve, 3));
      watch.pixels -= pixelsOf(path);
      if (path.endsWith(`${watch.bad}.png`)) throw new Error('damaged');
      return { width: 2, height: 2, pixels: new Uint8Array(12).fill(5) };
    },
  };
}

test('whole images take the memory of 50 megapixels at once, however many are decoded, and none starves', async () => {
  const sizes = [12e6, 12e6, 50e6, 12e6, 20e6, 30e6, 49e6, 1e6, 12e6, 12e6, 12e6, 12e6, 12e6, 12e6];
  const watch = { pixels: 0, most: 0, bad: 4 };
  const stream = (await openStream('x', { files: watchedFiles(sizes, watch) })).resized(4, resize);
  const pixels = new Uint8Array(sizes.length * 48);
  const skipped = await stream.read(Int32Array.from(sizes.keys()), pixels);
  assert.equal(
    skipped.map(({ image }) => image),
    [4],
  );
  assert.ok(watch.most <= 50e6, `${watch.most}`);
  assert.is(watch.pixels, 0);
  // What a damaged image took was given back.
  assert.ok(pixels.subarray(5 * 48).every((value) => value === 5));
});

test('a platform that cannot decode at all is an error, not a set of unreadable images', async () => {
  const broken: Files = {
    ...watchedFiles([4, 4], { pixels: 0, most: 0, bad: -1 }),
    decodeWhole: async () => {
      throw new UserError('no decoder here');
    },
  };
  const stream = (await openStream('x', { files: broken })).resized(4, resize);
  await assertUserError(() => stream.read(Int32Array.of(0, 1), new Uint8Array(96)), 'no decoder here');
});

test('a camera that pads its segments is read here too', async () => {
  const photo = await sharp(noise('padded', 3 * 20 * 10), { raw: { width: 20, height: 10, channels: 3 } })
    .jpeg()
    .toBuffer();
  // Bytes behind the first segment that belong to none.
  const end = 4 + photo.readUInt16BE(4);
  const padded = Buffer.concat([photo.subarray(0, end), Buffer.alloc(7), photo.subarray(end)]);
  await withFiles({ 'plain.jpg': photo, 'padded.jpg': padded }, async (folder) => {
    const one = await files.decodeWhole(join(folder, 'plain.jpg'));
    assert.equal(await files.decodeWhole(join(folder, 'padded.jpg')), one);
    const stream = (await openStream(folder, { files })).resized(9, resize);
    const pixels = await readAll(stream);
    assert.equal(pixels.subarray(0, 243), pixels.subarray(243));
  });
});

test.run();
