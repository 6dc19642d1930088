import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { contactSheet, type Picture, pairsSheet, type ShownImages } from '../../src/data/contact_sheet.ts';
import { presets } from '../../src/data/policy.ts';
import { assertUserError } from './temporary.ts';

const engine = await Engine.create();

/** Solid images of different colours. */
function source(count: number, size: number): ShownImages {
  const pixels = Uint8Array.from({ length: count * size * size * 3 }, (_, i) => {
    const image = Math.floor(i / (size * size * 3));
    return [40 + 20 * image, 120, 200 - 10 * image][i % 3]!;
  });
  return { name: 'solid', size, pixels };
}

const pixel = ({ pixels, width }: Picture, x: number, y: number) => [
  ...pixels.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];

test('a sheet holds its images in rows, enlarged to 64 pixels, with white between them and more between groups', () => {
  const image = (value: number) => Uint8Array.from({ length: 12 }, (_, i) => value + i);
  const png = contactSheet([[[image(10), image(50)], [image(130)]], [[image(90)]]], 2);
  assert.equal([png.width, png.height], [3 * 68 + 4 + 8, 2 * 68 + 4]);
  assert.equal(pixel(png, 3, 4), [255, 255, 255]);
  assert.equal(pixel(png, 4, 4), [10, 11, 12]);
  assert.equal(pixel(png, 35, 35), [10, 11, 12]);
  assert.equal(pixel(png, 36, 35), [13, 14, 15]);
  assert.equal(pixel(png, 67, 67), [19, 20, 21]);
  assert.equal(pixel(png, 68, 67), [255, 255, 255]);
  assert.equal(pixel(png, 72, 4), [50, 51, 52]);
  assert.equal(pixel(png, 147, 4), [255, 255, 255]);
  assert.equal(pixel(png, 148, 4), [130, 131, 132]);
  assert.equal(pixel(png, 4, 72), [90, 91, 92]);
  assert.equal(pixel(png, 72, 72), [255, 255, 255]);
});

test('a sheet of pairs shows each image and then its views, at the size of the views', async () => {
  const options = { policy: presets.weak, imageSize: 80, count: 3, seed: 1, pairs: 2 };
  const png = await pairsSheet(engine, source(6, 8), options);
  assert.equal([png.width, png.height], [5 * 84 + 4 + 2 * 8, 3 * 84 + 4]);
  for (let row = 0; row < 3; row++) {
    // Every second image of the source; flips and crops do not change a solid colour.
    const colour = [40 + 40 * row, 120, 200 - 20 * row];
    for (let column = 0; column < 5; column++) {
      const left = 4 + 84 * column + 8 * Math.ceil(column / 2);
      for (const at of [0, 41, 79]) assert.equal(pixel(png, left + at, 4 + 84 * row + at), colour);
    }
  }
});

test('a sheet of pairs is the same for the same seed and another for another', async () => {
  const images = source(2, 16);
  const options = { policy: presets['simclr-cifar'], imageSize: 16, count: 2, pairs: 1 };
  const first = await pairsSheet(engine, images, { ...options, seed: 1 });
  assert.equal(await pairsSheet(engine, images, { ...options, seed: 1 }), first);
  assert.not.equal(await pairsSheet(engine, images, { ...options, seed: 2 }), first);
});

test('a sheet without rows is refused, and one of too many shows all images', async () => {
  const options = { policy: presets.none, imageSize: 8, seed: 1, pairs: 1 };
  await assertUserError(
    async () => pairsSheet(engine, source(2, 8), { ...options, count: 0 }),
    /solid: .*at least one/,
  );
  assert.is((await pairsSheet(engine, source(2, 8), { ...options, count: 9 })).height, 2 * 68 + 4);
});

test.after(() => engine.destroy());
test.run();
