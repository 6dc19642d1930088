import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createPillowResizer } from '../../../src/data/resize/pillow_resizer.ts';
import {
  placeSquare,
  type Resize,
  type ResizeFilter,
  shorterSideOf,
} from '../../../src/data/resize/resize.ts';
import fixture from '../../fixtures/pillow_resize.json';
import { fillBits, largestError } from '../../oracle.ts';

const base64 = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));

/** The image that the fixture's cases of this shape are made of. */
function imageOf(width: number, height: number): Uint8Array {
  return Uint8Array.from(
    { length: 3 * width * height },
    (_, i) => fillBits(`pillow:${width}x${height}`, i) >>> 24,
  );
}

function resized(image: Uint8Array, width: number, height: number, size: number, resize: Resize): Uint8Array {
  // What lay there before must not shine through, black borders included.
  const target = new Uint8Array(3 * size * size).fill(99);
  createPillowResizer(width, height, size, resize)(image, target);
  return target;
}

test('gives the bytes of torchvision on Pillow, at every shape, filter and crop', () => {
  for (const { width, height, size, resize, bytes } of fixture.cases) {
    const actual = resized(imageOf(width, height), width, height, size, resize as Resize);
    assert.equal(actual, base64(bytes), `${width}×${height} to ${size} by ${JSON.stringify(resize)}`);
  }
});

const kernels: Readonly<Record<ResizeFilter, (x: number) => number>> = {
  bilinear: (x) => Math.max(0, 1 - x),
  // Keys' cubic with a = −1/2, from its definition.
  bicubic: (x) =>
    x < 1 ? 1.5 * x ** 3 - 2.5 * x ** 2 + 1 : x < 2 ? -0.5 * x ** 3 + 2.5 * x ** 2 - 4 * x + 2 : 0,
};

/** One axis in float64: output o of `outputs` from values at `inputs` places, read by `at`. */
function filtered(
  inputs: number,
  outputs: number,
  o: number,
  kernel: (x: number) => number,
  at: (i: number) => number,
) {
  const scale = inputs / outputs;
  const stretch = Math.max(1, scale);
  const weights = Array.from({ length: inputs }, (_, i) =>
    kernel(Math.abs(i + 0.5 - (o + 0.5) * scale) / stretch),
  );
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.reduce((total, weight, i) => (weight === 0 ? total : total + (weight / sum) * at(i)), 0);
}

const toByte = (value: number) => Math.min(255, Math.max(0, Math.round(value)));

/** The square by the definition, pixel by pixel in float64, but for bytes between the axes. */
function twin(image: Uint8Array, width: number, height: number, size: number, resize: Resize): number[] {
  const { left, top, ...whole } = placeSquare(width, height, size, resize);
  const kernel = kernels[resize.filter];
  return Array.from({ length: 3 * size * size }, (_, byte) => {
    const [x, y] = [left + (Math.floor(byte / 3) % size), top + Math.floor(byte / 3 / size)];
    if (x < 0 || y < 0 || x >= whole.width || y >= whole.height) return 0;
    const inRow = (row: number) => (column: number) => image[3 * (row * width + column) + (byte % 3)]!;
    const value = filtered(height, whole.height, y, kernel, (row) =>
      toByte(filtered(width, whole.width, x, kernel, inRow(row))),
    );
    return Math.min(255, Math.max(0, value));
  });
}

test('any image and any recipe come within two levels of the filter by its definition', () => {
  const side = fc.integer({ min: 1, max: 23 });
  const recipe = fc.record({
    filter: fc.constantFrom('bilinear' as const, 'bicubic' as const),
    shorterSide: fc.integer({ min: 1, max: 12 }),
    squash: fc.boolean(),
  });
  const size = fc.integer({ min: 1, max: 9 });
  fc.assert(
    fc.property(side, side, size, recipe, (width, height, square, resize) => {
      const image = imageOf(width, height);
      const expected = twin(image, width, height, square, resize);
      // Half a level is the last rounding's. Between the axes a tie may fall to either side; a cubic's weights come to at
      // most 1.25 in absolute value.
      assert.ok(largestError(resized(image, width, height, square, resize), expected) <= 1.75);
    }),
    { numRuns: 100, seed: 11 },
  );
});

test('keeps a constant image constant, and one of the wanted shape as it is', () => {
  for (const filter of ['bilinear', 'bicubic'] as const) {
    for (const [width, height] of [
      [1, 1],
      [2, 900],
      [33, 31],
    ] as const) {
      const image = new Uint8Array(3 * width * height).fill(201);
      const pixels = resized(image, width, height, 7, { filter, shorterSide: 8 });
      assert.ok(pixels.every((value) => value === 201));
    }
    const image = imageOf(32, 32);
    assert.equal(resized(image, 32, 32, 32, { filter, shorterSide: 32 }), image);
  }
});

test('an image a million times as long as it is high costs no more than its centre', () => {
  const image = new Uint8Array(3_000_000).fill(50);
  const pixels = resized(image, 1_000_000, 1, 4, { filter: 'bicubic', shorterSide: 300 });
  assert.ok(pixels.every((value) => value === 50));
});

test('the square lies where torchvision has it: longer side truncated, halves to the even pixel', () => {
  const bilinear = (shorterSide: number, squash = false) =>
    ({ filter: 'bilinear', shorterSide, squash }) as const;
  // 500 · 256 / 375 = 341.33; (341 − 224) / 2 = 58.5 goes to 58, (343 − 224) / 2 = 59.5 to 60.
  assert.equal(placeSquare(500, 375, 224, bilinear(256)), { width: 341, height: 256, left: 58, top: 16 });
  assert.equal(placeSquare(375, 503, 224, bilinear(256)), { width: 256, height: 343, left: 16, top: 60 });
  assert.equal(placeSquare(500, 375, 224, bilinear(256, true)), {
    width: 256,
    height: 256,
    left: 16,
    top: 16,
  });
  // Too small: padded, the odd pixel last.
  assert.equal(placeSquare(10, 10, 13, bilinear(10)), { width: 10, height: 10, left: -1, top: -1 });
});

test('the shorter side of a crop share is rounded down, as timm does', () => {
  assert.is(shorterSideOf(224, 0.95), 235);
  assert.is(shorterSideOf(224, 0.875), 256);
  assert.is(shorterSideOf(32, 1), 32);
});

test.run();
