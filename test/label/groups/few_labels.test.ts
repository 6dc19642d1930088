import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fewLabelsWarning, observationsOfClasses } from '../../../src/label/groups/few_labels.ts';

const rows = (...counts: [labels: number, observations: number][]) =>
  counts.map(([labels, observations], at) => ({ name: 'xyz'[at]!, labels, observations }));

test('observations of a class are its labels, copies and images of a group counted once', () => {
  const given = Int32Array.of(0, 0, 0, 1, 1, -1, -2);
  assert.equal(observationsOfClasses(given, [0, 0, 2, 3, 3, 5, 6], 3), [2, 1, 0]);
});

test('two labels a class are asked for only where there are fewer', () => {
  assert.match(
    fewLabelsWarning(rows([1, 1], [7, 7]), null),
    'Give at least two labels for each of two classes',
  );
  assert.match(
    fewLabelsWarning(rows([1, 1], [1, 1]), 'folder'),
    'at least two labels from different groups (folder) for each',
  );
});

test('where copies are the reason, seven labels are not called too few', () => {
  const warning = fewLabelsWarning(rows([7, 1], [7, 1]), null);
  assert.not.match(warning, 'Give at least two labels');
  assert.match(warning, 'copies of one image count once, which leaves 1 of the 7 labels of');
  assert.match(warning, 'that are no copies of one another');
  assert.match(
    fewLabelsWarning(rows([7, 1], [7, 1]), 'the column patient'),
    'images of one group (the column patient), count once',
  );
});

test('where holding some out leaves one class, it says so', () => {
  const warning = fewLabelsWarning(rows([7, 2], [7, 2]), 'folder');
  assert.match(warning, 'the others are of a single class');
  assert.match(warning, 'of different groups');
});

test.run();
