// One range for all images of more than 8 bits: dark ones are seen, and stay darker than bright ones.
import sharp from 'sharp';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openStream } from '../../../src/data/sources/open_stream.ts';
import { parseRange, rangeText } from '../../../src/data/sources/range_words.ts';
import { findRange } from '../../../src/data/sources/sample_range.ts';
import type { RawImage } from '../../../src/formats/images/raw_image.ts';
import { nodeFiles as files } from '../../../src/platform/node_files.ts';
import { fnv1a32, lowbias32 } from '../../oracle.ts';
import { loadSet } from '../loaded_set.ts';
import { assertUserError, withFiles } from '../temporary.ts';

const side = 16;
const seed = fnv1a32('range');
const chance = (i: number) => lowbias32(seed ^ i) / 2 ** 32;

/** A grey image of 16 bits as PNG: noise from `low` to `high`. */
function deep(low: number, high: number, number = 0): Promise<Buffer> {
  const values = Uint16Array.from({ length: side * side }, (_, i) =>
    Math.round(low + (high - low) * chance(i + 1000 * number)),
  );
  const image = sharp(values, { raw: { width: side, height: side, channels: 1 } });
  return image.toColourspace('grey16').png().toBuffer();
}

const mean = (pixels: Uint8Array) => pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
const bytes = 3 * side * side;

test('images of a 12-bit camera fill the range, and a brighter one stays brighter', async () => {
  const content = { 'dark.png': await deep(100, 1500), 'light.png': await deep(2000, 4000) };
  await withFiles(content, async (folder) => {
    const set = await loadSet(folder, { files, imageSize: side });
    assert.match(set.range!, /^auto:1\d\d,(39|40)\d\d$/);
    assert.match(String(set.notes![0]), 'is shown black');
    const [dark, light] = [set.pixels.subarray(0, bytes), set.pixels.subarray(bytes)];
    assert.ok(Math.min(...dark) < 5 && Math.max(...light) > 250);
    // The middles lie at (800 − 100) and (3000 − 100) of 3900.
    assert.ok(Math.abs(mean(dark) - 255 * (700 / 3900)) < 8, `${mean(dark)}`);
    assert.ok(Math.abs(mean(light) - 255 * (2900 / 3900)) < 8, `${mean(light)}`);
    const kept = await loadSet(folder, { files, imageSize: side, range: set.range });
    assert.equal(kept.pixels, set.pixels);
    const own = await loadSet(folder, { files, imageSize: side, range: 'file' });
    assert.ok(Math.abs(mean(own.pixels.subarray(0, bytes)) - mean(own.pixels.subarray(bytes))) < 12);
    const said = await loadSet(folder, { files, imageSize: side, range: '0,65535' });
    assert.ok(Math.max(...said.pixels) <= 16);
  });
});

test('the same picture in 8, 12 and 16 bits looks alike', async () => {
  const seen: Uint8Array[] = [];
  for (const scale of [255, 4095, 65535]) {
    await withFiles({ 'a.png': await deep(0.02 * scale, scale) }, async (folder) => {
      seen.push((await loadSet(folder, { files, imageSize: side })).pixels);
    });
  }
  for (const other of seen.slice(1)) {
    const errors = other.map((value, i) => Math.abs(value - seen[0]![i]!));
    // The first and the last of a thousand values are cut, and 255 steps are few.
    assert.ok(Math.max(...errors) <= 6, `${Math.max(...errors)}`);
  }
});

test('8 bits stay what they are beside 16, and a set without more bits has no range', async () => {
  const plain = await sharp(Buffer.alloc(bytes, 90), { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer();
  await withFiles({ 'a.png': plain, 'b.png': await deep(50, 300) }, async (folder) => {
    const set = await loadSet(folder, { files, imageSize: side });
    assert.ok(set.pixels.subarray(0, bytes).every((value) => value === 90));
    assert.ok(Math.max(...set.pixels.subarray(bytes)) > 250);
  });
  await withFiles({ 'a.png': plain }, async (folder) => {
    const set = await openStream(folder, { files });
    assert.is(set.range, undefined);
    assert.equal(set.notes, []);
  });
});

const image = (samples: RawImage['samples'], channels: 1 | 3 | 4 = 1, more: Partial<RawImage> = {}) => ({
  width: samples.length / channels,
  height: 1,
  channels,
  samples,
  ...more,
});

/** The range of images that are already decoded. */
function rangeOf(images: readonly RawImage[]) {
  const list = images.map((_, i) => ({ path: `${i}.tif`, file: String(i), page: 0 }));
  return findRange({ readSamples: async (file) => images[Number(file)] }, list);
}

const ramp = (from: number, to: number, length = 5000) =>
  Float64Array.from({ length }, (_, i) => from + ((to - from) * i) / (length - 1));

test('hot and dead pixels, alpha, numbers that are none and one image of fifty do not decide', async () => {
  const hot = Uint16Array.from(ramp(100, 900));
  hot.set([65535, 0], 7);
  assert.equal(await rangeOf([image(hot)]), { low: 100, high: 899, stated: 'followed', images: 1 });
  const floats = Float32Array.from(ramp(-1, 1));
  floats.set([Number.NaN, Infinity, -Infinity], 3);
  const found = await rangeOf([image(floats)]);
  assert.ok(found!.low >= -1.001 && found!.low < -0.99 && found!.high > 0.99 && found!.high <= 1.001);
  const opaque = Uint16Array.from({ length: 4000 }, (_, i) => (i % 4 === 3 ? 65535 : 200 + (i % 50)));
  assert.ok((await rangeOf([image(opaque, 4)]))!.high < 260);
  const flashed = Array.from({ length: 50 }, (_, i) =>
    image(Uint16Array.from(i === 9 ? ramp(60000, 65535) : ramp(100, 900))),
  );
  assert.ok((await rangeOf(flashed))!.high < 1000);
  // Files that say how they are shown need no range, and take no part in it.
  const window = image(Int16Array.from(ramp(-1000, 1000)), 1, { range: [-160, 240] });
  assert.is(await rangeOf([window]), undefined);
  assert.ok((await rangeOf([window, image(hot)]))!.high < 1000);
});

test('images that use all of 16 bits are shown by all of them, as 8 bits are', async () => {
  const whole = image(Uint16Array.from(ramp(3000, 63000)));
  assert.equal(await rangeOf([whole]), { low: 0, high: 65535, stated: 'followed', images: 1 });
});

test('a range in words is read, written and refused', async () => {
  assert.equal(parseRange('0, 4095'), { low: 0, high: 4095, stated: 'ignored' });
  assert.equal(parseRange('auto:-1.5e3,.5'), { low: -1500, high: 0.5, stated: 'followed' });
  for (const text of ['0,4095', 'auto:-12.5,3']) {
    const range = parseRange(text);
    assert.is(typeof range === 'string' ? range : rangeText(range), text);
  }
  for (const text of ['', '5', '9,3', '1,1', 'a,b', 'auto:', '1,2,3', '1e400,2'])
    await assertUserError(() => parseRange(text), 'range', 'such as 0,4095');
});

test.run();
