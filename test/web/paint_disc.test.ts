import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { paintDisc } from '../../src/web/page/map/paint_disc.ts';

const [width, height] = [21, 17];

/** Pixels that are black and opaque. */
function black() {
  const data = new Uint8ClampedArray(4 * width * height);
  for (let at = 3; at < data.length; at += 4) data[at] = 255;
  const colourAt = (x: number, y: number) => [...data.subarray(4 * (y * width + x), 4 * (y * width + x) + 4)];
  return { pixels: { data, width, height }, colourAt };
}

test('a disc covers what lies within, fades at its edge, and is seen through as it says', () => {
  const { pixels, colourAt } = black();
  paintDisc(pixels, 10.5, 8.5, 5, 0xff0480ff);
  assert.equal(colourAt(10, 8), [255, 128, 4, 255]);
  assert.equal(colourAt(6, 8), [255, 128, 4, 255]);
  // Its middle lies on the edge, where half is left.
  assert.equal(colourAt(5, 8), [128, 64, 2, 255]);
  assert.equal(colourAt(4, 8), [0, 0, 0, 255]);
  assert.equal(colourAt(6, 4), [0, 0, 0, 255], 'no corners');
  paintDisc(pixels, 10.5, 8.5, 2, 0x80ffffff);
  const blended = colourAt(10, 8);
  // 128 of 255 of white over each, rounded once.
  assert.equal(blended, [255, 192, 130, 255]);
});

test('all discs together cover their areas', () => {
  for (const [x, y, radius] of [
    [9.2, 7.9, 4.3],
    [8, 8, 1.25],
    [10.7, 6.1, 6],
  ] as const) {
    const { pixels } = black();
    paintDisc(pixels, x, y, radius, 0xffffffff);
    let sum = 0;
    for (let at = 0; at < pixels.data.length; at += 4) sum += pixels.data[at]! / 255;
    // An edge that fades over a pixel is off by π/12 pixels, and by what the grid cuts.
    assert.ok(Math.abs(sum - Math.PI * radius ** 2) < 0.6, `${sum} of a disc of ${radius}`);
  }
});

test('a disc beyond the edges leaves the rest alone', () => {
  const { pixels, colourAt } = black();
  paintDisc(pixels, -1, 8, 3, 0xffffffff);
  paintDisc(pixels, 200, 8, 3, 0xffffffff);
  paintDisc(pixels, 10, -40, 3, 0xffffffff);
  assert.equal(colourAt(0, 8)[0], 255);
  assert.equal(colourAt(20, 7), [0, 0, 0, 255]);
  assert.equal(colourAt(20, 8), [0, 0, 0, 255]);
  assert.equal(colourAt(10, 0), [0, 0, 0, 255]);
});

test.run();
