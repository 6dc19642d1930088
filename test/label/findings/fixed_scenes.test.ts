import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findFixedScenes } from '../../../src/label/findings/fixed_scenes.ts';
import { Random } from '../../../src/random.ts';

const side = 16;
const area = side * side;

/** A background of waves that cover it. */
function background(random: Random): (x: number, y: number) => number {
  const waves = Array.from({ length: 6 }, () => [random.next(), random.next(), 6 * random.next()] as const);
  return (x, y) => 120 + waves.reduce((sum, [a, b, p]) => sum + 18 * Math.sin(a * x + b * y + p), 0);
}

/** Images of cameras in turn: each with other light, noise, and a dark thing somewhere that covers a tenth. */
function frames(count: number, cameras: number, seed: number): Uint8Array {
  const random = new Random(seed, 0);
  const places = Array.from({ length: cameras }, () => background(random));
  const pixels = new Uint8Array(count * area);
  for (let image = 0; image < count; image++) {
    const [left, top, light] = [random.integer(11), random.integer(11), 0.9 + 0.2 * random.next()];
    for (let i = 0; i < area; i++) {
      const [x, y] = [i % side, Math.floor(i / side)];
      const thing = x >= left && x < left + 5 && y >= top && y < top + 5;
      const value = thing ? 40 : light * places[image % cameras]!(x, y);
      pixels[image * area + i] = Math.round(value + 3 * (random.next() - 0.5));
    }
  }
  return pixels;
}

const alone = (count: number) => Int32Array.from({ length: count }, (_, image) => image);
const unlabelled = (count: number) => new Int32Array(count).fill(-1);

test('images of fixed cameras are told from a set of other places, and counted by place', () => {
  const found = findFixedScenes(frames(600, 4, 1), alone(600), unlabelled(600), new Random(0, 0));
  assert.is(found.scenes, 4);
  assert.ok(found.share > 0.95, `${found.share}`);
  assert.is(found.unlabelled, 4);
  const others = findFixedScenes(frames(600, 600, 2), alone(600), unlabelled(600), new Random(0, 0));
  assert.equal(others, { share: 0, scenes: 0, unlabelled: 0 });
});

test('a place that shows a labelled image is not among those without, however few its labels', () => {
  const given = unlabelled(600);
  for (const image of [0, 1]) given[image] = 0;
  given[2] = -2;
  const found = findFixedScenes(frames(600, 4, 1), alone(600), given, new Random(0, 0));
  assert.is(found.unlabelled, 1);
});

test('copies of one another are no fixed camera', () => {
  const groups = Int32Array.from({ length: 600 }, (_, image) => image % 4);
  const found = findFixedScenes(frames(600, 4, 1), groups, unlabelled(600), new Random(0, 0));
  assert.equal(found, { share: 0, scenes: 0, unlabelled: 0 });
});

test('flat images, as of a scanner without a page, agree in nothing', () => {
  const flat = new Uint8Array(100 * area).fill(250);
  const found = findFixedScenes(flat, alone(100), unlabelled(100), new Random(0, 0));
  assert.is(found.share, 0);
});

test.run();
