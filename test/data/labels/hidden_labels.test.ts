import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hideLabels } from '../../../src/data/labels/hidden_labels.ts';
import type { Partition } from '../../../src/data/sources/image_stream.ts';
import { assertUserError } from '../temporary.ts';

const truth = {
  classes: ['x', 'y'],
  labels: Int32Array.from({ length: 60 }, (_, image) => (image % 4 === 0 ? 1 : image % 4 === 3 ? -1 : 0)),
  partition: Array.from({ length: 60 }, (_, image): Partition => (image < 40 ? 'train' : 'test')),
};

test('hiding keeps N true labels of each class, none in the test part, the same for a seed', () => {
  const given = hideLabels(truth, 5, 1);
  const kept = [...given.labels.keys()].filter((image) => given.labels[image]! >= 0);
  assert.is(kept.length, 10);
  assert.is(kept.filter((image) => given.labels[image] === 1).length, 5);
  assert.ok(kept.every((image) => image < 40 && given.labels[image] === truth.labels[image]));
  assert.equal(hideLabels(truth, 5, 1).labels, given.labels);
  assert.not.equal(hideLabels(truth, 5, 2).labels, given.labels);
  const more = hideLabels(truth, 8, 1);
  assert.ok(kept.every((image) => more.labels[image]! >= 0));
});

test('hiding chooses every image of a class about equally often', () => {
  const counts = new Map<number, number>();
  for (let seed = 0; seed < 2000; seed++) {
    hideLabels(truth, 3, seed).labels.forEach((label, image) => {
      if (label === 1) counts.set(image, (counts.get(image) ?? 0) + 1);
    });
  }
  assert.is(counts.size, 10);
  const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 600) ** 2 / 600, 0);
  // Nine degrees of freedom: 27.9 is exceeded once in a thousand.
  assert.ok(chiSquare < 27.9, `chi-square ${chiSquare}`);
});

test('hiding more labels than a class has is refused with the class and its count', async () => {
  await assertUserError(() => hideLabels(truth, 11, 0), "class 'y' has 10 labelled", 'labelsPerClass 11');
  for (const count of [0, -1, 1.5]) {
    await assertUserError(() => hideLabels(truth, count, 0), `labelsPerClass ${count}`);
  }
});

test.run();
