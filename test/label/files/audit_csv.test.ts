import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { auditCsv, readAudit } from '../../../src/label/files/audit_csv.ts';
import { assertUserError } from '../../data/temporary.ts';

const drawn = (path: string, group: number, label = 'cat') => ({ path, label, confidence: 0.9, group });
const rows = [drawn('a.png', 0), drawn('b, c.png', 1), drawn('=d.png', 2, '-dog')];
const none = [null, null, null];

/** The file with the given cells filled in, as a person would. */
function filled(checked: Readonly<Record<string, string>>): string {
  const [header, ...lines] = [...auditCsv(rows)];
  const written = lines.map((line) => {
    const cell = Object.entries(checked).find(([path]) => line.includes(`,${path},`));
    return line.replace(/\r\n$/, `${cell?.[1] ?? ''}\r\n`);
  });
  return [header, ...written].join('');
}

test('the file has the order of the draw and an empty column to fill in, and guards names from spreadsheets', () => {
  assert.is(
    filled({}),
    'order,path,label,confidence,origin,checked_label\r\n1,a.png,cat,0.900000,audit,\r\n2,"b, c.png",cat,0.900000,audit,\r\n3,\'=d.png,\'-dog,0.900000,audit,\r\n',
  );
});

test('filled rows come back as answers in the order of the draw, empty ones as none', () => {
  assert.equal(readAudit(filled({ 'a.png': ' cat ', "'=d.png": '-dog' }), rows, none, 'audit.csv'), {
    answers: ['cat', null, '-dog'],
    filled: 2,
    before: 0,
  });
  const guarded = readAudit(filled({ '"b, c.png"': 'unicorn', "'=d.png": "'-dog" }), rows, none, 'audit.csv');
  assert.equal(guarded.answers, [null, 'unicorn', '-dog']);
});

test('none of these is one answer, however it is written', () => {
  const { answers } = readAudit(
    filled({ 'a.png': ' None of  THESE', "'=d.png": 'none_of_these' }),
    rows,
    none,
    'audit.csv',
  );
  assert.equal(answers, ['none of these', null, 'none of these']);
});

test('rows that were sorted, deleted or saved by a spreadsheet say what they say: the order is that of the draw', () => {
  const sorted = `path,label,confidence,checked_label\n=d.png,-dog,0.9,-dog\n"b, c.png",cat,.9,owl\n`;
  assert.equal(readAudit(sorted, rows, none, 'audit.csv').answers, [null, 'owl', '-dog']);
});

test('a later return adds to an earlier one, may repeat it, and cannot take it back', async () => {
  const earlier = ['cat', null, 'owl'];
  const later = readAudit(filled({ 'a.png': 'cat', '"b, c.png"': 'dog' }), rows, earlier, 'audit.csv');
  assert.equal(later, { answers: ['cat', 'dog', 'owl'], filled: 2, before: 1 });
  const same = readAudit(filled({ 'a.png': 'cat' }), rows, earlier, 'audit.csv');
  assert.equal(same, { answers: earlier, filled: 1, before: 1 });
  await assertUserError(
    () => readAudit(filled({ "'=d.png": '-dog' }), rows, earlier, 'audit.csv'),
    'audit.csv, row 4',
    "=d.png came back as 'owl' before and is '-dog' now",
    'stays',
  );
});

test('a file that was not drawn from the run, changes the automatic label, contradicts itself or is empty is refused with its row', async () => {
  const refuse = (text: string, ...parts: string[]) =>
    assertUserError(() => readAudit(text, rows, none, 'audit.csv'), 'audit.csv', ...parts);
  await refuse(filled({}), 'no row is checked', 'checked_label');
  await refuse('path,label,confidence\na.png,cat,1\n', 'row 1', 'path,label,checked_label');
  const header = 'path,label,confidence,checked_label\n';
  await refuse(`${header}z.png,cat,0.9,cat\n`, 'row 2', 'z.png is not in the sample');
  await refuse(`${header}a.png,dog,0.9,dog\n`, 'row 2', "labelled 'cat' automatically", "says 'dog'");
  await refuse(
    `${header}a.png,cat,0.9,cat\na.png,cat,0.9,dog\n`,
    'row 3',
    "a.png is 'dog', but 'cat' in row 2",
  );
  const twice = `${header}a.png,cat,0.9,cat\na.png,cat,0.9,cat\nz.png,cat,0.9,\n`;
  assert.is(readAudit(twice, rows, none, 'audit.csv').filled, 1);
});

test.run();
