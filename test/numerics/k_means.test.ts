import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { normals } from '../../src/label/findings/near_pairs.ts';
import { kMeans } from '../../src/numerics/k_means.ts';
import { Random } from '../../src/random.ts';

/** Rows about `groups` far-apart means in turn. */
function draw(rows: number, columns: number, groups: number, seed: number) {
  const random = new Random(seed);
  const means = Array.from({ length: groups }, () => normals(columns, random).map((value) => 20 * value));
  const features = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    features.set(
      normals(columns, random).map((value, j) => value + means[row % groups]![j]!),
      row * columns,
    );
  }
  return features;
}

test('separate groups are found, their centres are the means, distances are to them', () => {
  const features = draw(317, 7, 5, 1);
  const { centres, clusterOf, distances } = kMeans(features, 7, 5, new Random(2));
  assert.is(new Set(clusterOf).size, 5);
  for (let row = 5; row < 317; row++) assert.is(clusterOf[row], clusterOf[row % 5]);
  for (let cluster = 0; cluster < 5; cluster++) {
    const rows = [...clusterOf.keys()].filter((row) => clusterOf[row] === cluster);
    for (let j = 0; j < 7; j++) {
      const mean = rows.reduce((sum, row) => sum + features[row * 7 + j]!, 0) / rows.length;
      assert.ok(Math.abs(centres[cluster * 7 + j]! - mean) < 1e-10);
    }
    for (const row of rows) {
      let square = 0;
      for (let j = 0; j < 7; j++) square += (features[row * 7 + j]! - centres[cluster * 7 + j]!) ** 2;
      // The expanded square cancels terms of about 7·20² in float64.
      assert.ok(Math.abs(distances[row]! - square) < 1e-9);
    }
  }
});

test('every row goes to its nearest centre, also rows that the centres were not fitted to', () => {
  const features = draw(300, 5, 40, 3);
  const { centres, clusterOf } = kMeans(features, 5, 13, new Random(4), { sample: 100, iterations: 3 });
  for (let row = 0; row < 300; row++) {
    const squares = Array.from({ length: 13 }, (_, cluster) => {
      let square = 0;
      for (let j = 0; j < 5; j++) square += (features[row * 5 + j]! - centres[cluster * 5 + j]!) ** 2;
      return square;
    });
    assert.is(clusterOf[row], squares.indexOf(Math.min(...squares)));
  }
});

test('k-means++ starts in every far group, where a uniform draw would mostly miss small ones', () => {
  // One group of 200 and nine of a single row: ten uniform draws would hardly ever meet them all.
  const random = new Random(5);
  const features = new Float32Array(209 * 2);
  for (let row = 0; row < 209; row++) {
    const angle = (Math.max(0, row - 199) * Math.PI) / 5;
    const [x, y] = normals(2, random);
    features.set([100 * Math.cos(angle) + x! / 100, 100 * Math.sin(angle) + y! / 100], row * 2);
  }
  for (let seed = 0; seed < 20; seed++) {
    const { clusterOf } = kMeans(features, 2, 10, new Random(seed), { iterations: 0 });
    assert.is(new Set(clusterOf.subarray(199)).size, 10, `seed ${seed}`);
  }
});

test('the same random numbers give the same clusters; more rounds never make them worse', () => {
  const features = draw(400, 6, 30, 6);
  const run = (iterations: number) => kMeans(features, 6, 12, new Random(7), { iterations });
  assert.equal(run(20), run(20));
  const loss = (iterations: number) => run(iterations).distances.reduce((sum, value) => sum + value, 0);
  const losses = [0, 1, 2, 5, 20].map(loss);
  losses.forEach((value, i) => {
    assert.ok(i === 0 || value <= losses[i - 1]! * (1 + 1e-12), losses.join(' '));
  });
});

test('fewer different rows than clusters, one row, or more clusters than rows give finite centres', () => {
  const same = new Float32Array(30).fill(3);
  for (const [features, k] of [
    [same, 4],
    [same.subarray(0, 3), 1],
    [draw(5, 3, 5, 8), 9],
  ] as const) {
    const { centres, clusterOf } = kMeans(features, 3, k, new Random(9));
    assert.is(centres.length, Math.min(k, features.length / 3) * 3);
    assert.ok(centres.every(Number.isFinite));
    assert.ok(clusterOf.every((cluster) => cluster < k));
  }
  assert.is(new Set(kMeans(draw(5, 3, 5, 8), 3, 9, new Random(9)).clusterOf).size, 5);
});

test('a cluster that loses all its rows starts again at the row furthest from its centre', () => {
  // Two of three starts fall on the pair of equal rows at 0: their cluster of the first of equals takes both.
  const features = Float32Array.of(0, 0, 10, 11, 30);
  for (let seed = 0; seed < 30; seed++) {
    const { clusterOf } = kMeans(features, 1, 4, new Random(seed));
    assert.is(new Set(clusterOf).size, 4, `seed ${seed}: ${clusterOf}`);
  }
});

test.run();
