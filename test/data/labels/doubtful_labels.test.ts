import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  classOfNumber,
  type DoubtfulAnswer,
  questionLabels,
} from '../../../src/data/labels/doubtful_labels.ts';
import { readGivenRows } from '../../../src/data/labels/given_rows.ts';
import { assertUserError } from '../temporary.ts';
import { options, sourceOf } from './read_labels.ts';

const paths = Array.from({ length: 9 }, (_, image) => `${image}.png`);
const read = (labels: readonly string[], rest: { doubtful?: DoubtfulAnswer; classes?: string[] } = {}) => {
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const csv = labels.map((label, image) => `${paths[image]},${quote(label)}`).join('\n');
  return readGivenRows(`path,label\n${csv}\n`, sourceOf(paths), { ...options, ...rest });
};
const labelsIn = (...given: Parameters<typeof read>) => read(...given).rows.map(({ label }) => label);

test('what tables and people write where nothing is known is questioned, with the ways out', async () => {
  const words =
    'NA,N/A,n/a,#N/A,None,null,NULL,nan,NaN,-1,-1.0,?,??,unknown,Unknown,-,--,unlabelled,not labeled,undefined,#REF!,\\N,<NA>';
  for (const word of words.split(',')) {
    await assertUserError(
      () => read(['cat', 'dog', word, word]),
      `mine.csv, row 4: 2 images have the label '${word}', of which a class would be made`,
      'empty the cells, or let doubtfulLabels drop do so',
      "write 'none of these'",
      'let doubtfulLabels keep make it a class',
    );
  }
});

test('labels that only look like these are classes, and none of these is an answer of its own', () => {
  const labels = ['nan bread', 'other', 'background', 'no', '0', '1', 'NAND', 'none of these', 'x'];
  assert.equal(labelsIn(labels), labels);
});

test('they can be kept, or dropped with a word of it', () => {
  const labels = ['cat', 'dog', 'unknown', 'unknown', 'NA'];
  assert.equal(labelsIn(labels, { doubtful: 'keep' }), labels);
  const dropped = read(labels, { doubtful: 'drop' });
  assert.equal(
    dropped.rows.map(({ label }) => label),
    ['cat', 'dog'],
  );
  assert.equal(dropped.notes, [
    "rows of mine.csv that count as not labelled: 2 with the label 'unknown', 1 with the label 'NA'",
  ]);
});

test('what is a class already is not asked about', () => {
  const labels = ['cat', 'unknown', 'Cat'];
  assert.equal(labelsIn(labels, { classes: ['cat', 'unknown', 'Cat'] }), labels);
});

test('minus one beside one is one of two classes, beside others it is questioned', async () => {
  assert.equal(labelsIn(['-1', '1', '-1']), ['-1', '1', '-1']);
  assert.equal(labelsIn(['-1', '+1', '+1']), ['-1', '+1', '+1']);
  await assertUserError(() => read(['-1', '0', '1']), "the label '-1'");
});

test('classes that differ only in how they are written are questioned', async () => {
  for (const [one, other] of [
    ['Cat', 'cat'],
    ['red fox', 'red_fox'],
    ['Red-Fox', 'red fox'],
    ['1', '1.0'],
    ['01', '1'],
    ['ＣＡＴ', 'cat'],
  ] as const) {
    await assertUserError(
      () => read([one, one, 'x', other]),
      `mine.csv, row 5: 1 image has the label '${other}' and 2 images have '${one}'`,
      'write one of the two everywhere',
      'let doubtfulLabels keep make two classes',
    );
    assert.is(new Set(labelsIn([one, one, 'x', other], { doubtful: 'keep' })).size, 3);
  }
  await assertUserError(() => read(['Cat', 'dog'], { classes: ['cat'] }), "the class 'cat' is there already");
});

test('spaces, accents and unseen characters make no classes of their own, and it is said', () => {
  const labels = ['red fox', ' red  fox ', 'red\u00a0fox', 'red\u200b fox', 'ka\u0308fer', 'käfer'];
  const { rows, notes } = read(labels);
  assert.equal(
    rows.map(({ label }) => label),
    ['red fox', 'red fox', 'red fox', 'red fox', 'käfer', 'käfer'],
  );
  assert.equal(notes, [
    '4 labels of mine.csv were read with single spaces, accents composed and no unseen characters',
  ]);
});

test('labels whose letters an earlier program has broken are questioned', async () => {
  await assertUserError(() => read(['x', 'K\ufffdfer']), 'row 3', 'letters of the label', 'were lost');
  await assertUserError(() => read(['x', 'K\ufffdfer'], { doubtful: 'keep' }), 'were lost');
  await assertUserError(() => read(['x', 'KÃ¤fer']), "'KÃ¤fer' looks like 'Käfer'");
  await assertUserError(() => read(['x', 'çŒ«']), "looks like '猫'");
  assert.equal(labelsIn(['São', 'Ärger', 'x']), ['São', 'Ärger', 'x']);
});

test('a number that a spreadsheet has changed is the class whose number it is', () => {
  assert.is(classOfNumber('7', ['007', '8']), '007');
  assert.is(classOfNumber('1', ['+1', '-1']), '+1');
  assert.is(classOfNumber('7', ['7', '007']), undefined);
  assert.is(classOfNumber('7', ['07', '007']), undefined);
  assert.is(classOfNumber('x', ['x']), undefined);
  const { rows, notes } = read(['7', '8'], { classes: ['007', '008'] });
  assert.equal(
    rows.map(({ label }) => label),
    ['007', '008'],
  );
  assert.equal(notes, ['2 labels of mine.csv were read as the class whose number they are']);
});

test('folders are asked about as folders', async () => {
  const folders = (...labels: string[]) =>
    questionLabels(
      labels.map((label) => ({ label })),
      [],
      'ask',
      'folders in photos',
    );
  await assertUserError(
    () => folders('cat', 'NA'),
    'folders in photos: 1 image',
    'call the folder unlabelled',
  );
  await assertUserError(() => folders('cat', 'Cat'), 'give the folders one name');
});

test('what was settled before is not asked again', () => {
  const csv = 'path,label\n0.png,NA\n1.png,Cat\n2.png,cat\n3.png,K\ufffdfer\n';
  assert.is(readGivenRows(csv, sourceOf(paths), { ...options, settled: true }).rows.length, 4);
});

test('columns called status and origin that are the person’s own are left out with a word', () => {
  const csv = 'path,label,status,origin\n0.png,x,done,Kenya\n1.png,y,open,Ghana\n';
  const { rows, notes, predictedRows } = readGivenRows(csv, sourceOf(paths), options);
  assert.equal(rows, [
    { path: '0.png', label: 'x' },
    { path: '1.png', label: 'y' },
  ]);
  assert.is(predictedRows, 0);
  const predicted = 'path,label,probability\n0.png,x,0.93\n1.png,y,0.2\n';
  assert.is(readGivenRows(predicted, sourceOf(paths), options).rows.length, 2);
  assert.equal(notes, [
    'mine.csv was read with the column status left out, whose cells are your own, the column origin left out, whose cells are your own',
  ]);
});

test.run();
