import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { makeSprites } from '../../../src/label/report/sprites.ts';

/** One colour an image, so that a tile tells whose it is. */
const colourOf = (image: number) => [image % 251, (image * 7) % 251, Math.floor(image / 251)];
const source = (side: number) => {
  const sheets: { pixels: Uint8Array; width: number; height: number }[] = [];
  return {
    sheets,
    side,
    thumbnail(image: number) {
      const pixels = new Uint8Array(side * side * 3);
      const colour = colourOf(image);
      for (let at = 0; at < pixels.length; at += 3) pixels.set(colour, at);
      return pixels;
    },
    // Keeps the pixels: three bytes each, far more than a real JPEG takes.
    encodeJpeg: async (pixels: Uint8Array, width: number, height: number) => {
      sheets.push({ pixels, width, height });
      return pixels;
    },
  };
};

test('every image is found at its place, across sheets, whatever its number', async () => {
  const images = Array.from({ length: 1100 }, (_, at) => (at * 37) % 5003);
  const pictures = source(32);
  const sprites = await makeSprites(images, pictures);
  assert.equal(
    pictures.sheets.map(({ width, height }) => [width / 32, height / 32]),
    [
      [32, 32],
      [32, 3],
    ],
  );
  for (const image of images) {
    const { sheet, x, y } = sprites.place(image)!;
    const { pixels, width } = pictures.sheets[Number(sheet.slice(1))]!;
    for (const [dx, dy] of [
      [0, 0],
      [31, 31],
    ] as const) {
      const at = ((y * 32 + dy) * width + x * 32 + dx) * 3;
      assert.equal([...pixels.subarray(at, at + 3)], colourOf(image));
    }
  }
  assert.is(sprites.place(1), null);
  assert.match(sprites.style.text, '.s1{background-size:calc(32 * var(--side)) calc(3 * var(--side))');
});

test('thumbnails are stored as large as they are, up to 64, and smaller where all together are too many bytes', async () => {
  const sideFor = async (side: number, count: number) => {
    const pictures = source(side);
    await makeSprites(
      Array.from({ length: count }, (_, at) => at),
      pictures,
    );
    return pictures.sheets.at(-1)!.width / Math.min(32, count % 1024);
  };
  assert.is(await sideFor(96, 10), 64);
  assert.is(await sideFor(48, 10), 48);
  assert.is(await sideFor(28, 10), 32);
  // 1,020 of side 64 are 12.5 MB, of 48 are 7.1 MB and of 32 are 3.1 MB (4.2 MB in base64).
  assert.is(await sideFor(96, 1020), 32);
});

test('a page without pictures has no sheet', async () => {
  const pictures = source(32);
  const sprites = await makeSprites([], pictures);
  assert.is(sprites.style.text, '');
  assert.equal(pictures.sheets, []);
});

test.run();
