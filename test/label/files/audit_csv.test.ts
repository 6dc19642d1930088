import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Status } from '../../../src/data/labels/status.ts';
import { auditCsv, auditSample, readAudit } from '../../../src/label/files/audit_csv.ts';
import type { ImageLabel } from '../../../src/label/image_label.ts';
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

test('the sample is in random order: its first rows are no one folder of the run', () => {
  const labels = Array.from({ length: 1000 }, (_, i) => labelled(`${Math.floor(i / 100)}/${i}.png`));
  const counts = new Map<string, number>();
  for (let seed = 0; seed < 300; seed++) {
    for (const { path } of auditSample(labels, 100, seed).slice(0, 10)) {
      const folder = path.split('/')[0]!;
      counts.set(folder, (counts.get(folder) ?? 0) + 1);
    }
  }
  // Ten folders, 300 each on average, with a standard deviation of 16.4: 4.5 of them.
  assert.is(counts.size, 10);
  for (const count of counts.values()) assert.ok(Math.abs(count - 300) < 74, `${count}`);
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
  const [header, ...lines] = [...auditCsv(run.filter(({ status }) => status === 'auto'))];
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
  const { checked: read, unchecked } = readAudit(
    filled({ 'a.png': ' cat ', "'=d.png": '-dog' }),
    run,
    'audit.csv',
  );
  assert.equal(read, [
    { path: 'a.png', label: 'cat', confidence: 0.9, checked: 'cat', correct: true, earlier: false },
    { path: '=d.png', label: '-dog', confidence: 0.9, checked: '-dog', correct: true, earlier: false },
  ]);
  assert.is(unchecked, 1);
  const guarded = readAudit(filled({ '"b, c.png"': 'unicorn', "'=d.png": "'-dog" }), run, 'audit.csv');
  assert.equal(
    guarded.checked.map(({ checked, correct }) => [checked, correct]),
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
  await refuse('path,label,confidence\na.png,cat,1\n', 'row 1', 'path,label,confidence,checked_label');
  const header = 'path,label,confidence,checked_label\n';
  await refuse(`${header}z.png,cat,0.9,cat\n`, 'row 2', 'the run has no image z.png');
  await refuse(`${header}a.png,dog,0.9,dog\n`, 'row 2', "labelled 'dog' automatically, but is 'cat' (auto)");
  await refuse(`${header}e.png,cat,0.9,cat\n`, 'row 2', "is 'cat' (review)");
  await refuse(
    `${header}a.png,cat,0.9,cat\na.png,cat,0.9,dog\n`,
    'row 3',
    "a.png is 'dog', but 'cat' in row 2",
  );
  assert.is(
    readAudit(`${header}a.png,cat,0.9,cat\na.png,cat,0.9,cat\nz.png,cat,0.9,\n`, run, 'audit.csv').checked
      .length,
    1,
  );
});

test('rows that an earlier return has made given belong to the sample, with the label and confidence they were drawn with', async () => {
  const given = (path: string, label: string) => ({ ...labelled(path, 'given', label), confidence: 1 });
  const later = [
    given('a.png', 'cat'),
    given('b.png', 'owl'),
    labelled('c.png'),
    labelled('d.png', 'review'),
  ];
  const header = 'path,label,confidence,checked_label\n';
  const text = `${header}a.png,cat,0.8,cat\nb.png,cat,0.7,owl\nc.png,cat,0.9,cat\n`;
  const read = readAudit(text, later, 'audit.csv').checked;
  assert.equal(
    read.map(({ confidence, correct, earlier }) => [confidence, correct, earlier]),
    [
      [0.8, true, true],
      [0.7, false, true],
      [0.9, true, false],
    ],
  );
  const refuse = (line: string, part: string, automatic?: (label: ImageLabel) => boolean) =>
    assertUserError(() => readAudit(header + line, later, 'audit.csv', automatic), part);
  await refuse('b.png,cat,0.7,cat\n', "is 'owl' (given)");
  await refuse('a.png,cat,1.7,cat\n', "the confidence is '1.7'");
  await refuse('d.png,cat,0.9,cat\n', "is 'cat' (review)");
  assert.is(readAudit(`${header}d.png,cat,0.9,cat\n`, later, 'audit.csv', () => true).checked.length, 1);
});

test.run();
