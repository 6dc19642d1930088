import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { normals } from '../../../src/label/findings/near_pairs.ts';
import { findOutliers } from '../../../src/label/findings/outliers.ts';
import { Random } from '../../../src/random.ts';

const columns = 16;

/** Rows about five class means, and after them `odd` rows about a direction of their own. */
function draw(count: number, odd: number, labelled: number, seed: number) {
  const random = new Random(seed);
  const means = Array.from({ length: 6 }, () => normals(columns, random).map((value) => 3 * value));
  const features = new Float32Array((count + odd) * columns);
  for (let row = 0; row < count + odd; row++) {
    const mean = means[row < count ? row % 5 : 5]!;
    features.set(
      normals(columns, random).map((value, j) => value + mean[j]!),
      row * columns,
    );
  }
  const given = new Int32Array(count + odd).fill(-1);
  for (let row = 0; row < labelled; row++) given[row] = row % 5;
  return { features, columns, given };
}

test('the score is the cosine distance to the third nearest labelled row beside itself, the nearest is named', () => {
  const { features, given } = draw(60, 5, 23, 1);
  const { score, nearest } = findOutliers({ features, columns, given });
  const unit = (row: number) => {
    const own = [...features.subarray(row * columns, (row + 1) * columns)];
    const norm = Math.hypot(...own);
    return own.map((value) => value / norm);
  };
  for (let row = 0; row < 65; row++) {
    const own = unit(row);
    const sorted = Array.from({ length: 23 }, (_, other) => other)
      .filter((other) => other !== row)
      .map((other) => ({
        other,
        distance: 1 - unit(other).reduce((sum, value, j) => sum + value * own[j]!, 0),
      }))
      .sort((a, b) => a.distance - b.distance);
    assert.is(nearest[row], sorted[0]!.other);
    // Float32 scores of about 1.
    assert.ok(Math.abs(score[row]! - sorted[2]!.distance) < 1e-6);
  }
});

test('rows about a direction that nobody labelled are found, and never a labelled one', () => {
  const set = draw(400, 20, 50, 2);
  // Labels on odd rows make their like usual, and labelled rows are no outliers themselves.
  const { outlier, limit } = findOutliers(set);
  const marked = (from: number, to: number) =>
    outlier.subarray(from, to).reduce((sum, value) => sum + value, 0);
  assert.is(marked(400, 420), 20);
  assert.is(marked(0, 50), 0);
  assert.ok(marked(50, 400) <= 4, `${marked(50, 400)} of 350 others`);
  assert.ok(Number.isFinite(limit));
  set.given.set([0, 0, 0, 0, 0], 400);
  const { outlier: after } = findOutliers(set);
  assert.is(
    after.subarray(400).reduce((sum, value) => sum + value, 0),
    0,
  );
});

test('where nothing is odd, fewer are marked than one in n + 1 for n labels', () => {
  for (const labelled of [10, 20, 50, 200]) {
    let marked = 0;
    for (let seed = 0; seed < 10; seed++) {
      const { outlier } = findOutliers(draw(700, 0, labelled, 10 + seed));
      marked += outlier.reduce((sum, value) => sum + value, 0) / (700 - labelled) / 10;
    }
    // Beyond the greatest of n alone would be 1 / (n + 1) on average: 9%, 4.8%, 2%, 0.5%.
    assert.ok(marked < 0.8 / (labelled + 1), `${labelled} labels: ${marked}`);
  }
});

test('too few labels to know what is usual mark nothing; copies among the labelled do no harm', () => {
  const few = findOutliers(draw(30, 10, 7, 3));
  assert.is(few.limit, Infinity);
  assert.not.ok(few.outlier.includes(1));
  const none = findOutliers(draw(30, 10, 0, 3));
  assert.equal([none.nearest[0], none.score[0]], [-1, 1]);
  const copies = draw(100, 5, 40, 4);
  for (let row = 0; row < 40; row++) {
    copies.features.copyWithin(row * columns, (row % 10) * columns, ((row % 10) + 1) * columns);
  }
  // Every labelled image has three copies with a label: unless they are known, whatever is no copy seems odd.
  const groupOf = Int32Array.from(copies.given.keys(), (row) => (row < 40 ? row % 10 : row));
  const { outlier, limit } = findOutliers({ ...copies, groupOf });
  assert.ok(limit > 0.01, `${limit}`);
  assert.not.ok(outlier.subarray(40, 100).includes(1));
  assert.ok(Number.isFinite(findOutliers(copies).limit));
});

test('of more than 5,000 labelled rows an even choice is compared with', () => {
  const set = draw(5300, 3, 5300, 5);
  const { nearest, outlier } = findOutliers(set);
  const compared = new Set(nearest);
  assert.ok(compared.size <= 5000);
  assert.ok(Math.max(...compared) > 5200, 'the last of them too');
  assert.equal([...outlier.subarray(5300)], [1, 1, 1]);
});

test.run();
