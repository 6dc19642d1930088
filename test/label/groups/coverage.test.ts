import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { groupsLieApart, namesLieApart } from '../../../src/label/groups/coverage.ts';
import { Random } from '../../../src/random.ts';

const frames = 6;
const count = 360;
const groupOf = Int32Array.from({ length: count }, (_, image) => Math.floor(image / frames));
const paths = Array.from({ length: count }, (_, image) => `img${image}.jpg`);
const images = Int32Array.from(groupOf.keys());
const labelled = (holds: (image: number) => boolean) => images.map((image) => (holds(image) ? 0 : -1));

test('labels of whole films, and of no frame of others, lie apart from the rest', () => {
  for (const given of [
    labelled((image) => groupOf[image]! < 20),
    // Every third film, and half of its frames.
    labelled((image) => groupOf[image]! % 3 === 0 && image % 2 === 0),
  ]) {
    assert.ok(groupsLieApart(groupOf, given));
    assert.ok(namesLieApart(paths, given, images));
  }
});

test('labels at random do not, in any but a few of many draws, however many there are', () => {
  for (const share of [0.1, 0.3, 0.7]) {
    const apart = { groups: 0, names: 0 };
    for (let seed = 0; seed < 100; seed++) {
      const random = new Random(seed);
      const given = labelled(() => random.next() < share);
      if (groupsLieApart(groupOf, given)) apart.groups++;
      if (namesLieApart(paths, given, images)) apart.names++;
    }
    // At one in two hundred, five of a hundred have a chance of one in ten thousand.
    assert.ok(apart.groups < 5 && apart.names < 5, `${JSON.stringify(apart)} at ${share}`);
  }
});

test('where all or nothing is labelled there is nothing to lie apart from', () => {
  for (const given of [labelled(() => true), labelled(() => false), labelled((image) => image === 0)]) {
    assert.not.ok(groupsLieApart(groupOf, given));
    assert.not.ok(namesLieApart(paths, given, images));
  }
});

test.run();
