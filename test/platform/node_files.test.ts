import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { PNG } from 'pngjs';
import sharp, { type Channels, type Sharp } from 'sharp';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeFiles } from '../../src/platform/node_files.ts';
import type { Decoding } from '../../src/platform/platform.ts';
import { assertUserError, withFiles } from '../data/temporary.ts';

type Pixel = readonly number[];

/** Raw sharp input of one colour, or of a colour for each position. */
function raw(width: number, height: number, colour: Pixel | ((x: number, y: number) => Pixel)): Sharp {
  const at = typeof colour === 'function' ? colour : () => colour;
  const pixels = Array.from({ length: width * height }, (_, i) => at(i % width, Math.floor(i / width)));
  const channels = pixels[0]!.length as Channels;
  return sharp(Uint8Array.from(pixels.flat()), { raw: { width, height, channels } });
}

function raw16(width: number, height: number, colour: Pixel): Sharp {
  const data = Uint16Array.from(
    { length: width * height * colour.length },
    (_, i) => colour[i % colour.length]!,
  );
  return sharp(data, { raw: { width, height, channels: colour.length as Channels } });
}

/** Decodes an image file of the given bytes. */
async function decode(bytes: Uint8Array, size: number, name = 'image', how?: Decoding): Promise<Uint8Array> {
  let decoded: Uint8Array | undefined;
  await withFiles({ [name]: bytes }, async (folder) => {
    decoded = await nodeFiles.decodeImage(join(folder, name), size, how);
  });
  assert.is(decoded!.length, size * size * 3);
  return decoded!;
}

async function reasonFor(bytes: Uint8Array | string, name = 'image.png'): Promise<string> {
  let reason = 'decoded without an error';
  await withFiles({ [name]: bytes }, async (folder) => {
    await nodeFiles.decodeImage(join(folder, name), 8).catch((error: Error) => {
      reason = error.message;
    });
  });
  return reason;
}

/** Every pixel is the colour, up to `tolerance` (lossy codecs round). */
function assertColour(pixels: Uint8Array, colour: Pixel, tolerance = 0): void {
  pixels.forEach((value, index) => {
    const off = Math.abs(value - colour[index % 3]!);
    assert.ok(off <= tolerance, `byte ${index} is ${value}, wanted ${colour.join(' ')}`);
  });
}

/** The header of a PNG changed to claim another size. */
function claimingSize(png: Buffer, width: number, height: number): Buffer {
  const forged = Buffer.from(png);
  forged.writeUInt32BE(width, 16);
  forged.writeUInt32BE(height, 20);
  forged.writeUInt32BE(crc32(forged.subarray(12, 29)), 29);
  return forged;
}

const orange = [200, 100, 50];
const photo = (): Sharp => raw(64, 48, (x, y) => [(x * 37 + y * 11) % 256, (x * y) % 256, (x * 3) % 256]);

test('decodes PNG, JPEG and WebP to the same RGB bytes, row by row', async () => {
  const corners = (x: number, y: number) => (y < 16 ? (x < 16 ? [250, 5, 5] : [5, 250, 5]) : [5, 5, 250]);
  for (const bytes of [
    PNG.sync.write(
      Object.assign(new PNG({ width: 32, height: 32 }), {
        data: await raw(32, 32, corners).ensureAlpha().raw().toBuffer(),
      }),
    ),
    await raw(32, 32, corners).jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer(),
    await raw(32, 32, corners).webp({ lossless: true }).toBuffer(),
  ]) {
    const pixels = await decode(bytes, 32);
    const at = (x: number, y: number) => pixels.subarray((y * 32 + x) * 3, (y * 32 + x) * 3 + 3);
    // JPEG's rounding at quality 100 stays within a few levels.
    assertColour(at(2, 2), [250, 5, 5], 4);
    assertColour(at(29, 2), [5, 250, 5], 4);
    assertColour(at(2, 29), [5, 5, 250], 4);
  }
});

test('decodes 16-bit, grey and palette images to 8-bit RGB', async () => {
  const rgb16 = raw16(10, 8, [200 * 257, 100 * 257, 50 * 257])
    .toColourspace('rgb16')
    .png();
  const range = { low: 0, high: 65535, stated: 'followed' } as const;
  assertColour(await decode(await rgb16.toBuffer(), 4, 'image', { range }), orange);
  const grey16 = raw16(10, 8, [130 * 257])
    .toColourspace('grey16')
    .png();
  assertColour(await decode(await grey16.toBuffer(), 4, 'image', { range }), [130, 130, 130]);
  const grey = raw(10, 8, [130]).toColourspace('b-w');
  assertColour(await decode(await grey.clone().png().toBuffer(), 4), [130, 130, 130]);
  assertColour(await decode(await grey.clone().jpeg().toBuffer(), 4), [130, 130, 130], 1);
  assertColour(await decode(await raw(10, 8, orange).png({ palette: true }).toBuffer(), 4), orange);
});

test('puts transparent images over white', async () => {
  assertColour(await decode(await raw(9, 9, [200, 100, 50, 0]).png().toBuffer(), 3), [255, 255, 255]);
  // 255 − (255 − value)·128/255, within the rounding of one level.
  assertColour(await decode(await raw(9, 9, [200, 100, 50, 128]).png().toBuffer(), 3), [227, 177, 152], 1);
  const greyAlpha = await raw(9, 9, [0, 128]).toColourspace('b-w').png().toBuffer();
  assertColour(await decode(greyAlpha, 3), [127, 127, 127], 1);
  const lossless = await raw(9, 9, [0, 0, 0, 0]).webp({ lossless: true }).toBuffer();
  assertColour(await decode(lossless, 3), [255, 255, 255]);
});

test('converts CMYK to RGB', async () => {
  const bytes = await raw(16, 16, orange).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
  assert.is((await sharp(bytes).metadata()).space, 'cmyk');
  // The round trip through the press profile's gamut moves saturated colours.
  assertColour(await decode(bytes, 4), orange, 40);
});

test('takes the first frame of an animation', async () => {
  const frames = raw(4, 8, (_, y) => (y < 4 ? [255, 0, 0] : [0, 0, 255]));
  const stacked = await frames.raw().toBuffer();
  const animation = sharp(stacked, { raw: { width: 4, height: 8, channels: 3, pageHeight: 4 } });
  const bytes = await animation.webp({ lossless: true, delay: [100, 100] }).toBuffer();
  assert.is((await sharp(bytes).metadata()).pages, 2);
  assertColour(await decode(bytes, 4), [255, 0, 0]);
});

test('turns images as their EXIF orientation says', async () => {
  const left = raw(64, 32, (x) => (x < 32 ? [255, 0, 0] : [0, 0, 255]));
  const bytes = await left.withMetadata({ orientation: 6 }).jpeg({ chromaSubsampling: '4:4:4' }).toBuffer();
  const pixels = await decode(bytes, 32);
  // Orientation 6 is a quarter turn clockwise: the left half comes to lie on top.
  assertColour(pixels.subarray(0, 12 * 32 * 3), [255, 0, 0], 4);
  assertColour(pixels.subarray(-12 * 32 * 3), [0, 0, 255], 4);
});

test('tells the size of an image as it is seen, from its header', async () => {
  const upright = await raw(30, 20, orange).jpeg().toBuffer();
  const lying = await raw(30, 20, orange).withMetadata({ orientation: 6 }).jpeg().toBuffer();
  const large = claimingSize(await raw(3, 2, orange).png().toBuffer(), 7000, 7000);
  await withFiles({ upright, lying, large, torn: 'torn' }, async (folder) => {
    const size = (name: string) => nodeFiles.imageSize(join(folder, name));
    assert.equal(await size('upright'), { width: 30, height: 20 });
    assert.equal(await size('lying'), { width: 20, height: 30 });
    assert.equal(await size('large'), { width: 7000, height: 7000 });
    assert.match(String(await size('torn').catch(String)), 'not an image');
  });
});

test('resizes the shorter side and takes the centre', async () => {
  const stripes = raw(90, 30, (x) => (x < 30 ? [255, 0, 0] : x < 60 ? [0, 255, 0] : [0, 0, 255]));
  const pixels = await decode(await stripes.png().toBuffer(), 30);
  assertColour(pixels, [0, 255, 0]);
  assertColour(await decode(await raw(1, 1, orange).png().toBuffer(), 16), orange);
});

test('ignores an embedded colour profile, as a page does', async () => {
  const bytes = await raw(8, 8, orange).png().toBuffer();
  const tagged = await sharp(bytes).withIccProfile('p3').png().toBuffer();
  const stored = await sharp(tagged, { ignoreIcc: true }).raw().toBuffer();
  assert.not.equal([...stored.subarray(0, 3)], orange);
  assertColour(await decode(tagged, 8), [...stored.subarray(0, 3)]);
});

test('refuses more than 50 megapixels by the header, before decoding', async () => {
  const small = await raw(1, 1, orange).png().toBuffer();
  assert.is(await reasonFor(claimingSize(small, 100000, 100000)), 'over 50 megapixels');
  assert.is(await reasonFor(claimingSize(small, 10000, 5001)), 'over 50 megapixels');
  // A progressive JPEG needs memory for all of its coefficients.
  const jpeg = await raw(8, 8, orange).jpeg({ progressive: true }).toBuffer();
  const frame = jpeg.indexOf(Uint8Array.of(0xff, 0xc2));
  jpeg.writeUInt16BE(8000, frame + 5);
  jpeg.writeUInt16BE(6400, frame + 7);
  assert.is(await reasonFor(jpeg), 'over 50 megapixels');
});

test('refuses damaged files with a reason', async () => {
  const [png, jpeg, webp] = await Promise.all([
    photo().png().toBuffer(),
    photo().jpeg().toBuffer(),
    photo().webp().toBuffer(),
  ]);
  for (const bytes of [png!, jpeg!, webp!]) {
    assert.is(await reasonFor(bytes.subarray(0, bytes.length / 2)), 'truncated or damaged');
  }
  const flipped = Buffer.from(png!);
  flipped[flipped.length >> 1]! ^= 255;
  assert.is(await reasonFor(flipped), 'truncated or damaged');
  // Enlarged until its one row makes eight, its columns would be 80 million, more than can be resized.
  assert.match(
    await reasonFor(await raw(1, 1, orange).resize(10_000_000, 1).png().toBuffer()),
    'cannot be decoded',
  );
  assert.is(await reasonFor(''), 'empty');
  assert.match(await reasonFor('hello'), 'not an image');
  assert.is(await nodeFiles.decodeImage('/nowhere/a.png', 4).catch((e: Error) => e.message), 'no such file');
});

test('decodes by content and blocks every other loader', async () => {
  const webp = await raw(4, 4, orange).webp({ lossless: true }).toBuffer();
  assertColour(await decode(webp, 4, 'named.jpg'), orange);
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';
  assert.match(await reasonFor(svg), 'SVG drawings');
  assert.match(await reasonFor('%PDF-1.4'), 'PDF documents');
  assertColour(await decode(await raw(4, 4, orange).gif().toBuffer(), 4, 'a.png'), orange, 1);
  assertColour(await decode(await raw(4, 4, orange).tiff({ compression: 'lzw' }).toBuffer(), 4), orange);
});

test('lists files recursively, sorted by code unit, with links followed but never round in a circle', async () => {
  await withFiles(
    { 'b/2.txt': '', 'b/10.txt': '', 'a.txt': '', 'Z.txt': '', 'b/c/ä.txt': '' },
    async (folder) => {
      symlinkSync(join(folder, 'a.txt'), join(folder, 'link.txt'));
      symlinkSync(folder, join(folder, 'b/circle'));
      symlinkSync(join(folder, 'b'), join(folder, 'again'));
      symlinkSync(join(folder, 'missing'), join(folder, 'broken'));
      symlinkSync(join(folder, 'self'), join(folder, 'self'));
      await withFiles({ 'outside.txt': '', 'deep/more.txt': '' }, async (other) => {
        symlinkSync(other, join(folder, 'other'));
        assert.equal(await nodeFiles.list(folder), [
          'Z.txt',
          'a.txt',
          'b/10.txt',
          'b/2.txt',
          'b/c/ä.txt',
          'link.txt',
          'other/deep/more.txt',
          'other/outside.txt',
        ]);
      });
    },
  );
});

test('says what lies at a path', async () => {
  await withFiles({ 'a.txt': 'four' }, async (folder) => {
    assert.equal(await nodeFiles.stat(join(folder, 'a.txt')), { kind: 'file', bytes: 4 });
    assert.is((await nodeFiles.stat(folder))?.kind, 'folder');
    assert.is(await nodeFiles.stat(join(folder, 'b.txt')), undefined);
    assert.is(await nodeFiles.stat(join(folder, 'a.txt/b')), undefined);
  });
});

test('reads whole files and slices, short only at the end', async () => {
  await withFiles({ 'a.bin': Uint8Array.of(0, 1, 2, 3, 4, 5) }, async (folder) => {
    const path = join(folder, 'a.bin');
    assert.equal([...(await nodeFiles.read(path))], [0, 1, 2, 3, 4, 5]);
    assert.is((await nodeFiles.read(path)).constructor, Uint8Array);
    assert.equal([...(await nodeFiles.readSlice(path, 2, 3))], [2, 3, 4]);
    assert.equal([...(await nodeFiles.readSlice(path, 4, 10))], [4, 5]);
    assert.is((await nodeFiles.readSlice(path, 9, 3)).length, 0);
    await assertUserError(() => nodeFiles.read(join(folder, 'b.bin')), 'b.bin does not exist');
    await assertUserError(() => nodeFiles.read(folder), 'is a folder');
    await assertUserError(() => nodeFiles.list(path), 'not a folder');
  });
});

test('writes replace the whole file or leave the old one, and no temporary file', async () => {
  await withFiles({ 'a.txt': 'old' }, async (folder) => {
    const path = join(folder, 'a.txt');
    await nodeFiles.writeAtomic(path, 'new');
    assert.is(readFileSync(path, 'utf8'), 'new');
    await nodeFiles.writeAtomic(path, Uint8Array.of(65, 66));
    assert.is(readFileSync(path, 'utf8'), 'AB');
    // A rename onto a folder fails, after the temporary file was written.
    mkdirSync(join(folder, 'taken/inside'), { recursive: true });
    const failed = await nodeFiles.writeAtomic(join(folder, 'taken'), 'x').then(
      () => false,
      () => true,
    );
    assert.ok(failed);
    assert.equal(readdirSync(folder).sort(), ['a.txt', 'taken']);
    assert.ok(existsSync(join(folder, 'taken/inside')));
  });
});

test('appends, makes folders with their parents and joins paths', async () => {
  await withFiles({}, async (folder) => {
    const inner = nodeFiles.join(folder, 'x', 'y');
    await nodeFiles.makeFolder(inner);
    await nodeFiles.makeFolder(inner);
    const path = nodeFiles.join(inner, 'log');
    writeFileSync(path, 'a\n');
    await nodeFiles.append(path, 'b\n');
    assert.is(readFileSync(path, 'utf8'), 'a\nb\n');
  });
});

test.run();
