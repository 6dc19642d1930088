import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type MapView, PointMap } from '../../src/gpu/point_map/point_map.ts';
import { platform } from '../../src/platform/node.ts';

const [red, green, blue] = [0xff0000ff, 0xff00ff00, 0xffff0000] as const;
const ground = [0.2, 0.2, 0.2] as const;
const view: MapView = { width: 200, height: 100, x: 0, y: 0, scale: 1, disc: 10, picture: 20, ground };

/** The colour of a pixel of a picture that is 200 pixels wide. */
const at = (pixels: Uint8ClampedArray, x: number, y: number) => [
  ...pixels.subarray(4 * (200 * y + x), 4 * (200 * y + x) + 4),
];

test('a map shows discs and pictures where its points are, moves them, and finds the nearest', async () => {
  const map = await PointMap.create(platform.gpu);
  try {
    assert.equal(at(await map.draw(view), 100, 50), [51, 51, 51, 255]);
    // The shorter side shows −1 … 1, so x = ±1 lies at 50 and 150, and y grows upwards.
    map.setPoints(Float32Array.of(-1, 0, 1, 0, 0, 0.5), Uint32Array.of(red, green, blue));
    const discs = await map.draw(view);
    assert.equal(at(discs, 50, 50), [255, 0, 0, 255]);
    assert.equal(at(discs, 149, 50), [0, 255, 0, 255]);
    assert.equal(at(discs, 100, 25), [0, 0, 255, 255]);
    // A disc has no corners.
    assert.equal(at(discs, 54, 54), [51, 51, 51, 255]);

    // Two rows above each other: the first row of a picture is its top.
    const picture = Uint8Array.of(255, 255, 0, 255, 255, 0, 0, 255, 255, 0, 255, 255);
    map.setPictures({ pixels: picture, side: 2, points: Int32Array.of(2) });
    const pictures = await map.draw(view);
    assert.equal(at(pictures, 90, 25), [0, 0, 255, 255]);
    assert.equal(at(pictures, 100, 18), [255, 255, 0, 255]);
    assert.equal(at(pictures, 100, 31), [0, 255, 255, 255]);
    assert.equal(at(pictures, 50, 50), [255, 0, 0, 255]);

    const moved = { ...view, x: 1, scale: 2 };
    assert.equal(at(await map.draw(moved), 100, 50), [0, 255, 0, 255]);
    assert.is(map.nearest(moved, 103, 52, 8), 1);
    assert.is(map.nearest(moved, 130, 50, 8), -1);
    assert.is(map.nearest(view, 50, 50, 8), 0);

    map.setPoints(Float32Array.of(0, 0, 0, 0, 0, 0), Uint32Array.of(red, red, red));
    assert.equal(at(await map.draw({ ...view, progress: 0.5 }), 75, 50), [255, 0, 0, 255]);
    assert.throws(() => map.setColours(Uint32Array.of(red)), /1 colours for 3 points/);
  } finally {
    map.destroy();
  }
  assert.is(await map.lost, undefined);
});

test('each of several pictures is the one of its point', async () => {
  const map = await PointMap.create(platform.gpu);
  try {
    const places = [-1.6, -0.8, 0, 0.8, 1.6];
    map.setPoints(Float32Array.from(places.flatMap((x) => [x, 0])), new Uint32Array(5).fill(red));
    const levels = [40, 80, 120, 160, 200];
    const pixels = Uint8Array.from(levels.flatMap((level) => new Array(3 * 9).fill(level)));
    map.setPictures({ pixels, side: 3, points: Int32Array.of(4, 3, 2, 1, 0) });
    const drawn = await map.draw(view);
    places.forEach((x, point) => {
      const level = levels[4 - point]!;
      assert.equal(at(drawn, 100 + 50 * x, 50), [level, level, level, 255], `point ${point}`);
    });
  } finally {
    map.destroy();
  }
});

test('10,000 points are redrawn thirty times a second, on a software adapter too', async () => {
  const map = await PointMap.create(platform.gpu);
  try {
    const count = 10_000;
    const points = Float32Array.from({ length: 2 * count }, (_, i) => Math.sin(i * 12.9898) * Math.cos(i));
    map.setPoints(points, new Uint32Array(count).fill(green));
    const large = { ...view, width: 600, height: 600, disc: 4 };
    await map.draw(large);
    // The fastest of some frames: other work on the machine holds up the rest.
    let fastest = Infinity;
    for (let frame = 0; frame < 20; frame++) {
      const began = performance.now();
      await map.draw({ ...large, x: 0.01 * frame });
      fastest = Math.min(fastest, performance.now() - began);
    }
    assert.ok(fastest < 1000 / 30, `${fastest.toFixed(1)} ms a frame`);
  } finally {
    map.destroy();
  }
});

test.run();
