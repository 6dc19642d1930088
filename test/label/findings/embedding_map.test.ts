import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { embeddingMap, mapSample, mapSize } from '../../../src/label/findings/embedding_map.ts';
import { Random } from '../../../src/random.ts';

const columns = 19;
const groups = 4;

/** Rows around `groups` directions, turn by turn. */
function grouped(count: number, spread: number): Float32Array {
  const random = new Random(4);
  const centres = Float32Array.from({ length: groups * columns }, () => random.next() - 0.5);
  return Float32Array.from(
    { length: count * columns },
    (_, at) =>
      centres[(Math.floor(at / columns) % groups) * columns + (at % columns)]! +
      spread * (random.next() - 0.5),
  );
}

const all = (count: number) => Int32Array.from({ length: count }, (_, row) => row);
const features = grouped(257, 0.4);
const points = embeddingMap(features, columns, all(257), 3);

/** How many points have one of their own group as the nearest. */
function amongTheirOwn(points: readonly { x: number; y: number }[]): number {
  return points.filter((point, at) => {
    const distance = (other: { x: number; y: number }) => Math.hypot(other.x - point.x, other.y - point.y);
    let nearest = at === 0 ? 1 : 0;
    points.forEach((other, index) => {
      if (index !== at && distance(other) < distance(points[nearest]!)) nearest = index;
    });
    return nearest % groups === at % groups;
  }).length;
}

test('images with similar features lie close: the nearest point is of the same group', () => {
  // By chance a quarter; the groups are apart by several times their spread, so all but stragglers.
  const same = amongTheirOwn(points);
  assert.ok(same >= 0.98 * points.length, `${same} of ${points.length}`);
});

test('a map that starts from an earlier one stays near it where the features do, and follows them where they do not', () => {
  const flat = (map: readonly { x: number; y: number }[]) =>
    Float32Array.from(map.flatMap(({ x, y }) => [x, y]));
  const again = embeddingMap(features, columns, all(257), 5, flat(points));
  const moved = (map: typeof points) =>
    map.reduce((sum, { x, y }, at) => sum + Math.hypot(x - points[at]!.x, y - points[at]!.y), 0) / map.length;
  assert.ok(moved(again) < 0.2, `by ${moved(again)}`);
  assert.ok(amongTheirOwn(again) >= 0.98 * points.length);
  // From a map that says nothing of these features.
  const turned = flat(points.map((_, at) => points[(at + 1 + (at % 2)) % points.length]!));
  const same = amongTheirOwn(embeddingMap(features, columns, all(257), 5, turned));
  assert.ok(same >= 0.98 * points.length, `${same} of ${points.length}`);
});

test('points fill the square from −1 to 1', () => {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const widest = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys));
  assert.is(widest, 2);
  for (const values of [xs, ys]) {
    assert.ok(Math.abs(Math.max(...values) + Math.min(...values)) < 1e-3, 'centred');
  }
});

test('the same seed gives the same map, another seed another', () => {
  assert.equal(embeddingMap(features, columns, all(257), 3), points);
  assert.not.equal(embeddingMap(features, columns, all(257), 4), points);
});

test('the chosen rows alone are laid out, in their order', () => {
  const rows = Int32Array.from({ length: 40 }, (_, at) => 200 - 3 * at);
  const picked = new Float32Array(rows.length * columns);
  rows.forEach((row, at) => {
    picked.set(features.subarray(row * columns, (row + 1) * columns), at * columns);
  });
  assert.equal(embeddingMap(features, columns, rows, 3), embeddingMap(picked, columns, all(40), 3));
});

test('few images, equal images and images without features get finite places', () => {
  for (const count of [0, 1, 2, 9, 10, 11, 16]) {
    for (const values of [
      grouped(count, 0.4),
      new Float32Array(count * columns).fill(1),
      new Float32Array(count * columns),
    ]) {
      const map = embeddingMap(values, columns, all(count), 1);
      assert.is(map.length, count);
      assert.ok(map.every(({ x, y }) => Math.abs(x) <= 1 && Math.abs(y) <= 1));
    }
  }
  const narrow = embeddingMap(Float32Array.of(1, -1, 1, -1), 1, all(4), 1);
  assert.ok(narrow.every(({ x, y }) => Math.abs(x) <= 1 && Math.abs(y) <= 1));
});

test('the sample is bounded, ascending and chosen by the seed', () => {
  assert.equal(mapSample(5, 1), Int32Array.of(0, 1, 2, 3, 4));
  const sample = mapSample(100_000, 1);
  assert.is(sample.length, mapSize);
  assert.ok(sample.every((row, at) => at === 0 || row > sample[at - 1]!));
  assert.not.equal(mapSample(100_000, 2), sample);
  assert.throws(() => embeddingMap(new Float32Array(2001), 1, all(2001), 1), /2001 rows/);
});

test.run();
