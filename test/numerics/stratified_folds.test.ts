import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Fold, stratifiedFolds } from '../../src/numerics/stratified_folds.ts';
import { Random } from '../../src/random.ts';
import { assertUserError } from '../data/temporary.ts';

/** 40 images of class 0, 21 of class 1, 3 of class 5, one of class 7, and 9 without a label, mixed. */
const labels = Int32Array.from({ length: 74 }, (_, image) => {
  const place = (image * 29) % 74;
  return place < 40 ? 0 : place < 61 ? 1 : place < 64 ? 5 : place < 65 ? 7 : -1;
});

function countOf(images: Int32Array, label: number): number {
  return images.filter((image) => labels[image] === label).length;
}

function assertPartition({ train, heldOut }: Fold): void {
  const all = [...train, ...heldOut].sort((a, b) => a - b);
  const labelled = [...labels.keys()].filter((image) => labels[image]! >= 0);
  assert.equal(all, labelled);
  assert.equal(
    [...train],
    [...train].sort((a, b) => a - b),
  );
  assert.equal(
    [...heldOut],
    [...heldOut].sort((a, b) => a - b),
  );
}

test('folds hold out every labelled image once, classes and whole spread evenly', () => {
  for (const folds of [2, 3, 5, 65]) {
    const splits = stratifiedFolds(labels, folds, 4);
    assert.is(splits.length, folds);
    splits.forEach(assertPartition);
    const held = splits.flatMap(({ heldOut }) => [...heldOut]).sort((a, b) => a - b);
    assert.equal(
      held,
      [...labels.keys()].filter((image) => labels[image]! >= 0),
    );
    const spread = (counts: number[]) => Math.max(...counts) - Math.min(...counts);
    assert.ok(spread(splits.map(({ heldOut }) => heldOut.length)) <= 1);
    for (const label of [0, 1, 5, 7]) {
      assert.ok(
        spread(splits.map(({ heldOut }) => countOf(heldOut, label))) <= 1,
        `class ${label}, ${folds} folds`,
      );
    }
  }
});

/** 24 cameras, of 4 to 27 images each, that see three classes in shares of their own. */
function cameras(random: Random) {
  const camera: number[] = [];
  const seen: number[] = [];
  for (let number = 0; number < 24; number++) {
    const [first, second] = [random.next(), random.next()];
    for (let image = 0; image < 4 + number; image++) {
      camera.push(number);
      seen.push(random.next() < first ? 0 : random.next() < second ? 1 : 2);
    }
  }
  return { groups: Int32Array.from(camera), classes: Int32Array.from(seen) };
}

test('groups of several classes, of unequal size, leave every class spread over the folds', () => {
  const [folds, draws] = [4, 20];
  let [ours, atRandom] = [0, 0];
  for (let seed = 0; seed < draws; seed++) {
    const random = new Random(seed);
    const { groups, classes } = cameras(random);
    const splits = stratifiedFolds(classes, folds, seed, groups);
    for (const { train, heldOut } of splits) {
      const held = new Set(heldOut.map((image) => groups[image]!));
      assert.not.ok(train.some((image) => held.has(groups[image]!)));
    }
    /** By how much of its part a class is at most off in a fold. */
    const worst = (parts: readonly Int32Array[]) =>
      Math.max(
        ...[0, 1, 2].flatMap((label) => {
          const all = classes.filter((own) => own === label).length;
          return parts.map((part) =>
            Math.abs((part.filter((image) => classes[image] === label).length * folds) / all - 1),
          );
        }),
      );
    ours += worst(splits.map(({ heldOut }) => heldOut)) / draws;
    const dealt = random.shuffle(Array.from({ length: 24 }, (_, number) => number % folds));
    const parts = Array.from({ length: folds }, (_, fold) =>
      Int32Array.from(classes.keys()).filter((image) => dealt[groups[image]!] === fold),
    );
    atRandom += worst(parts) / draws;
  }
  // Cameras cannot be cut: a fifth off is usual, where dealing them at random is off by two thirds.
  assert.ok(ours < 0.3 && atRandom > 0.5, `${ours}, at random ${atRandom}`);
});

test('without groups, and with groups of one, images are dealt round the folds in turn', () => {
  const alone = Int32Array.from(labels.keys());
  for (const folds of [2, 5, 7]) {
    const splits = stratifiedFolds(labels, folds, 3);
    assert.equal(stratifiedFolds(labels, folds, 3, alone), splits);
    // 65 images in turn: the first 65 mod K folds get one more, which balancing alone would not promise.
    splits.forEach(({ heldOut }, fold) => {
      assert.is(heldOut.length, Math.floor((65 - fold + folds - 1) / folds));
    });
  }
});

test('images of one group are held out together, and classes stay even but for the size of a group', () => {
  // Groups of one to four, some across classes and some with images that have no label.
  const groups = Int32Array.from(labels.keys(), (image) => (image < 40 ? Math.floor(image / 4) : image));
  const largest = 4;
  for (const folds of [2, 3, 5]) {
    const splits = stratifiedFolds(labels, folds, 6, groups);
    splits.forEach(assertPartition);
    for (const { train, heldOut } of splits) {
      const held = new Set(heldOut.map((image) => groups[image]!));
      assert.not.ok(train.some((image) => held.has(groups[image]!)));
    }
    assert.is(
      splits.reduce((sum, { heldOut }) => sum + heldOut.length, 0),
      65,
    );
    for (const label of [0, 1, 5, 7]) {
      const counts = splits.map(({ heldOut }) => countOf(heldOut, label));
      assert.ok(Math.max(...counts) - Math.min(...counts) <= largest, `class ${label}: ${counts}`);
    }
  }
});

test('the same seed gives the same split, another seed another', () => {
  assert.equal(stratifiedFolds(labels, 5, 2), stratifiedFolds(labels, 5, 2));
  assert.not.equal(stratifiedFolds(labels, 5, 2), stratifiedFolds(labels, 5, 3));
});

test('every image of a class comes into each fold about equally often', () => {
  const two = new Int32Array(10);
  const counts = new Array<number>(10).fill(0);
  for (let seed = 0; seed < 3000; seed++)
    for (const image of stratifiedFolds(two, 5, seed)[0]!.heldOut) counts[image]! += 1;
  const chiSquare = counts.reduce((sum, count) => sum + (count - 600) ** 2 / 600, 0);
  // Nine degrees of freedom: 27.9 is exceeded once in a thousand.
  assert.ok(chiSquare < 27.9, `chi-square ${chiSquare}`);
});

test('impossible numbers of folds are errors', async () => {
  for (const folds of [0, 1, 2.5, 66]) {
    await assertUserError(() => stratifiedFolds(labels, folds, 0), `${folds} folds of 65`, 'from 2 to 65');
  }
  const pairs = labels.map((_, image) => Math.floor(image / 37));
  await assertUserError(() => stratifiedFolds(labels, 3, 0, pairs), '3 folds of 2 groups', 'from 2 to 2');
});

test.run();
