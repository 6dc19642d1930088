// Images that a page decodes, held against what Node decodes of the same files.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import fixture from '../fixtures/image_files.json';
import bmp from '../fixtures/images/bmp.json';
import dicom from '../fixtures/images/dicom.json';
import { sharedData, testIf } from '../support.ts';
import { apart, assertSame, inNode, inPage, picture } from './both_decode.ts';
import { findChromium } from './chromium.ts';
import { openProfile, type Profile, type Tab } from './profile.ts';

const chromium = findChromium();
const missing = 'no chromium or google-chrome on PATH';

let profile: Profile;
let tab: Tab;
test.before(async () => {
  if (!chromium) return;
  profile = await openProfile(chromium);
  tab = await profile.tab();
});
test.after(() => profile?.close());

testIf(
  chromium,
  missing,
  'PNG, JPEG, WebP and GIF come out of Chromium as of libvips, to the byte',
  async () => {
    const two = Buffer.concat([await picture(3).toBuffer(), await picture(3).negate().raw().toBuffer()]);
    const animation = sharp(two, { raw: { width: 61, height: 86, channels: 3, pageHeight: 43 } });
    await assertSame(tab, {
      'rgb.png': await picture(3).png().toBuffer(),
      'grey.png': await picture(1).png().toBuffer(),
      'palette.png': await picture(3).png({ palette: true }).toBuffer(),
      'interlaced.png': await picture(3).png({ progressive: true }).toBuffer(),
      'profile.png': await picture(3).withIccProfile('p3').png().toBuffer(),
      '420.jpg': await picture(3).jpeg({ quality: 90 }).toBuffer(),
      '444.jpg': await picture(3).jpeg({ quality: 90, chromaSubsampling: '4:4:4' }).toBuffer(),
      'progressive.jpg': await picture(3).jpeg({ progressive: true }).toBuffer(),
      'grey.jpg': await picture(1).jpeg().toBuffer(),
      'profile.jpg': await picture(3).withIccProfile('p3').jpeg().toBuffer(),
      'lossy.webp': await picture(3).webp().toBuffer(),
      'lossless.webp': await picture(3).webp({ lossless: true }).toBuffer(),
      'still.gif': await picture(3).gif().toBuffer(),
      'animation.gif': await animation.gif().toBuffer(),
    });
  },
);

testIf(chromium, missing, 'images lie as their Exif data say: JPEG, PNG, WebP and AVIF', async () => {
  const files: Record<string, Uint8Array> = {};
  for (let orientation = 2; orientation <= 8; orientation++) {
    const turned = () => picture(3).withMetadata({ orientation });
    files[`${orientation}.jpg`] = await turned().jpeg().toBuffer();
    files[`${orientation}.png`] = await turned().png().toBuffer();
    files[`${orientation}.webp`] = await turned().webp({ lossless: true }).toBuffer();
  }
  await assertSame(tab, files);
  const avif = await picture(3).withMetadata({ orientation: 6 }).avif({ quality: 90 }).toBuffer();
  // Chromium and libheif round the colour matrix differently.
  await assertSame(tab, { '6.avif': avif }, 2);
});

testIf(chromium, missing, 'what is not opaque lies over white, one level apart at most', async () => {
  // libvips cuts what Chromium's canvas rounds.
  await assertSame(
    tab,
    {
      'rgba.png': await picture(4).png().toBuffer(),
      'grey.png': await picture(2).png().toBuffer(),
      'rgba.webp': await picture(4).webp({ lossless: true }).toBuffer(),
    },
    1,
  );
});

testIf(chromium, missing, 'files of more than 8 bits are shown by their own or a given range', async () => {
  const deep = (channels: 1 | 2 | 3 | 4) =>
    picture(channels).toColourspace(channels < 3 ? 'grey16' : 'rgb16');
  const files = {
    'grey.png': await deep(1).png().toBuffer(),
    'rgb.png': await deep(3).png().toBuffer(),
    'rgba.png': await deep(4).png().toBuffer(),
    'turned.png': await deep(3).withMetadata({ orientation: 6 }).png().toBuffer(),
    ...tiffs(),
  };
  await assertSame(tab, files);
  await assertSame(tab, files, 0, { range: [20000, 50000] });
  const page = await tab.run(async ({ opened }, text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    await opened.mount('deep', [{ path: 'a.png', file: new Blob([bytes]) }]);
    const image = await opened.files.readSamples('deep/a.png');
    opened.unmount('deep');
    return [image!.width, image!.channels, image!.samples.constructor.name];
  }, files['rgb.png'].toString('base64'));
  assert.equal(page, [61, 3, 'Uint16Array']);
});

/** TIFF files of the fixtures that are read. */
function tiffs(): Record<string, Uint8Array> {
  const refused = /^(one_directory|two_channels|half|float_predictor_be|zstd)/;
  const found = Object.entries(fixture.files).filter(
    ([name, { samples }]) => name.endsWith('.tif') && samples.length > 0 && !refused.test(name),
  );
  return Object.fromEntries(found.map(([name, { file }]) => [name, Buffer.from(file, 'base64')]));
}

/** Compressed as fax machines do, which libtiff reads. */
const onlyInNode = new Set(['bits.tif']);

testIf(
  chromium,
  missing,
  'BMP, DICOM, TIFF and AVIF files of other programs are read as in Node, or refused in its words',
  async () => {
    const files: Record<string, Uint8Array> = {};
    for (const { name, file } of [...bmp, ...dicom]) files[name] = Buffer.from(file, 'base64');
    for (const [name, { file }] of Object.entries(fixture.files)) files[name] = Buffer.from(file, 'base64');
    const [page, node] = await Promise.all([inPage(tab, files), inNode(files)]);
    for (const [name, expected] of Object.entries(node)) {
      const found = page[name]!;
      if (onlyInNode.has(name)) {
        assert.match(found.reason ?? 'read', /which is not read: save it with LZW or Deflate$/);
        continue;
      }
      if (!expected.pixels) {
        assert.is(found.reason, expected.reason, name);
        continue;
      }
      assert.ok(found.pixels, `${name}: ${found.reason}`);
      assert.equal(found.size, expected.size, name);
      // Chromium and libheif round the colour matrix differently, and Chromium shows 10 and 12 bits by 8.
      const tolerance = name.endsWith('.avif') ? 3 : 0;
      const { largest } = apart(found.pixels, expected.pixels);
      assert.ok(largest <= tolerance, `${name}: ${largest} levels apart`);
    }
  },
);

testIf(
  chromium,
  missing,
  'damaged files, and those of other kinds, are refused in the words of Node',
  async () => {
    const jpeg = await picture(3).jpeg({ quality: 90 }).toBuffer();
    const whole = {
      'a.jpg': jpeg,
      'a.png': await picture(3).png().toBuffer(),
      'a.webp': await picture(3).webp().toBuffer(),
      'deep.png': await picture(3).toColourspace('rgb16').png().toBuffer(),
    };
    const files: Record<string, Uint8Array> = {};
    for (const [name, bytes] of Object.entries(whole))
      for (const share of [0.3, 0.6, 0.95])
        files[`${share} ${name}`] = bytes.subarray(0, share * bytes.length);
    const zeros = Buffer.from(jpeg);
    zeros.fill(0, jpeg.length >> 1, (jpeg.length >> 1) + 200);
    // The header alone says so much.
    const large = Buffer.from(whole['a.png']);
    large.writeUInt32BE(8000, 16);
    large.writeUInt32BE(6400, 20);
    large.writeUInt32BE(crc32(large.subarray(12, 29)), 29);
    Object.assign(files, {
      // Chromium alone would show the part that is there.
      'closed.jpg': Buffer.concat([jpeg.subarray(0, 0.6 * jpeg.length), Buffer.from([0xff, 0xd9])]),
      'empty.png': new Uint8Array(),
      'text.png': Buffer.from('this is no image'),
      'drawing.svg': Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
      'large.png': large,
    });
    const [page, node] = await Promise.all([inPage(tab, files, { side: 16 }), inNode(files, { side: 16 })]);
    for (const name of Object.keys(files)) {
      assert.ok(node[name]!.reason, name);
      assert.is(page[name]!.reason, node[name]!.reason, name);
    }
    // Without its last bytes it shows all of its pixels, which Chromium refuses and libjpeg warns of.
    await assertSame(tab, { 'no end.jpg': jpeg.subarray(0, jpeg.length - 2) });
  },
);

testIf(
  chromium,
  missing,
  "squares are two levels from Node's at most, three where an image is enlarged",
  async () => {
    const files: Record<string, Uint8Array> = { 'a.png': await picture(3).png().toBuffer() };
    const photos = sharedData && join(sharedData, 'photos/cats');
    for (const name of photos ? readdirSync(photos).slice(0, 3) : [])
      files[`${name}.png`] = await sharp(join(photos!, name)).png().toBuffer();
    for (const fit of ['crop', 'pad', 'squash'] as const)
      for (const side of [16, 32]) await assertSame(tab, files, 2, { side, fit });
    for (const side of [96, 224]) await assertSame(tab, { 'a.png': files['a.png']! }, 3, { side });
  },
);

testIf(chromium, missing, 'where a worker may make no workers, images are decoded in place', async () => {
  const alone = await profile.tab('delete globalThis.Worker');
  const files = { 'a.png': await picture(3).png().toBuffer(), 'b.jpg': await picture(3).jpeg().toBuffer() };
  assert.equal(await inPage(alone, files, { side: 32 }), await inPage(tab, files, { side: 32 }));
  const loaded = (of: Tab) =>
    of.run(
      () => performance.getEntriesByType('resource').filter(({ name }) => /decode_worker/.test(name)).length,
      0,
    );
  assert.ok((await loaded(tab)) >= 1, 'elsewhere in workers');
  assert.is(await loaded(alone), 0);
  await alone.page.close();
});

test.run();
