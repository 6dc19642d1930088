import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { alignPlane } from '../../src/numerics/procrustes.ts';
import { Random } from '../../src/random.ts';

const random = new Random(3);
const cloud = (count: number) => Float64Array.from({ length: 2 * count }, () => random.next() - 0.5);
const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, value, at) => sum + (value - b[at]!) ** 2, 0);

/** A turn by an angle, a mirror image before it where wanted, and a shift behind it. */
const moved = (points: Float64Array, angle: number, mirror: boolean) =>
  points.map((_, at) => {
    const i = at - (at % 2);
    const [x, y] = [points[i]!, (mirror ? -1 : 1) * points[i + 1]!];
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    return at % 2 === 0 ? cos * x - sin * y + 3 : sin * x + cos * y - 7;
  });

test('points that were turned, mirrored and shifted come back to where they were', () => {
  const points = cloud(40);
  for (const mirror of [false, true]) {
    for (const angle of [0, 0.7, 2, Math.PI, -1.3]) {
      const back = alignPlane(moved(points, angle, mirror), points);
      // Twelve of the sixteen digits: sums of forty products.
      back.forEach((value, at) => {
        assert.ok(Math.abs(value - points[at]!) < 1e-12, `${mirror} ${angle}`);
      });
    }
  }
});

test('no other angle, mirrored or not, brings points nearer', () => {
  const [points, onto] = [cloud(25), cloud(25)];
  const best = distance(alignPlane(points, onto), onto);
  const centred = (of: Float64Array) => {
    const mean = [0, 1].map((k) => of.filter((_, at) => at % 2 === k).reduce((a, b) => a + b, 0) / 25);
    return of.map((value, at) => value - mean[at % 2]!);
  };
  const [own, target] = [centred(points), centred(onto)];
  for (const mirror of [false, true]) {
    for (let angle = -Math.PI; angle < Math.PI; angle += 0.01) {
      const tried = moved(own, angle, mirror).map((value, at) => value + (at % 2 === 0 ? -3 : 7));
      assert.ok(distance(tried, target) >= best - 1e-12);
    }
  }
});

test('points of which nothing says where they should lie move with the others', () => {
  const points = cloud(12);
  const onto = points.map((value, at) => (at < 8 ? Number.NaN : value));
  const back = alignPlane(moved(points, 1.1, true), onto);
  back.forEach((value, at) => {
    assert.ok(Math.abs(value - points[at]!) < 1e-12);
  });
});

test('points of another number are refused', () => {
  assert.throws(() => alignPlane([0, 0], [0, 0, 1, 1]), RangeError);
});

test.run();
