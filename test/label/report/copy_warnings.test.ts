import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { copyWarnings } from '../../../src/label/report/warnings/copy_warnings.ts';

const none = { count: 0, images: 0, largest: 0, chained: 0 };
const conflictCount = { exact: 0, near: 0 };

test('a few small groups of near copies are not worth a word; much of the images, or one large group, is', () => {
  const warnings = (images: number, largest: number) =>
    copyWarnings({ conflictCount, nearGroups: { count: 4, images, largest, chained: 0 } }, 200);
  assert.equal(warnings(9, 3), []);
  assert.match(warnings(20, 3)[0]!, /^10\.0% of the images are near copies .* 4 groups, the largest of 3\./);
  assert.match(warnings(15, 10)[0]!, /the largest of 10\./);
  assert.equal(copyWarnings({ conflictCount, nearGroups: none }, 200), []);
});

test('chains and contradicting labels are told, each kind by itself', () => {
  const [exact, near, chained, ...others] = copyWarnings(
    { conflictCount: { exact: 1, near: 2 }, nearGroups: { ...none, chained: 1 } },
    200,
  );
  assert.match(
    exact!,
    /^1 image is there several times, pixel by pixel, .* copies without a label wait for review\.$/,
  );
  assert.match(near!, /^2 groups of near copies carry different given labels/);
  assert.match(chained!, /^1 group of near copies is a chain/);
  assert.is(others.length, 0);
});

test.run();
