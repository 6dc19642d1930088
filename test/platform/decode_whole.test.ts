import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeFiles } from '../../src/platform/node_files.ts';
import type { DecodedImage, Decoding } from '../../src/platform/platform.ts';
import { withFiles } from '../data/temporary.ts';
import { jpeg } from '../fixtures/pillow_resize.json';
import { largestError } from '../oracle.ts';

async function decode(bytes: Uint8Array | string, how?: Decoding): Promise<DecodedImage> {
  let decoded: DecodedImage | undefined;
  await withFiles({ image: bytes }, async (folder) => {
    decoded = await nodeFiles.decodeWhole(join(folder, 'image'), how);
  });
  return decoded!;
}

test('decodes a JPEG that lies on its side, with halved colour planes, to the bytes of Pillow', async () => {
  const { width, height, pixels } = await decode(Buffer.from(jpeg.file, 'base64'));
  assert.equal([width, height], [jpeg.width, jpeg.height]);
  // The same integer cosine transform and smooth upsampling of colours; another build may round once otherwise.
  assert.ok(largestError(pixels, Buffer.from(jpeg.bytes, 'base64')) <= 1);
});

test('keeps shape and bytes of a PNG, makes grey RGB, brings 16 bits to 8 by a range, and puts alpha over white', async () => {
  const raw = (channels: 1 | 3 | 4, bytes: readonly number[]) =>
    sharp(Uint8Array.from(bytes), { raw: { width: 2, height: 1, channels } });
  const rgb = [1, 2, 3, 254, 20, 90];
  assert.equal(await decode(await raw(3, rgb).png().toBuffer()), {
    width: 2,
    height: 1,
    pixels: Uint8Array.from(rgb),
  });
  const grey = await decode(await raw(1, [7, 200]).toColourspace('b-w').png().toBuffer());
  assert.equal([...grey.pixels], [7, 7, 7, 200, 200, 200]);
  const deep = sharp(Uint16Array.from([513, 1000, 65535, 255, 256, 40000]), {
    raw: { width: 2, height: 1, channels: 3 },
  });
  const file = await deep.toColourspace('rgb16').png().toBuffer();
  const range = { low: 0, high: 65535, stated: 'followed' } as const;
  assert.equal([...(await decode(file, { range })).pixels], [2, 4, 255, 1, 1, 156]);
  const narrow = { low: 500, high: 1010, stated: 'followed' } as const;
  assert.equal([...(await decode(file, { range: narrow })).pixels], [6, 250, 255, 0, 0, 255]);
  const clear = await decode(await raw(4, [9, 9, 9, 0, 50, 60, 70, 255]).png().toBuffer());
  assert.equal([...clear.pixels], [255, 255, 255, 50, 60, 70]);
});

test('refuses damaged and foreign files with the reasons of decodeImage', async () => {
  const reason = (bytes: Uint8Array | string) => decode(bytes).then(String, (error: Error) => error.message);
  const photo = Buffer.from(jpeg.file, 'base64');
  assert.is(await reason(photo.subarray(0, photo.length - 40)), 'truncated or damaged');
  assert.match(await reason('hello'), 'not an image');
  assert.is(await nodeFiles.decodeWhole('/nowhere/a.png').catch((e: Error) => e.message), 'no such file');
});

/** A chunk of a PNG file. @param damage what its checksum is off by */
function chunk(type: string, body: Uint8Array, damage = 0): Buffer {
  const whole = Buffer.alloc(body.length + 12);
  whole.writeUInt32BE(body.length);
  whole.write(type, 4, 'latin1');
  whole.set(body, 8);
  whole.writeUInt32BE((crc32(whole.subarray(4, body.length + 8)) ^ damage) >>> 0, body.length + 8);
  return whole;
}

test('PNG files whose colour profile, chromaticities or a checksum beside the picture are wrong decode as they are', async () => {
  const rgb = Uint8Array.from({ length: 3 * 20 * 10 }, (_, i) => (i * 37) % 251);
  const plain = await sharp(rgb, { raw: { width: 20, height: 10, channels: 3 } })
    .png()
    .toBuffer();
  const header = 8 + 12 + 13;
  const chromaticities = new Uint8Array(32).fill(0xff);
  const odd = {
    'a profile that is no profile': chunk('iCCP', Buffer.from('icc\0\0not deflated')),
    'a profile that says another length': chunk(
      'iCCP',
      Buffer.concat([Buffer.from('icc\0\0'), deflateSync(new Uint8Array(200).fill(9))]),
    ),
    'impossible chromaticities': chunk('cHRM', chromaticities),
    'chromaticities of the wrong length': chunk('cHRM', chromaticities.subarray(3)),
    'a gamma of 0': chunk('gAMA', new Uint8Array(4)),
    'a text with a wrong checksum': chunk('tEXt', Buffer.from('Comment\0hello'), 1),
    'a time with a wrong checksum': chunk('tIME', Uint8Array.of(7, 200, 1, 1, 1, 1, 1), 0xff00),
  };
  for (const [name, inserted] of Object.entries(odd)) {
    const bytes = Buffer.concat([plain.subarray(0, header), inserted, plain.subarray(header)]);
    const found = await decode(bytes).catch((error: Error) => error.message);
    assert.equal(found, { width: 20, height: 10, pixels: rgb }, name);
  }
});

test('a JPEG of over 50 megapixels is shrunk while it is decoded, whole and as a square', async () => {
  const halves = Uint8Array.of(200, 30, 30, 30, 30, 200);
  const [width, height] = [8000, 6400];
  const bytes = await sharp(halves, { raw: { width: 2, height: 1, channels: 3 } })
    .resize(width, height, { kernel: 'nearest', fit: 'fill' })
    .jpeg({ quality: 20 })
    .toBuffer();
  await withFiles({ 'large.jpg': bytes }, async (folder) => {
    const path = join(folder, 'large.jpg');
    assert.equal(await nodeFiles.imageSize(path), { width, height });
    const image = await nodeFiles.decodeWhole(path);
    assert.equal([image.width, image.height], [width / 2, height / 2]);
    const square = await nodeFiles.decodeImage(path, 32);
    for (const [pixels, across, down] of [
      [image.pixels, image.width, image.height],
      [square, 32, 32],
    ] as const) {
      for (const [column, colour] of [
        [0.25, halves.subarray(0, 3)],
        [0.75, halves.subarray(3)],
      ] as const) {
        const at = 3 * (Math.floor(down / 2) * across + Math.floor(column * across));
        // JPEG's rounding of colours at quality 20.
        assert.ok(largestError(pixels.subarray(at, at + 3), colour) <= 8, `${column} of ${across}`);
      }
    }
  });
});

test.run();
