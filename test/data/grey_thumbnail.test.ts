import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createThumbnailer } from '../../src/data/grey_thumbnail.ts';
import { createResizer } from '../../src/data/resize/triangle_resizer.ts';
import { Random } from '../../src/random.ts';

const noise = (length: number) => {
  const random = new Random(5);
  return Uint8Array.from({ length }, () => random.integer(256));
};

test('a thumbnail of the image’s own size is its luma, and grey stays as it is', () => {
  const image = noise(4 * 4 * 3);
  const target = new Uint8Array(16);
  createThumbnailer(4, 4)(image, target);
  target.forEach((grey, pixel) => {
    const [r, g, b] = [...image.subarray(3 * pixel, 3 * pixel + 3)] as [number, number, number];
    assert.is(grey, Math.round(0.299 * r + 0.587 * g + 0.114 * b), `pixel ${pixel}`);
  });
  for (const level of [0, 1, 128, 255]) {
    const small = new Uint8Array(16 * 16);
    createThumbnailer(7, 16)(new Uint8Array(7 * 7 * 3).fill(level), small);
    assert.ok(small.every((grey) => grey === level));
  }
});

test('a smaller thumbnail is the luma of the image made smaller', () => {
  for (const size of [33, 40, 97]) {
    const image = noise(size * size * 3);
    const grey = new Uint8Array(256);
    createThumbnailer(size, 16)(image, grey);
    const colour = new Uint8Array(256 * 3);
    createResizer(size, size, 16)(image, colour);
    grey.forEach((value, pixel) => {
      const [r, g, b] = [...colour.subarray(3 * pixel, 3 * pixel + 3)] as [number, number, number];
      // Both round twice, the one before the filter and after it, the other after it and at the luma: within half a
      // level each, 2 in all.
      assert.ok(Math.abs(value - (0.299 * r + 0.587 * g + 0.114 * b)) <= 2, `${size}: pixel ${pixel}`);
    });
  }
});

test('one channel is resized as each of three', () => {
  const [width, height, size] = [23, 17, 9];
  const image = noise(width * height * 3);
  const colour = new Uint8Array(size * size * 3);
  createResizer(width, height, size)(image, colour);
  for (const channel of [0, 1, 2]) {
    const plane = new Uint8Array(size * size);
    const own = image.filter((_, byte) => byte % 3 === channel);
    createResizer(width, height, size, 1)(own, plane);
    assert.equal(
      plane,
      colour.filter((_, byte) => byte % 3 === channel),
    );
  }
});

test.run();
