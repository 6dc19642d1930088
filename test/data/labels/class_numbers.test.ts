import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { folderLabels } from '../../../src/data/labels/class_numbers.ts';
import { assertUserError } from '../temporary.ts';
import { readLabels, sourceOf } from './read_labels.ts';

test("keeps the source's class numbers where it has all the classes", () => {
  const withClasses = sourceOf(['a.png', 'b.png'], { classes: ['zebra', 'dog', 'cat'] });
  const csv = 'path,label\na.png,dog\nb.png,zebra\n';
  const read = readLabels(csv, withClasses);
  assert.equal(read.classes, ['zebra', 'dog', 'cat']);
  assert.equal([...read.labels], [1, 0]);
  const own = readLabels(csv.replace('zebra', 'ant'), withClasses);
  assert.equal(own.classes, ['ant', 'dog']);
});

test('rows about images that were skipped or left out do not count, and are not refused', () => {
  const part = sourceOf(['a.png', 'b.png'], {
    omitted: ['c.png'],
    unreadable: [{ path: 'd.png', reason: 'truncated' }],
  });
  const read = readLabels('path,label\na.png,x\nb.png,y\nc.png,x\nd.png,z\n', part);
  assert.equal(read.classes, ['x', 'y']);
  assert.equal([...read.labels], [0, 1]);
});

test('folder labels are the first sub-folders, without those named unlabelled', async () => {
  const tree = sourceOf([
    'dog/a.png',
    'cat/b.png',
    'cat/big/c.png',
    'top.png',
    'unlabelled/d.png',
    'cat/unlabeled/e.png',
  ]);
  const { classes, labels } = folderLabels(tree);
  assert.equal(classes, ['cat', 'dog']);
  assert.equal([...labels], [1, 0, 0, -1, -1, -1]);
  await assertUserError(
    () => folderLabels(sourceOf(['set/a/x.png', 'set/b/y.png'])),
    'photos',
    "every label is 'set' (give its folder as data where a and b below it are classes)",
  );
  await assertUserError(() => folderLabels(sourceOf(['a.png', 'b.png'])), 'no image has a label');
});

test.run();
