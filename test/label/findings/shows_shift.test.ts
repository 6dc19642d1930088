import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findNearCopies } from '../../../src/label/findings/near_copies.ts';
import { showsShift } from '../../../src/label/findings/shows_shift.ts';
import { Random } from '../../../src/random.ts';
import { area, framesOf, scene } from './made_frames.ts';

const side = 16;

/** Grey levels of a picture with a little noise. */
function picture(random: Random, value: (x: number, y: number) => number): Uint8Array {
  return Uint8Array.from({ length: area }, (_, i) =>
    Math.round(value(i % side, Math.floor(i / side)) + 4 * random.next()),
  );
}

const stripes = (period: number, phase: number) => (x: number) =>
  120 + 80 * Math.sin((2 * Math.PI * x) / period + phase);

test('a shift shows in scenes and slow waves, not in stripes, grids, even grounds with a thing on them', () => {
  const random = new Random(3);
  const shows = (pixels: Uint8Array) => showsShift(pixels, 0, side, 6);
  for (let i = 0; i < 200; i++) assert.is(shows(framesOf([scene(random)]).thumbnails), true, `scene ${i}`);
  assert.is(shows(picture(random, (x, y) => 100 + 5 * x + 3 * y + 30 * Math.sin(x / 3 + y / 4))), true);
  for (const period of [2.5, 3.1, 4, 5.6]) {
    assert.is(shows(picture(random, stripes(period, 1))), false, `stripes of ${period}`);
    const grid = (x: number, y: number) => stripes(period, 0)(x) / 2 + stripes(period, 2)(y) / 2;
    assert.is(shows(picture(random, grid)), false, `a grid of ${period}`);
  }
  const thing = Uint8Array.from({ length: area }, (_, i) =>
    i % side > 4 && i % side < 8 && i > 64 && i < 128 ? 200 : 0,
  );
  assert.is(shows(thing), false, 'a thing on an even ground');
});

test('stripes of many phases are no near copies of one another', () => {
  const random = new Random(5);
  const count = 200;
  const thumbnails = new Uint8Array(count * area);
  const features = new Float32Array(count * 8);
  for (let image = 0; image < count; image++) {
    thumbnails.set(picture(random, stripes(3.1 + 0.1 * random.next(), 6.28 * random.next())), image * area);
    for (let k = 0; k < 8; k++) features[image * 8 + k] = random.next();
  }
  const images = Int32Array.from({ length: count }, (_, image) => image);
  const { pairs } = findNearCopies(images, { features, columns: 8, thumbnails, seed: 1 });
  assert.ok(pairs.length <= 4, `${pairs.length} pairs`);
});

test.run();
