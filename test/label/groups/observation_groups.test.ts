import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { countGroups, nameGroups } from '../../../src/label/groups/describe_groups.ts';
import { groupsByName, observationGroups } from '../../../src/label/groups/observation_groups.ts';

const alone = (count: number) => Int32Array.from({ length: count }, (_, image) => image);

test('without groups and copies each image is an observation', () => {
  assert.equal(observationGroups(alone(4)), alone(4));
});

test('copies and given groups are joined, also where one links the others', () => {
  // 0 and 1 are of group a, 2 and 3 of b, 4 and 5 of none; 3 repeats 1, and 5 repeats 4.
  const groups = groupsByName(['a', 'a', 'b', 'b', undefined, ''], 'test');
  assert.equal(groups.names, ['a', 'b']);
  assert.equal([...groups.groupOf], [0, 0, 1, 1, -1, -1]);
  assert.equal([...observationGroups(alone(6), groups)], [0, 0, 2, 2, 4, 5]);
  assert.equal([...observationGroups(Int32Array.of(0, 1, 2, 1, 4, 4), groups)], [0, 0, 0, 0, 4, 4]);
});

test('a long chain of copies is one observation', () => {
  const count = 5000;
  const before = Int32Array.from({ length: count }, (_, image) => Math.max(0, image - 1));
  assert.equal(new Set(observationGroups(before)), new Set([0]));
});

test('observations among the labels are counted class by class', () => {
  const groups = groupsByName(['a', 'a', 'b', 'b', undefined, 'c'], 'test');
  const observations = observationGroups(alone(6), groups);
  assert.equal(countGroups(Int32Array.of(0, 0, 1, 0, 1, -1), observations, groups, 2), {
    from: 'test',
    groups: 3,
    alone: 1,
    labels: 5,
    observations: 3,
    ofClass: [2, 2],
    largest: 2,
  });
});

test('labels carry the name of their group, copies of a grouped image that of the image', () => {
  const groups = groupsByName(['a', 'a', undefined, undefined], 'test');
  const observations = observationGroups(Int32Array.of(0, 1, 1, 3), groups);
  const label = {
    label: 'x',
    confidence: 1,
    margin: 1,
    runnerUp: '',
    status: 'review',
    nearestLabelled: '',
  } as const;
  const labels = ['0', '1', '2', '3'].map((path) => ({ ...label, path }));
  const named = nameGroups(labels, alone(4), observations, groups);
  assert.equal(
    named.map(({ group }) => group),
    ['a', 'a', 'a', ''],
  );
  assert.equal(nameGroups(labels, alone(4), observations, undefined), labels);
});

test.run();
