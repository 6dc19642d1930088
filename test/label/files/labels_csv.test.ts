import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { statuses } from '../../../src/data/labels/status.ts';
import { labelsCsv, readLabelsCsv } from '../../../src/label/files/labels_csv.ts';
import type { ImageLabel } from '../../../src/label/image_label.ts';
import { assertUserError } from '../../data/temporary.ts';

const label = (rest: Partial<ImageLabel> = {}): ImageLabel => ({
  path: 'a.png',
  label: 'cat',
  confidence: 0.25,
  margin: 0.125,
  runnerUp: 'dog',
  status: 'review',
  nearestLabelled: 'b.png',
  ...rest,
});
const write = (labels: readonly ImageLabel[]) => [...labelsCsv(labels)].join('');

test('where groups were given a further column names them, and reading gives them back', () => {
  const labels = [label({ group: '=p1' }), label({ path: 'c.png', group: '' })];
  const text = write(labels);
  const [header, first, second] = text.split('\r\n');
  assert.ok(header!.endsWith(',nearest_labelled,group'));
  assert.ok(first!.endsWith(",b.png,'=p1"));
  assert.ok(second!.endsWith(',b.png,'));
  assert.equal(readLabelsCsv(text, 'labels.csv'), labels);
});

test('the bytes are RFC 4180 with a header and six decimals', () => {
  const labels = [
    label(),
    label({
      path: 'b, "c".png',
      label: 'é\n猫',
      confidence: 1,
      margin: 1,
      runnerUp: '',
      status: 'given',
      nearestLabelled: '',
    }),
    label({
      path: '=SUM(A1)',
      label: "'quoted",
      confidence: 1 / 3,
      margin: 1e-9,
      runnerUp: '-',
      status: 'auto',
      nearestLabelled: '@x',
    }),
  ];
  assert.is(
    write(labels),
    'path,label,confidence,margin,runner_up,status,nearest_labelled\r\n' +
      'a.png,cat,0.250000,0.125000,dog,review,b.png\r\n' +
      '"b, ""c"".png","é\n猫",1.000000,1.000000,,given,\r\n' +
      "'=SUM(A1),''quoted,0.333333,0.000000,'-,auto,'@x\r\n",
  );
});

// Strings that break careless readers and writers, alone and put together.
const pieces = [
  '',
  ',',
  '"',
  '\n',
  '\r',
  '\r\n',
  '\t',
  ' ',
  "'",
  "''",
  '=',
  '+',
  '-',
  '@',
  '../',
  './',
  'é',
  '🙂',
  '\u0000',
  '\uFEFF',
  'a',
  '1',
];
const nasty = fc.oneof(
  fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const named = nasty.filter((text) => text !== '');
const share = fc.integer({ min: 0, max: 1e6 }).map((millionths) => Number((millionths / 1e6).toFixed(6)));
const anyLabel: fc.Arbitrary<ImageLabel> = fc.record(
  {
    path: named,
    label: named,
    confidence: share,
    margin: share,
    runnerUp: nasty,
    status: fc.constantFrom(...statuses),
    nearestLabelled: nasty,
  },
  { noNullPrototype: true },
);
const anyLabels = fc.uniqueArray(anyLabel, { selector: ({ path }) => path, maxLength: 8 });

test('any names and paths are read back unchanged', () => {
  fc.assert(
    fc.property(anyLabels, (labels) => {
      assert.equal(readLabelsCsv(write(labels), 'labels.csv'), labels);
    }),
    { numRuns: 1000, seed: 1 },
  );
});

test('no cell that a spreadsheet would take for a formula is left', () => {
  fc.assert(
    fc.property(anyLabels, (labels) => {
      // Another parser's view of the file, with neither our quoting nor our guard.
      const cells = (parse(write(labels), { record_delimiter: '\r\n' }) as string[][]).flat();
      for (const cell of cells)
        assert.ok(!/^[=+\-@\t\r\n]/.test(cell) || Number.isFinite(Number(cell.replace(',', '.'))), cell);
    }),
    { numRuns: 500, seed: 2 },
  );
});

test('columns may stand in another order and among others, as a spreadsheet leaves them', () => {
  const csv =
    'note,status,path,label,margin,confidence,nearest_labelled,runner_up\nseen, Auto ,a.png,cat,0.5,1,,\n';
  assert.equal(readLabelsCsv(csv, 'labels.csv'), [
    label({ confidence: 1, margin: 0.5, runnerUp: '', status: 'auto', nearestLabelled: '' }),
  ]);
});

test('what was not written so is refused with its row', async () => {
  const header = 'path,label,confidence,margin,runner_up,status,nearest_labelled\n';
  const refuse = (text: string, ...parts: string[]) =>
    assertUserError(() => readLabelsCsv(text, 'labels.csv'), 'labels.csv', ...parts);
  await refuse('path,label\na.png,cat\n', 'row 1', 'no column is called confidence');
  await refuse(`${header}a.png,cat,1.5,0,,auto,\n`, 'row 2', "the confidence is '1.5'");
  await refuse(`${header}a.png,cat,1,,,auto,\n`, 'row 2', "the margin is ''");
  await refuse(`${header}a.png,cat,1,0,,sure,\n`, 'row 2', "the status is 'sure'");
  await refuse(`${header}a.png,,1,0,,auto,\n`, 'row 2', 'empty label');
  await refuse(`${header}a.png,cat,1,0,,auto,\n\na.png,dog,1,0,,auto,\n`, 'row 4', 'a.png is also in row 2');
});

test('rows are made one by one: the first is there before the last is asked for', () => {
  function* broken() {
    yield label();
    throw new Error('asked too early');
  }
  const lines = labelsCsv(broken());
  lines.next();
  assert.match(String(lines.next().value), /^a\.png/);
  assert.throws(() => lines.next(), 'asked too early');
});

test.run();
