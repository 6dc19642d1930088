import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nameTemplate } from '../../../src/label/groups/name_template.ts';
import { assertUserError } from '../../data/temporary.ts';

test('a template finds the group in the name of a file, each of its signs as short as the rest allows', () => {
  const cases: [string, string, string | undefined][] = [
    ['{group}_*', 'patient03_slide2_001.jpg', 'patient03'],
    ['{group}_*_*', 'patient03_slide2_001.jpg', 'patient03'],
    ['{group}_#.*', 'patient03_slide2_001.jpg', 'patient03_slide2'],
    ['{group}_frame#.jpg', 'p1_frame07.jpg', 'p1'],
    ['{group}_frame#.jpg', 'p1_frame.jpg', undefined],
    ['{group}#.*', 'patient00_frame07.jpg', 'patient00_frame'],
    ['*_{group}.png', 'a_b_c.png', 'b_c'],
    ['frame#_{group}.png', 'frame12_p3.png', 'p3'],
    ['{group}_*', '_x.png', undefined],
    ['{group}_*', 'nothing.png', undefined],
    ['{group}.*', 'a+b(c).png', 'a+b(c)'],
  ];
  for (const [template, name, group] of cases) {
    assert.is(nameTemplate(template)(name), group, `${template} on ${name}`);
    assert.is(nameTemplate(template)(`some_folder/${name}`), group, 'the folder is no part of the name');
  }
});

test('a template with a slash is held against the whole path', () => {
  const match = nameTemplate('*/{group}/*.png');
  assert.is(match('hospital/p7/frame1.png'), 'p7');
  assert.is(match('p7/frame1.png'), undefined);
});

test('many stars on a long name that does not match take no time to speak of', () => {
  // Backtracking would try 255 choose 30 ways.
  const match = nameTemplate(`${'*a'.repeat(30)}{group}#b`);
  const began = performance.now();
  assert.is(match('a'.repeat(255)), undefined);
  assert.ok(performance.now() - began < 1000, 'a table of 62 × 256 entries was filled');
});

test('a template has one group', async () => {
  await assertUserError(() => nameTemplate('patient_*'), 'one {group}', 'patient_*');
  await assertUserError(() => nameTemplate('{group}_{group}'), 'one {group}');
});

test.run();
