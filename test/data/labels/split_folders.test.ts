import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { folderLabels } from '../../../src/data/labels/class_numbers.ts';
import { describeParts, folderParts } from '../../../src/data/labels/split_folders.ts';
import { assertUserError } from '../temporary.ts';
import { sourceOf } from './read_labels.ts';

const classesOf = (...paths: string[]) => {
  const { classes, labels } = folderLabels(sourceOf(paths));
  return [...labels].map((label) => classes[label] ?? null);
};

test('parts of a set are no classes: these are the folders below', () => {
  const paths = [
    'train/cat/1.png',
    'train/dog/2.png',
    'val/cat/3.png',
    'test/dog/4.png',
    'test/5.png',
    '6.png',
  ];
  assert.equal(classesOf(...paths), ['cat', 'dog', 'cat', 'dog', null, null]);
  for (const [one, other] of [
    ['Training', 'Validation'],
    ['TRAIN', 'dev'],
    ['train_set', 'test-set'],
    ['train', 'unlabelled'],
    ['testing', 'valid'],
  ])
    assert.equal(
      classesOf(`${one}/cat/1.png`, `${one}/dog/2.png`, `${other}/cat/3.png`).slice(0, 2),
      ['cat', 'dog'],
      `${one} ${other}`,
    );
});

test('a class that is called as a part may be one beside other classes', () => {
  assert.equal(classesOf('train/1.png', 'bus/2.png', 'car/3.png'), ['train', 'bus', 'car']);
  assert.equal(classesOf('cat/train/1.png', 'dog/test/2.png'), ['cat', 'dog']);
  assert.equal(folderParts(['train/1.png', 'bus/2.png']).parts, []);
});

test('classes below test are held out where there are others; its images without a class are to be labelled', () => {
  const paths = ['train/cat/1.png', 'val/cat/2.png', 'test/cat/3.png', 'test/4.png', 'eval/dog/5.png'];
  const { isHeldOut } = folderParts(paths);
  assert.equal(paths.filter(isHeldOut), ['test/cat/3.png', 'eval/dog/5.png']);
  assert.is(
    describeParts(paths),
    'eval, test, train, val are parts of the set and no classes: the classes are the folders below; the 2 images of classes below eval, test are held out',
  );
  const alone = ['test/cat/1.png', 'test/dog/2.png'];
  assert.equal(alone.filter(folderParts(alone).isHeldOut), []);
  assert.is(describeParts(['cat/1.png', 'dog/2.png']), undefined);
});

test('parts without class folders are refused for what they are', async () => {
  await assertUserError(
    () => folderLabels(sourceOf(['train/1.png', 'test/2.png'])),
    'no image has a label (test, train count as parts of a set, and classes are the folders below)',
  );
});

test.run();
