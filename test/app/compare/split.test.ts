import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drawLabels, parsePoints, reachablePoints } from '../../../src/app/compare/points.ts';
import { dealOut, requireSplit } from '../../../src/app/compare/split.ts';
import { assertUserError } from '../../data/temporary.ts';

const all = { pool: undefined, heldOut: undefined };
/** 40 images of one class, 80 of another, 30 without a label. */
const labels = Int32Array.from({ length: 150 }, (_, image) => (image < 40 ? 0 : image < 120 ? 1 : -1));
const set = { classes: ['a', 'b'], labels };

test('without a test part a quarter of each class is held out, from the pool and from the labels', () => {
  const task = dealOut(set, labels, all, 3);
  const held = new Set(task.heldOut);
  const ofClass = (number: number) => task.heldOut.filter((image) => labels[image] === number).length;
  assert.equal([ofClass(0), ofClass(1)], [10, 20]);
  assert.is(task.pool.length, 120);
  assert.not.ok(task.pool.some((image) => held.has(image)));
  assert.ok(task.given.every((label, image) => (held.has(image) ? label === -1 : label === labels[image])));
  assert.equal(dealOut(set, labels, all, 3), task);
  assert.not.equal(dealOut(set, labels, all, 4).heldOut, task.heldOut);
});

test('official test images are held out, whatever labels training images were given', () => {
  const partition = Array.from(
    labels,
    (_, image) => (image % 3 === 0 ? 'test' : 'train') as 'test' | 'train',
  );
  const given = labels.map((label, image) => (image % 3 === 1 ? label : -1));
  const task = dealOut({ ...set, partition }, given, { pool: 60, heldOut: 25 }, 1);
  assert.is(task.heldOutFrom, 'official test images');
  assert.is(task.heldOut.length, 25);
  assert.ok(task.heldOut.every((image) => partition[image] === 'test' && labels[image]! >= 0));
  assert.is(task.pool.length, 60);
  // Those that have a label are left out last.
  assert.equal(
    [...task.given.keys()].filter((image) => task.given[image]! >= 0),
    [...given.keys()].filter((image) => given[image]! >= 0),
  );
});

test('every draw is of images that are not held out, with as many of each class; the last point has all', () => {
  const task = dealOut(set, labels, all, 3);
  const held = new Set(task.heldOut);
  for (const [draw, seed] of [0, 1, 2].map((number) => [number, 5] as const)) {
    const drawn = drawLabels(task, 4, draw, seed);
    const images = [...drawn.keys()].filter((image) => drawn[image]! >= 0);
    assert.is(images.length, 8);
    assert.ok(images.every((image) => !held.has(image) && drawn[image] === labels[image]));
  }
  assert.not.equal(drawLabels(task, 4, 0, 5), drawLabels(task, 4, 1, 5));
  assert.equal(drawLabels(task, null, 0, 5), task.given);
});

test('points are in order, each once; those that no draw could vary at are left out', async () => {
  assert.equal(parsePoints(' 10, 2,all,10'), [2, 10, null]);
  const task = dealOut(set, labels, all, 3);
  assert.equal(reachablePoints(parsePoints('4,29,30,60,all'), task), {
    points: [4, 29, null],
    left: [30, 60],
  });
  await assertUserError(() => parsePoints('0'), "'0' is no number of labels");
  await assertUserError(
    () => reachablePoints([30], task),
    "class 'a' has 30 labels beside those that are held out",
  );
});

test('too few images to score by, or labels of one class, are one sentence', async () => {
  const few = labels.map((label, image) => (image % 4 === 0 ? label : -1));
  await assertUserError(
    () => requireSplit(dealOut(set, few, all, 3)),
    'only 8 images of 2 classes can be held out',
  );
  const one = labels.map((label) => (label === 0 ? -1 : label));
  await assertUserError(() => requireSplit(dealOut(set, one, all, 3)), "every label to learn from is 'b'");
  const none = labels.map(() => -1);
  await assertUserError(() => requireSplit(dealOut(set, none, all, 3)), 'no readable image has a label');
});

test.run();
