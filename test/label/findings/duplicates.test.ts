import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CentredRows } from '../../../src/label/findings/centred_rows.ts';
import { findDuplicates } from '../../../src/label/findings/duplicates.ts';
import { normals, visitNearPairs } from '../../../src/label/findings/near_pairs.ts';
import { ThumbnailDetail } from '../../../src/label/findings/thumbnail_detail.ts';
import { Random } from '../../../src/random.ts';
import { area, columns, framesOf, later, type Picture, scene, shape } from './made_frames.ts';

/** Scenes, and after them frames of some of them: `frames[i]` a moment after scene `of`. */
function scenesWith(count: number, frames: readonly { of: number; shift: number }[], given?: number[]) {
  const random = new Random(1);
  // Of many scenes each is of fewer waves, which are as loud together.
  const scenes = Array.from({ length: count }, () => (count > 1000 ? scene(random, 22, 10) : scene(random)));
  const pictures = [...scenes, ...frames.map(({ of, shift }) => later(scenes[of]!, random, shift))];
  return framesOf(pictures, given ?? pictures.map(() => -1));
}

test('exact copies take a label, near ones do not; both count as one observation with what they repeat', () => {
  const images = scenesWith(50, [
    { of: 7, shift: 0.5 },
    { of: 3, shift: 0 },
    { of: 3, shift: 0.5 },
  ]);
  images.sameAs[51] = images.sameAs[3]!;
  const result = findDuplicates(images);
  const alone = Int32Array.from({ length: 53 }, (_, image) => image);
  assert.equal(result.groupOf, Int32Array.of(...alone.subarray(0, 50), 7, 3, 3));
  assert.equal(result.inheritsFrom, alone.with(51, 3));
  assert.equal(
    result.groups.map(({ kind, images: members, chained }) => [kind, [...members], chained]),
    [
      ['near', [3, 51, 52], false],
      ['near', [7, 50], false],
    ],
  );
  assert.equal([result.exactDuplicates, result.nearDuplicates], [1, 2]);
});

/** Of images with a mate how many are grouped with one, and how many images are grouped with another that is none. */
function grouping(groupOf: Int32Array, truth: readonly number[]) {
  const mates = (image: number, other: number) => other !== image && groupOf[other] === groupOf[image];
  const all = truth.map((_, image) => image);
  const withMate = all.filter((image) => truth.filter((own) => own === truth[image]).length > 1);
  const found = withMate.filter((image) => all.some((j) => mates(image, j) && truth[j] === truth[image]));
  const wrong = all.filter((image) => all.some((j) => mates(image, j) && truth[j] !== truth[image]));
  return { found: found.length / withMate.length, wrong };
}

test('frames of a burst are one observation: shifted, exposed otherwise, with noise', () => {
  const frames = Array.from({ length: 60 }, (_, i) => ({ of: i % 30, shift: 1.3 }));
  const truth = [...Array(90).keys(), ...frames.map(({ of }) => of)];
  const { groupOf } = findDuplicates(scenesWith(90, frames));
  const { found, wrong } = grouping(groupOf, truth);
  assert.ok(found >= 0.95, `${found}`);
  assert.equal(wrong, []);
});

test('a shift by two pixels of the thumbnail is made up for where the whole frame moved, and not where a thing did', () => {
  const random = new Random(3);
  const copiesOfMoved = (pictures: readonly Picture[]) => {
    const moved = pictures.slice(0, 10).map(
      (picture): Picture =>
        (x, y) =>
          picture(x + 8, y - 6),
    );
    const images = framesOf([...pictures, ...moved]);
    // To an encoder it is all the same.
    images.features.copyWithin(pictures.length * columns, 0, 10 * columns);
    return findDuplicates(images).nearDuplicates;
  };
  assert.is(copiesOfMoved(Array.from({ length: 40 }, () => scene(random))), 10);
  assert.is(copiesOfMoved(Array.from({ length: 40 }, (_, kind) => shape(kind, random))), 0);
});

test('of two thousand different shapes on a black ground at most one in a hundred is called a copy', () => {
  const random = new Random(5);
  const shapes = Array.from({ length: 2000 }, (_, kind) => shape(kind, random));
  const { nearDuplicates } = findDuplicates(framesOf(shapes));
  assert.ok(nearDuplicates <= 20, `${nearDuplicates}`);
});

test('a fixed camera: its empty pictures are one observation, those with an animal observations of their own', () => {
  const random = new Random(6);
  const cameras = Array.from({ length: 4 }, () => scene(random));
  const truth: number[] = [];
  const pictures = Array.from({ length: 200 }, (_, i): Picture => {
    const empty = later(cameras[i % 4]!, random, 0);
    const animal = random.next() < 0.35;
    truth.push(animal ? 100 + i : i % 4);
    if (!animal) return empty;
    const [cx, cy, radius] = [8 + 48 * random.next(), 20 + 35 * random.next(), 3.5 + 2.5 * random.next()];
    return (x, y) =>
      ((x - cx) / 1.6) ** 2 + (y - cy) ** 2 < radius ** 2 ? 40 + 8 * random.next() : empty(x, y);
  });
  const { groupOf } = findDuplicates(framesOf(pictures));
  const { found, wrong } = grouping(groupOf, truth);
  assert.is(found, 1, 'empty pictures of each camera');
  const animals = truth.filter((own) => own >= 100).length;
  const grouped = wrong.filter((image) => truth[image]! >= 100).length;
  // What is as dark as the animal, or cut off by the margin, hides some.
  assert.ok(grouped <= animals / 10, `${grouped} of ${animals}`);
});

test('where features are unlike, and where thumbnails are flat, nothing is a copy', () => {
  const unlike = scenesWith(60, [{ of: 4, shift: 0.5 }]);
  assert.is(findDuplicates(unlike).nearDuplicates, 1);
  const far = unlike.features.slice();
  // The other side of the mean.
  for (let j = 0; j < columns; j++) far[60 * columns + j] = 256 - far[4 * columns + j]!;
  assert.is(findDuplicates({ ...unlike, features: far }).nearDuplicates, 0);
  const flat = scenesWith(60, []);
  flat.thumbnails.fill(200, 0, 8 * area);
  flat.features.fill(200, 0, 8 * columns);
  assert.is(findDuplicates(flat).nearDuplicates, 0);
});

test('an encoder that sees every grain keeps no copy from being found', () => {
  const images = scenesWith(
    200,
    Array.from({ length: 20 }, (_, of) => ({ of, shift: 0.5 })),
  );
  const sight = normals(images.features.length, new Random(8));
  const noisy = images.features.map((value, at) => value + 12 * sight[at]!);
  const centred = new CentredRows(noisy, columns);
  const cosines = Array.from({ length: 20 }, (_, of) => centred.cosine(of, 200 + of));
  assert.ok(cosines.filter((cosine) => cosine < 0.85).length >= 5, `${cosines}`);
  assert.ok(findDuplicates({ ...images, features: noisy }).nearDuplicates >= 15);
});

test('a labelled image stands for its group; exact copies inherit where their labels agree', () => {
  const given = Array<number>(24).fill(-1).with(21, 1).with(5, 4);
  const images = scenesWith(
    20,
    [
      { of: 2, shift: 0.5 },
      { of: 2, shift: 0 },
      { of: 5, shift: 0 },
      { of: 5, shift: 0.5 },
    ],
    given,
  );
  images.sameAs[21] = images.sameAs[2]!;
  images.sameAs[22] = images.sameAs[5]!;
  const { groupOf, inheritsFrom, conflicts, contradicted } = findDuplicates(images);
  assert.equal(
    [groupOf[2], groupOf[20], groupOf[21], groupOf[5], groupOf[22], groupOf[23]],
    [21, 21, 21, 5, 5, 5],
  );
  assert.equal([inheritsFrom[2], inheritsFrom[20], inheritsFrom[22], inheritsFrom[23]], [21, 20, 5, 23]);
  assert.equal(conflicts, []);
  assert.is(contradicted.indexOf(1), -1);
});

test('exact copies with contradicting labels pass none on; near copies may differ', () => {
  const given = Array<number>(24).fill(-1).with(2, 0).with(20, 1).with(5, 1).with(22, 0);
  const images = scenesWith(
    20,
    [
      { of: 2, shift: 0 },
      { of: 2, shift: 0 },
      { of: 5, shift: 0.5 },
      { of: 5, shift: 0 },
    ],
    given,
  );
  for (const copy of [20, 21]) images.sameAs[copy] = images.sameAs[2]!;
  images.sameAs[23] = images.sameAs[5]!;
  const { groupOf, inheritsFrom, conflicts, contradicted } = findDuplicates(images);
  assert.equal([groupOf[21], groupOf[22], groupOf[23]], [2, 5, 5]);
  assert.equal([inheritsFrom[21], inheritsFrom[23]], [21, 5]);
  assert.equal(
    conflicts.map(({ kind, images: members, labels }) => [kind, [...members], [...labels]]),
    [
      ['exact', [2, 20], [0, 1]],
      ['near', [5, 22], [1, 0]],
    ],
  );
  assert.equal(
    [...contradicted.keys()].filter((image) => contradicted[image]),
    [2, 20, 21],
  );
});

test('a film is one observation, and told to be a chain', () => {
  const random = new Random(9);
  const panorama = scene(random);
  const film = Array.from({ length: 20 }, (_, frame): Picture => {
    const picture = later(panorama, random, 0.1);
    return (x, y) => picture(x + 2.5 * frame, y);
  });
  const others = Array.from({ length: 60 }, () => scene(random));
  const { groups } = findDuplicates(framesOf([...film, ...others]));
  assert.equal(
    groups.map(({ kind, images, chained }) => [kind, images.length, chained]),
    [['near', 20, true]],
  );
});

test('beyond the exhaustive 2,000 rows near copies are found all the same, for any seed', () => {
  const frames = Array.from({ length: 60 }, (_, i) => ({ of: 35 * i, shift: 0.6 }));
  const images = scenesWith(2100, frames);
  for (const seed of [0, 1]) {
    const { groupOf, groups } = findDuplicates({ ...images, seed });
    assert.is(groups.length, 60);
    frames.forEach(({ of }, i) => {
      assert.is(groupOf[2100 + i], of);
    });
  }
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
  const features = Float32Array.from(normals(23 * columns, new Random(2)), (value) => 20 + value);
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
    // Sums of about 8·20² in float64 lose at most some 1e-12.
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
