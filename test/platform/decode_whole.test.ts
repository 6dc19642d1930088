import { join } from 'node:path';
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

test.run();
