import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, createDeflate } from 'node:zlib';
import sharp, { type Channels } from 'sharp';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openStream } from '../../src/data/sources/open_stream.ts';
import { loadImages, readChunks } from '../../src/data/sources/read_images.ts';
import { nodeFiles as files } from '../../src/platform/node_files.ts';
import { loadSet } from './loaded_set.ts';
import { withFiles } from './temporary.ts';

/** A square of one colour, as sharp takes it. */
function square(colour: readonly number[], side = 12) {
  const data = Uint8Array.from({ length: side * side * colour.length }, (_, i) => colour[i % colour.length]!);
  return sharp(data, { raw: { width: side, height: side, channels: colour.length as Channels } });
}

function square16(colour: readonly number[], side = 12) {
  const data = Uint16Array.from(
    { length: side * side * colour.length },
    (_, i) => 257 * colour[i % colour.length]!,
  );
  return sharp(data, { raw: { width: side, height: side, channels: colour.length as Channels } });
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}

/** An intact PNG of side·side black pixels of one bit. */
async function blackPng(side: number): Promise<Buffer> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header[8] = 1;
  const deflate = createDeflate({ level: 1 });
  const packed: Buffer[] = [];
  deflate.on('data', (part: Buffer) => packed.push(part));
  const ended = new Promise((resolve) => deflate.on('end', resolve));
  const rows = Buffer.alloc((1 + Math.ceil(side / 8)) * 100);
  for (let row = 0; row < side; row += 100) {
    if (!deflate.write(rows)) await new Promise((resolve) => deflate.once('drain', resolve));
  }
  deflate.end();
  await ended;
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', Buffer.concat(packed)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

test('grey, alpha, CMYK, 16-bit, palette, animated, turned and 1×1 images come as the colours a person sees', async () => {
  const orange = [200, 100, 50];
  const png = (colour: readonly number[]) => square(colour).png().toBuffer();
  const halves = sharp(
    Uint8Array.from({ length: 20 * 10 * 3 }, (_, i) => (Math.floor(i / 3) % 20 < 10 ? 255 : 0)),
    { raw: { width: 20, height: 10, channels: 3 } },
  );
  const frames = Buffer.concat([Buffer.alloc(12 * 12 * 3, 90), Buffer.alloc(12 * 12 * 3, 255)]);
  const animation = sharp(frames, { raw: { width: 12, height: 24, channels: 3, pageHeight: 12 } });
  /** File → its bytes, the colour of its first pixel, and by how much rounding and lossy codecs may move it. */
  const cases: Record<string, [Uint8Array, readonly number[], number]> = {
    '1x1.png': [await square(orange, 1).png().toBuffer(), orange, 0],
    'alpha.png': [await png([0, 0, 0, 0]), [255, 255, 255], 0],
    'alpha16.png': [await square16([0, 0, 0, 0]).toColourspace('rgb16').png().toBuffer(), [255, 255, 255], 1],
    'animated.webp': [await animation.webp({ lossless: true, delay: [9, 9] }).toBuffer(), [90, 90, 90], 0],
    'cmyk.jpg': [
      await square(orange).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer(),
      orange,
      // The press profile has no saturated colours.
      40,
    ],
    'grey.png': [await square([77]).toColourspace('b-w').png().toBuffer(), [77, 77, 77], 0],
    'grey16.png': [await square16([77]).toColourspace('grey16').png().toBuffer(), [77, 77, 77], 0],
    'palette.png': [await square(orange).png({ palette: true }).toBuffer(), orange, 0],
    'rgb16.png': [await square16(orange).toColourspace('rgb16').png().toBuffer(), orange, 0],
    // Lying, white on the left; a half turn brings the black half there.
    'turned.jpg': [
      await halves.withMetadata({ orientation: 3 }).jpeg({ quality: 100 }).toBuffer(),
      [0, 0, 0],
      8,
    ],
  };
  const content = Object.fromEntries(Object.entries(cases).map(([name, [bytes]]) => [name, bytes]));
  await withFiles(content, async (folder) => {
    const source = await loadSet(folder, { files, imageSize: 6, range: '0,65535' });
    assert.equal(source.paths, Object.keys(cases));
    assert.equal(source.unreadable, []);
    Object.entries(cases).forEach(([name, [, colour, tolerance]], image) => {
      const pixel = [...source.pixels.subarray(image * 108, image * 108 + 3)];
      pixel.forEach((value, channel) => {
        const off = Math.abs(value - colour[channel]!);
        assert.ok(off <= tolerance, `${name} is ${pixel.join(' ')}, wanted ${colour.join(' ')}`);
      });
    });
  });
});

test('a PNG bomb of 30,000×30,000 pixels is refused by its header: at once and in little memory', async () => {
  const bomb = await blackPng(30_000);
  const small = await square([7, 7, 7]).png().toBuffer();
  // Its 900 million pixels take 110 KB on disk; a WebP file says its size in 14 bits each, from byte 21 on.
  assert.ok(bomb.length < 1e6);
  const webp = await square([7, 7, 7]).webp({ lossless: true }).toBuffer();
  webp.writeUInt32LE((webp.readUInt32LE(21) & 0xf0000000) | (16_382 << 14) | 16_382, 21);
  await withFiles({ 'bomb.png': bomb, 'bomb.webp': webp, 'small.png': small }, async (folder) => {
    const stream = await openStream(folder, { files, imageSize: 8 });
    await loadImages(stream, Int32Array.of(2));
    const before = process.memoryUsage().rss;
    const started = performance.now();
    const { pixels, unreadable } = await loadImages(stream, Int32Array.of(0, 1, 2));
    const milliseconds = performance.now() - started;
    const megabytes = (process.memoryUsage().rss - before) / 2 ** 20;
    assert.equal(
      unreadable.map(({ path, reason }) => `${path}: ${reason}`),
      ['bomb.png: over 50 megapixels', 'bomb.webp: over 50 megapixels'],
    );
    assert.is(pixels.length, 8 * 8 * 3);
    // Decoded it would be 112 MiB packed, or 2.6 GiB as RGB, and take seconds.
    assert.ok(megabytes < 30, `${megabytes} MiB`);
    assert.ok(milliseconds < 500, `${milliseconds} ms`);
    console.log(`bombs: ${milliseconds.toFixed(1)} ms, ${megabytes.toFixed(1)} MiB`);
  });
});

test('an intact PNG of just under 50 megapixels is read', async () => {
  await withFiles({ 'large.png': await blackPng(7000) }, async (folder) => {
    const source = await loadSet(folder, { files, imageSize: 4 });
    assert.equal(source.paths, ['large.png']);
    assert.ok(source.pixels.every((value) => value === 0));
  });
});

test('names with spaces, quotes, newlines, brackets, percent signs, non-ASCII and dots are paths like others', async () => {
  const names = [
    ' leading and trailing .png',
    '"double" \'single\' `back`.png',
    '%2e%2e%2f%00.png',
    '*?.png',
    '-rf.png',
    '..\\..\\windows.png',
    'a..b/..c/d...png',
    'brackets[page=2][1].png',
    'comma,semicolon;=SUM(A1).png',
    'line\nbreak\r\ttab.png',
    'e\u0301 decomposed.png',
    'é composed.png',
    '日本語/🐈.png',
    '\u202Egnp.png',
  ];
  const reads = names.filter((name) => !/(^|\/)\./.test(name)).sort();
  const content: Record<string, Uint8Array> = {};
  for (const name of names)
    content[name] = await square([names.indexOf(name) + 1, 0, 0])
      .png()
      .toBuffer();
  await withFiles(content, async (folder) => {
    const source = await loadSet(folder, { files, imageSize: 2 });
    assert.equal(source.paths, reads);
    assert.equal(source.unreadable, []);
    source.paths.forEach((path, image) => {
      assert.is(source.pixels[image * 12], names.indexOf(path) + 1, JSON.stringify(path));
    });
  });
});

test('torn, empty and mislabelled files are decoded by what they hold, or listed with the reason', async () => {
  const noise = (side: number) =>
    sharp(
      Uint8Array.from({ length: side * side * 3 }, (_, i) => ((i * 2654435761) >>> 13) & 255),
      {
        raw: { width: side, height: side, channels: 3 },
      },
    );
  const jpeg = await noise(64).jpeg().toBuffer();
  const [png, webp] = [await noise(64).png().toBuffer(), await noise(64).webp().toBuffer()];
  const flipped = Buffer.from(jpeg);
  flipped[Math.floor(0.6 * jpeg.length)]! ^= 255;
  // As some cameras write them.
  const table = jpeg.indexOf(Uint8Array.of(0xff, 0xdb));
  const padded = Buffer.concat([jpeg.subarray(0, table), Buffer.alloc(3), jpeg.subarray(table)]);
  const content = {
    'a page.jpg': '<!doctype html><title>404 not found</title>',
    'a png.jpeg': await square([9, 9, 9]).png().toBuffer(),
    'a text.png': 'see the other folder',
    'empty.png': '',
    'flipped bit.jpg': flipped,
    'jpeg.jfif': jpeg,
    'jpeg.webp': jpeg,
    'no ending': jpeg,
    'padded.jpg': padded,
    'photo.heic': 'x',
    'raw.CR3': 'x',
    'svg.png': '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    'tail is missing.jpg': jpeg.subarray(0, jpeg.length - 200),
    'torn.png': png.subarray(0, png.length - 100),
    'torn.webp': webp.subarray(0, webp.length - 100),
    'two bytes.jpg': jpeg.subarray(0, 2),
  };
  await withFiles(content, async (folder) => {
    mkdirSync(join(folder, 'a folder.png'));
    const source = await loadSet(folder, { files, imageSize: 16 });
    assert.equal(source.paths, ['a png.jpeg', 'jpeg.jfif', 'jpeg.webp', 'no ending', 'padded.jpg']);
    assert.is(source.pixels.length, 5 * 768);
    const [plain, withPadding] = [2, 4].map((image) => source.pixels.slice(768 * image, 768 * image + 768));
    assert.equal(withPadding, plain, 'bytes before a marker change no pixel');
    const torn = 'truncated or damaged';
    const foreign = 'not an image';
    assert.equal(Object.fromEntries(source.unreadable.map(({ path, reason }) => [path, reason])), {
      'a page.jpg': foreign,
      'a text.png': foreign,
      'empty.png': 'empty',
      'flipped bit.jpg': torn,
      'photo.heic': foreign,
      'raw.CR3': "raw photos (a camera's own format) are not read",
      'svg.png': 'SVG drawings are not read',
      'tail is missing.jpg': torn,
      'torn.png': torn,
      'torn.webp': torn,
      'two bytes.jpg': torn,
    });
    assert.match(source.description, '15 images');
    assert.equal(source.notes?.map(String), ['left out: 1 raw photo (.cr3)']);
  });
});

test('links in a circle end, links to nothing are passed over, and names that are no text are listed', async () => {
  const png = await square([5, 5, 5]).png().toBuffer();
  await withFiles({ 'real/a.png': png }, async (folder) => {
    symlinkSync('.', join(folder, 'real/here'));
    symlinkSync('..', join(folder, 'real/up'));
    symlinkSync('b', join(folder, 'a'));
    symlinkSync('a', join(folder, 'b'));
    symlinkSync('self.png', join(folder, 'self.png'));
    symlinkSync('nothing.png', join(folder, 'dangling.png'));
    // Other systems refuse names that are no UTF-8.
    const strange = process.platform === 'linux';
    if (strange)
      writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.of(0xff), Buffer.from('.png')]), png);
    const source = await loadSet(folder, { files, imageSize: 2 });
    assert.equal(source.paths, ['real/a.png']);
    assert.equal(source.notes, ['passed over: a link that leads nowhere (a and 3 more)']);
    assert.equal(source.unreadable, strange ? [{ path: '\ufffd.png', reason: 'no such file' }] : []);
  });
});

test('two thousand files in forty folders: all read, each once, a chunk at a time', async () => {
  const png = await square([5, 5, 5], 1).png().toBuffer();
  await withFiles({}, async (folder) => {
    const names = Array.from({ length: 2000 }, (_, i) => `${i % 40}/${i}.png`);
    for (let i = 0; i < 40; i++) mkdirSync(join(folder, String(i)));
    for (const name of names) writeFileSync(join(folder, name), png);
    const stream = await openStream(folder, { files, imageSize: 1 });
    assert.equal(stream.paths, names.toSorted());
    let seen = 0;
    for await (const { images, pixels, unreadable } of readChunks(
      stream,
      Int32Array.from({ length: 2000 }, (_, i) => i),
      64,
    )) {
      assert.is(images[0], seen);
      seen += images.length;
      assert.is(unreadable.length, 0);
      assert.ok(pixels.every((value) => value === 5));
    }
    assert.is(seen, 2000);
  });
});

test.run();
