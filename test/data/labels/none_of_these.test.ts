import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { folderLabels } from '../../../src/data/labels/class_numbers.ts';
import { mergeLabels } from '../../../src/data/labels/given_rows.ts';
import { noneOfThese, readLabel } from '../../../src/data/labels/none_of_these.ts';
import { assertUserError } from '../temporary.ts';
import { readLabels, source } from './read_labels.ts';

test('none of these is read in any case and with any space, and is no class', () => {
  const csv =
    'path,label\nsub/c.png,dog\na.png,cat\n"d, e.png", None  of\tThese \n"say ""f"".png",NONE_OF-THESE\n';
  const read = readLabels(csv, source);
  assert.equal(read.classes, ['cat', 'dog']);
  assert.equal([...read.labels].filter((label) => label === noneOfThese).length, 2);
  assert.is(read.labels[0], 0);
});

test('what only resembles it is a class of its own', () => {
  for (const text of ['none', 'none of them', 'noneofthese', 'none of these.'])
    assert.is(readLabel(` ${text} `), text);
});

test('one class beside none of these is one class', () => {
  assertUserError(
    () => readLabels('path,label\nsub/c.png,dog\na.png,none of these\n', source),
    /every label is 'dog'.*at least two classes/,
  );
});

test('images of a folder none of these belong to no class', () => {
  const paths = ['cat/1.png', 'dog/2.png', 'None of these/3.png', 'unlabelled/4.png', '5.png'];
  const { classes, labels } = folderLabels({ name: 'folder', paths });
  assert.equal(classes, ['cat', 'dog']);
  assert.equal([...labels], [0, 1, noneOfThese, -1, -1]);
});

test('a later answer changes none of these into a class and back', () => {
  const merged = mergeLabels([{ path: 'a', label: 'none of these' }], [{ path: 'a', label: 'cat' }]);
  assert.equal(merged, { rows: [{ path: 'a', label: 'cat' }], changed: 1, added: 0 });
});

test.run();
