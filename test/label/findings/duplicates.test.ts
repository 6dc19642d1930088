import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CentredRows } from '../../../src/label/findings/centred_rows.ts';
import { type DuplicateInputs, findDuplicates } from '../../../src/label/findings/duplicates.ts';
import { normals, visitNearPairs } from '../../../src/label/findings/near_pairs.ts';
import { ThumbnailDetail } from '../../../src/label/findings/thumbnail_detail.ts';
import { Random } from '../../../src/random.ts';

const columns = 12;
const side = 6;
const area = side * side;

/** Images unlike one another, and after them `copies[i]` as a copy with a share of noise. */
function makeImages(count: number, copies: readonly { of: number; noise: number }[], seed = 1) {
  const random = new Random(seed);
  const total = count + copies.length;
  const features = new Float32Array(total * columns);
  const thumbnails = new Uint8Array(total * area);
  // A mean far from zero, as the features of a ReLU have: uncentred, all would be alike.
  features.set(normals(count * columns, random).map((value) => 20 + value));
  thumbnails.set(normals(count * area, random).map((value) => 128 + 30 * value));
  copies.forEach(({ of, noise }, i) => {
    const row = count + i;
    const draw = normals(columns + area, random);
    for (let j = 0; j < columns; j++) {
      features[row * columns + j] = features[of * columns + j]! + noise * draw[j]!;
    }
    for (let j = 0; j < area; j++) {
      thumbnails[row * area + j] = thumbnails[of * area + j]! + 30 * noise * draw[columns + j]!;
    }
  });
  const hashes = Array.from({ length: total }, (_, image) => `image ${image}`);
  return { features, columns, thumbnails, hashes, given: new Int32Array(total).fill(-1), seed: 0 };
}

test('the same hash is an exact copy, alike in features and detail a near one, the lowest number is kept', () => {
  const images = makeImages(50, [
    { of: 7, noise: 0.1 },
    { of: 3, noise: 0 },
    { of: 3, noise: 0.1 },
  ]);
  images.hashes[51] = images.hashes[3]!;
  const result = findDuplicates(images);
  const expected = Int32Array.from({ length: 53 }, (_, image) => image);
  expected.set([7, 3, 3], 50);
  assert.equal(result.groupOf, expected);
  assert.equal(
    [...result.exact].flatMap((value, image) => (value ? [image] : [])),
    [51],
  );
  assert.equal(
    result.groups.map(({ kind, images: members }) => ({ kind, images: [...members] })),
    [
      { kind: 'near', images: [3, 51, 52] },
      { kind: 'near', images: [7, 50] },
    ],
  );
  assert.equal([result.exactDuplicates, result.nearDuplicates], [1, 2]);
});

test('alike in the features alone, or in the thumbnails alone, is no copy', () => {
  const alikeFeatures = makeImages(30, [{ of: 4, noise: 0.05 }]);
  const alikeThumbnails = makeImages(30, [{ of: 4, noise: 0.05 }]);
  const other = makeImages(31, [], 9);
  alikeFeatures.thumbnails.set(other.thumbnails.subarray(30 * area), 30 * area);
  alikeThumbnails.features.set(other.features.subarray(30 * columns), 30 * columns);
  assert.is(findDuplicates(alikeFeatures).groups.length, 0);
  assert.is(findDuplicates(alikeThumbnails).groups.length, 0);
});

/** Measures the cosine of two images' features less their mean, and the agreement of their thumbnails. */
function measured({ features, thumbnails, hashes }: DuplicateInputs) {
  const centred = new CentredRows(features, columns);
  const detail = new ThumbnailDetail(thumbnails, hashes.length);
  return (a: number, b: number) => ({ cosine: centred.cosine(a, b), detail: detail.similarity(a, b) });
}

test('under an encoder that sees every grain, thumbnails that never agree by chance prove a copy', () => {
  const images = makeImages(
    400,
    Array.from({ length: 20 }, (_, of) => ({ of, noise: 0.05 })),
  );
  // The features of the copies are as far off as some 0.7 in cosine.
  const draw = normals(20 * columns, new Random(8));
  for (let at = 0; at < draw.length; at++) images.features[400 * columns + at]! += 0.9 * draw[at]!;
  const alikeness = measured(images);
  const cosines = Array.from({ length: 20 }, (_, i) => alikeness(i, 400 + i).cosine);
  assert.ok(cosines.filter((cosine) => cosine < 0.85).length > 10);
  const { groupOf, nearDuplicates } = findDuplicates(images);
  const found = cosines.filter((cosine, i) => cosine > 0.1 && groupOf[400 + i] === i);
  assert.is(found.length, cosines.filter((cosine) => cosine > 0.1).length);
  assert.is(nearDuplicates, found.length);
});

/** Images whose thumbnails share one frame, such as X-rays, in two classes that an encoder hardly sees beyond. */
function framedClasses() {
  const count = 300;
  const images = makeImages(count, []);
  const random = new Random(5);
  const frame = normals(area, random);
  const means = [normals(columns, random), normals(columns, random)];
  for (let image = 0; image < count; image++) {
    const own = normals(area + columns, random);
    for (let j = 0; j < area; j++) {
      images.thumbnails[image * area + j] = 128 + 30 * frame[j]! + 16 * own[j]!;
    }
    for (let j = 0; j < columns; j++) {
      images.features[image * columns + j] = 1.6 * means[image % 2]![j]! + 0.6 * own[area + j]!;
    }
  }
  return images;
}

test('where thumbnails agree by chance and an encoder sees classes alone, images of a class are no copies', () => {
  const images = framedClasses();
  const alikeness = measured(images);
  let bothAlike = 0;
  for (let a = 0; a < 300; a++) {
    for (let b = a + 1; b < 300; b++) {
      const { cosine, detail } = alikeness(a, b);
      if (cosine > 0.85 && detail > 0.8) bothAlike++;
    }
  }
  const { nearDuplicates } = findDuplicates(images);
  assert.ok(bothAlike > 300, `${bothAlike} pairs pass the least limits`);
  assert.ok(nearDuplicates < bothAlike / 20, `${nearDuplicates} copies of ${bothAlike}`);
  // A true copy among them is found all the same.
  images.features.copyWithin(7 * columns, 8 * columns, 9 * columns);
  images.thumbnails.copyWithin(7 * area, 8 * area, 9 * area);
  assert.is(findDuplicates(images).groupOf[8], 7);
});

test('flat thumbnails prove nothing', () => {
  const images = makeImages(400, []);
  images.thumbnails.fill(200, 0, 8 * area);
  assert.is(measured(images)(0, 1).detail, 1);
  assert.is(findDuplicates(images).groups.length, 0);
});

test('a labelled image is kept before an earlier one without a label; different labels are a conflict', () => {
  const images = makeImages(20, [
    { of: 2, noise: 0.05 },
    { of: 2, noise: 0.05 },
    { of: 5, noise: 0.05 },
  ]);
  images.given.set([1, 0, 4], 20);
  images.given[5] = 4;
  const { groupOf, conflicts } = findDuplicates(images);
  assert.equal([groupOf[2], groupOf[20], groupOf[21]], [20, 20, 20]);
  assert.equal([groupOf[5], groupOf[22]], [5, 5]);
  assert.equal(
    conflicts.map(({ images: members, labels }) => [[...members], [...labels]]),
    [
      [
        [20, 21],
        [1, 0],
      ],
    ],
  );
});

test('a chain of small changes is cut: every copy resembles the image that is kept for it', () => {
  // Frames of a film that turns slowly from one picture into another.
  const frames = 40;
  const images = makeImages(2, []);
  const blend = <A extends Float32Array | Uint8Array>(source: A, width: number, target: A) => {
    for (let frame = 0; frame < frames; frame++) {
      const share = frame / (frames - 1);
      for (let j = 0; j < width; j++) {
        target[frame * width + j] = (1 - share) * source[j]! + share * source[width + j]!;
      }
    }
    return target;
  };
  const film: DuplicateInputs = {
    ...images,
    features: blend(images.features, columns, new Float32Array(frames * columns)),
    thumbnails: blend(images.thumbnails, area, new Uint8Array(frames * area)),
    hashes: Array.from({ length: frames }, (_, frame) => `${frame}`),
    given: new Int32Array(frames).fill(-1),
  };
  const { groupOf, groups } = findDuplicates(film);
  const detail = new ThumbnailDetail(film.thumbnails, frames);
  const centred = new CentredRows(film.features, columns);
  assert.ok(groups.length >= 2, `${groups.length} groups`);
  groupOf.forEach((kept, image) => {
    assert.is(groupOf[kept], kept, 'what is kept is kept for itself');
    if (kept === image) return;
    assert.ok(detail.similarity(kept, image) >= 0.8);
    assert.ok(centred.cosine(kept, image) >= 0.85);
  });
});

test('beyond the exhaustive 2,000 rows near copies are found all the same, for any seed', () => {
  const copies = Array.from({ length: 60 }, (_, i) => ({ of: 40 * i, noise: 0.15 }));
  const images = makeImages(2500, copies);
  for (const seed of [0, 1]) {
    const { groupOf, groups } = findDuplicates({ ...images, seed });
    // Chance pairs of 12 random features and 36 random pixels that pass both limits do not occur among 2,500.
    assert.is(groups.length, 60);
    copies.forEach(({ of }, i) => {
      assert.is(groupOf[2500 + i], of);
    });
  }
});

test('many copies of one image make one group; where they are nearly all, what sets them apart counts', () => {
  const copies = Array.from({ length: 300 }, () => ({ of: 6, noise: 0.03 }));
  const { groups } = findDuplicates(makeImages(600, copies));
  assert.equal([groups.length, groups[0]!.images.length, groups[0]!.images[0]], [1, 301, 6]);
  // The frames of a fixed camera: their mean is the scene, and what is left is unlike in each.
  const scene = findDuplicates(
    makeImages(
      2,
      copies.map(() => ({ of: 1, noise: 0.03 })),
    ),
  );
  assert.ok(scene.groups.every(({ images }) => images.length < 100));
});

test('pairs visited: all below 2,000 rows, and a bounded number above even where all rows are the same', () => {
  const visit = (count: number) => {
    const pairs = new Set<number>();
    let calls = 0;
    const block = (_: number, size: number) => new Float32Array(size * 2).fill(1);
    visitNearPairs({ count, columns: 2, block }, 3, new Random(1), (a, b) => {
      assert.ok(a < b);
      calls++;
      if (count <= 37) pairs.add(a * count + b);
    });
    return { calls, pairs: pairs.size };
  };
  assert.equal(visit(37), { calls: 666, pairs: 666 });
  assert.is(visit(1).calls, 0);
  // Three tables of 3,000 rows, each compared with the 2,000,000 / 3,000 = 666 behind it, as far as there are any.
  assert.is(visit(3000).calls, 3 * (3000 * 666 - (666 * 667) / 2));
});

test('the centred cosine is that of rows less their mean, in float64', () => {
  const { features } = makeImages(23, []);
  const rows = Array.from({ length: 23 }, (_, row) => [
    ...features.subarray(row * columns, (row + 1) * columns),
  ]);
  const mean = rows[0]!.map((_, j) => rows.reduce((sum, row) => sum + row[j]!, 0) / 23);
  const centred = rows.map((row) => row.map((value, j) => value - mean[j]!));
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, j) => sum + value * b[j]!, 0);
  const subject = new CentredRows(features, columns);
  for (const [a, b] of [
    [0, 1],
    [5, 22],
    [4, 4],
  ] as const) {
    const [x, y] = [centred[a]!, centred[b]!];
    // Sums of about 12·20² in float64 lose at most some 1e-12.
    assert.ok(Math.abs(subject.cosine(a, b) - dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y))) < 1e-11);
  }
  assert.is(new CentredRows(Float32Array.of(1, 2, 1, 2), 2).cosine(0, 1), 0, 'rows that are their mean');
});

test('detail ignores brightness, forgives rounding, and falls with contrast', () => {
  const base = Uint8Array.of(10, 60, 30, 90, 20, 80, 50, 40, 70);
  const pair = (change: (value: number) => number) =>
    new ThumbnailDetail(Uint8Array.of(...base, ...base.map(change)), 2).similarity(0, 1);
  assert.is(
    pair((value) => value + 100),
    1,
  );
  // Contrast doubled: 1 − ‖a‖² / 5‖a‖², but for the rounding forgiven.
  assert.ok(Math.abs(pair((value) => 2 * value) - 0.8) < 1e-3);
  assert.ok(pair((value) => 90 - value) < -0.99);
  const flat = new ThumbnailDetail(Uint8Array.of(200, 200, 200, 201, 9, 9, 9, 9), 2);
  assert.ok(flat.similarity(0, 1) > 0.5, 'one level of rounding in one pixel');
  assert.is(flat.similarity(0, 0), 1);
  assert.throws(() => new ThumbnailDetail(new Uint8Array(10), 2), /square/);
});

test.run();
