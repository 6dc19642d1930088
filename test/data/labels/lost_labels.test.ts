import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { labelsOf } from '../../../src/data/labels/class_numbers.ts';
import { describeLost, lostLabels } from '../../../src/data/labels/lost_labels.ts';
import { assertUserError } from '../temporary.ts';
import { sourceOf } from './read_labels.ts';

const images = sourceOf(['a.png', 'b.png'], {
  omitted: ['c.png', 'd.png'],
  unreadable: [{ path: 'e.xcf', reason: 'its format is not read' }],
});
const row = (path: string, label: string) => ({ path, label });

test('labels that do not count are counted with the reasons, and a class that is gone is named', () => {
  const rows = [
    row('a.png', 'x'),
    row('b.png', 'y'),
    row('c.png', 'x'),
    row('d.png', 'z'),
    row('e.xcf', 'w'),
  ];
  const lost = lostLabels(rows, images);
  assert.is(
    String(describeLost(lost, rows.length)),
    "labels: 3 of 5 labels do not count: 1 of images that cannot be read, such as e.xcf (its format is not read), 2 of images that limit leaves out; the classes 'w', 'z' have no others and are not learned",
  );
  const one = lostLabels([row('a.png', 'x'), row('c.png', 'z')], images);
  assert.match(String(describeLost(one, 2)), "the class 'z' has no other and is not learned");
  assert.is(describeLost(lostLabels(rows.slice(0, 2), images), 2), undefined);
});

test('where too few classes are left, the refusal says what became of the others', async () => {
  await assertUserError(
    () => labelsOf([row('a.png', 'x'), row('e.xcf', 'w')], images, 'mine.csv'),
    "mine.csv: every label is 'x' (1 labels do not count: 1 of images that cannot be read, such as e.xcf",
  );
});

test.run();
