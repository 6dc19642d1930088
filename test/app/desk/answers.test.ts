import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Answers } from '../../../src/app/desk/answers.ts';
import { newClassName } from '../../../src/app/desk/class_names.ts';
import { readAnswers } from '../../../src/app/desk/read_answers.ts';
import { readGivenRows } from '../../../src/data/labels/given_rows.ts';
import { noneOfThese } from '../../../src/data/labels/none_of_these.ts';

const paths = ['=1+1.png', 'b,c.png', 'd.png', 'e.png', 'ü.png'];
const classes = ['cat', '-dog'];
const own = { origin: 'own' } as const;
const images = { name: 'made', paths, classes: [], omitted: [], unreadable: [] };

const some = () => {
  const answers = new Answers();
  answers.give([0], 0, { origin: 'random' });
  answers.give([1], 1, { origin: 'proposed', probability: 0.25 });
  answers.give([2], 'none', own);
  answers.give([4], 'skip', { origin: 'random' });
  return answers;
};

test('answers come back from their file as they were given, those that only skip an image too', () => {
  const answers = some();
  const read = readAnswers(answers.csv(paths, classes), 'answers.csv', paths, classes);
  assert.equal(read.classes, classes);
  for (let image = 0; image < paths.length; image++) assert.equal(read.answers.of(image), answers.of(image));
  assert.equal([...answers.given(5)], [0, 1, noneOfThese, -1, -1]);
  assert.is(answers.count, 3);
  assert.equal([...answers.settled()], [0, 1, 2, 4]);
  const empty = readAnswers(new Answers().csv(paths, classes), 'answers.csv', paths, classes);
  assert.is(empty.answers.count, 0);
});

test('a class that only the answers name is kept behind the others', () => {
  const text = some().csv(paths, ['cat', 'fox']);
  const read = readAnswers(text, 'answers.csv', paths, classes);
  assert.equal(read.classes, ['cat', '-dog', 'fox']);
  assert.is(read.answers.of(1)?.answer, 2);
});

test('a row about an image that the session has not is refused with its place', () => {
  const text = some().csv(paths, classes).replace('d.png', 'x.png');
  assert.throws(
    () => readAnswers(text, 'answers.csv', paths, classes),
    /^answers.csv, row 4: the session has no image x.png/,
  );
});

test('readers of labels files take answers for what they are, a skipped random image included', () => {
  const answers = some();
  const read = () => readGivenRows(answers.csv(paths, classes), images, { file: 'answers.csv' });
  assert.equal(
    read().rows.map(({ path, label, origin }) => [path, label, origin?.origin]),
    [
      ['=1+1.png', 'cat', 'random'],
      ['b,c.png', '-dog', 'proposed'],
      ['d.png', 'none of these', 'own'],
    ],
  );
  assert.is(read().rows[1]!.origin!.probability, 0.25);
  assert.is(read().skippedRandom, 0);
  // Once labels follow, the skipped image was passed over.
  answers.give([3], 0, own);
  assert.is(read().skippedRandom, 1);
});

test('undo takes back single answers, corrections and bulks in turn, and no more than was given', () => {
  const answers = new Answers();
  answers.know(0, 1, own);
  answers.give([1], 0, own);
  answers.give([0, 1, 2], 'none', { origin: 'proposed' });
  answers.give([0], 0, own);
  assert.equal([...answers.undo()], [0]);
  assert.equal([...answers.given(3)], [noneOfThese, noneOfThese, noneOfThese]);
  assert.equal([...answers.undo()], [0, 1, 2]);
  assert.equal([...answers.given(3)], [1, 0, -1]);
  assert.equal([...answers.undo()], [1]);
  assert.equal([...answers.given(3)], [1, -1, -1]);
  assert.is(answers.undo().length, 0);
  assert.is(answers.count, 1);
});

test('a correction leaves how the image came to be labelled', () => {
  const answers = some();
  answers.give([0, 1, 4], 1, own);
  assert.equal(answers.of(0), { answer: 1, origin: { origin: 'random' } });
  assert.equal(answers.of(1), { answer: 1, origin: { origin: 'proposed', probability: 0.25 } });
  assert.equal(answers.of(4), { answer: 1, origin: { origin: 'random' } });
});

test('names of classes are as files hold them, and no two the same', () => {
  assert.is(newClassName('  grey \u200b wolf ', classes), 'grey wolf');
  assert.throws(() => newClassName(' ', classes), /empty/);
  assert.throws(() => newClassName('Cat', classes), /there is a class 'cat' already/);
  assert.throws(() => newClassName('None of_these', classes), /belongs to no class/);
});

test.run();
