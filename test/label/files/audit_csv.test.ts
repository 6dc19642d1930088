import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { auditCsv, auditSample, readAudit } from '../../../src/label/files/audit_csv.ts';
import type { ImageLabel, Status } from '../../../src/label/image_label.ts';
import { assertUserError } from '../../data/temporary.ts';

const labelled = (path: string, status: Status = 'auto', label = 'cat'): ImageLabel => ({
  path,
  label,
  confidence: 0.9,
  margin: 0.8,
  runnerUp: 'dog',
  status,
  nearestLabelled: 'g.png',
});

test('the sample holds only automatic labels, as many as asked for, the same for a seed', () => {
  const statuses: Status[] = ['auto', 'review', 'given', 'outlier', 'duplicate'];
  const labels = Array.from({ length: 500 }, (_, i) => labelled(`${i}.png`, statuses[i % 5]!));
  const sample = auditSample(labels, 40, 3);
  assert.is(sample.length, 40);
  assert.is(new Set(sample.map(({ path }) => path)).size, 40);
  assert.ok(sample.every(({ status }) => status === 'auto'));
  assert.equal(auditSample(labels, 40, 3), sample);
  assert.not.equal(auditSample(labels, 40, 4), sample);
  assert.is(auditSample(labels, 100, 3).length, 100);
  assert.is(auditSample(labels.slice(0, 50), 100, 3).length, 10);
  assert.equal(auditSample([labelled('a', 'review')], 100, 3), []);
});

test('every automatic label is drawn about equally often', () => {
  const labels = Array.from({ length: 30 }, (_, i) => labelled(`${i}`, i % 3 === 0 ? 'review' : 'auto'));
  const counts = new Map<string, number>();
  for (let seed = 0; seed < 2000; seed++) {
    for (const { path } of auditSample(labels, 5, seed)) counts.set(path, (counts.get(path) ?? 0) + 1);
  }
  assert.is(counts.size, 20);
  // Drawn without putting back, so a count varies by 500·(1 − 5/20) and all of them sum up to 10,000.
  const chiSquare = [...counts.values()].reduce(
    (sum, count) => sum + (((count - 500) ** 2 / 500) * (19 / 20)) / 0.75,
    0,
  );
  // Nineteen degrees of freedom: 43.8 is exceeded once in a thousand.
  assert.ok(chiSquare < 43.8, `chi-square ${chiSquare}`);
});

const run = [
  labelled('a.png'),
  labelled('b, c.png'),
  labelled('=d.png', 'auto', '-dog'),
  labelled('e.png', 'review'),
];

/** The file with the given cells filled in, as a person would. */
function filled(checked: Readonly<Record<string, string>>): string {
  const [header, ...lines] = [...auditCsv(auditSample(run, 100, 0))];
  const rows = lines.map((line) => {
    const cell = Object.entries(checked).find(([path]) => line.startsWith(path));
    return line.replace(/\r\n$/, `${cell?.[1] ?? ''}\r\n`);
  });
  return [header, ...rows].join('');
}

test('the file has an empty column to fill in, and guards names from spreadsheets', () => {
  assert.is(
    filled({}),
    'path,label,confidence,checked_label\r\na.png,cat,0.900000,\r\n"b, c.png",cat,0.900000,\r\n\'=d.png,\'-dog,0.900000,\r\n',
  );
});

test('filled rows come back, right or wrong; empty ones are not checked yet; a new class is an error of ours', () => {
  const read = readAudit(filled({ 'a.png': ' cat ', "'=d.png": '-dog' }), run, 'audit.csv');
  assert.equal(read, [
    { path: 'a.png', label: 'cat', confidence: 0.9, checked: 'cat', correct: true },
    { path: '=d.png', label: '-dog', confidence: 0.9, checked: '-dog', correct: true },
  ]);
  const guarded = readAudit(filled({ '"b, c.png"': 'unicorn', "'=d.png": "'-dog" }), run, 'audit.csv');
  assert.equal(
    guarded.map(({ checked, correct }) => [checked, correct]),
    [
      ['unicorn', false],
      ['-dog', true],
    ],
  );
});

test('a file that does not belong to the run, contradicts itself or is not filled in is refused with its row', async () => {
  const refuse = (text: string, ...parts: string[]) =>
    assertUserError(() => readAudit(text, run, 'audit.csv'), 'audit.csv', ...parts);
  await refuse(filled({}), 'no row is checked', 'checked_label');
  await refuse('path,label,confidence\na.png,cat,1\n', 'row 1', 'path,label,checked_label');
  const header = 'path,label,checked_label\n';
  await refuse(`${header}z.png,cat,cat\n`, 'row 2', 'the run has no image z.png');
  await refuse(`${header}a.png,dog,dog\n`, 'row 2', "labelled 'dog' automatically, but is 'cat' (auto)");
  await refuse(`${header}e.png,cat,cat\n`, 'row 2', "is 'cat' (review)");
  await refuse(`${header}a.png,cat,cat\na.png,cat,dog\n`, 'row 3', "a.png is 'dog', but 'cat' in row 2");
  assert.is(readAudit(`${header}a.png,cat,cat\na.png,cat,cat\nz.png,cat,\n`, run, 'audit.csv').length, 1);
});

test.run();
