import sharp from 'sharp';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { squareOf } from '../../../../src/formats/images/resize/square.ts';
import { fnv1a32, lowbias32 } from '../../../oracle.ts';

const seed = fnv1a32('square');

/** Edges, smooth parts and noise. */
function picture(width: number, height: number): Picture {
  const pixels = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    const edge = (x >> 4) % 2 === (y >> 4) % 2 ? 60 : 0;
    return 80 + 60 * Math.sin((x + (i % 3) * y) / 30) + edge + (lowbias32(seed ^ i) >>> 27);
  });
  return { width, height, pixels };
}

const fits = { crop: 'cover', pad: 'contain', squash: 'fill' } as const;

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** The largest difference from libvips' square, whose sums have 16 bits. */
async function difference({ width, height, pixels }: Picture, size: number, fit: keyof typeof fits) {
  const expected = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .resize(size, size, { fit: fits[fit], background: '#000' })
    .flatten({ background: '#fff' })
    .raw()
    .toBuffer();
  const found = squareOf({ width, height, pixels }, size, fit);
  assert.is(found.length, expected.length);
  return found.reduce((most, level, i) => Math.max(most, Math.abs(level - expected[i]!)), 0);
}

test("squares of smaller images' sizes are libvips' within two levels: odd sides, blocks of averages, each fit", async () => {
  for (const [width, height] of [
    [300, 280],
    [253, 399],
    [499, 332],
    [97, 500],
  ] as const) {
    const image = picture(width, height);
    for (const size of [7, 32, 95])
      for (const fit of ['crop', 'pad', 'squash'] as const)
        assert.ok((await difference(image, size, fit)) <= 2, `${width}×${height} to ${size}, ${fit}`);
  }
});

test('images that are enlarged lie where libvips puts them, within three levels', async () => {
  for (const [width, height] of [
    [32, 32],
    [31, 40],
    [20, 9],
  ] as const)
    for (const size of [48, 97]) {
      const most = await difference(picture(width, height), size, 'crop');
      assert.ok(most <= 3, `${width}×${height} to ${size}: ${most}`);
    }
});

test('an image that is the square already keeps its bytes, and one colour stays itself', async () => {
  assert.is(await difference(picture(40, 40), 40, 'crop'), 0);
  const pixels = new Uint8Array(3 * 200 * 131).fill(201);
  for (const size of [3, 64, 150])
    assert.ok(squareOf({ width: 200, height: 131, pixels }, size, 'crop').every((level) => level === 201));
});

test.run();
