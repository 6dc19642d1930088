import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { labelsOf } from '../../../src/data/labels/class_numbers.ts';
import { csvLine, guard } from '../../../src/data/labels/csv.ts';
import { saysNothing } from '../../../src/data/labels/doubtful_labels.ts';
import { mergeLabels, readGivenRows } from '../../../src/data/labels/given_rows.ts';
import { readLabel } from '../../../src/data/labels/none_of_these.ts';
import { assertUserError } from '../temporary.ts';
import { options, readLabels, source, sourceOf } from './read_labels.ts';

test('reads labels by path; images without a row have none; classes are sorted', () => {
  const read = readLabels('path,label\nsub/c.png,dog\na.png,cat\n', source);
  assert.equal(read.classes, ['cat', 'dog']);
  assert.equal([...read.labels], [0, -1, 1, -1, -1, -1]);
});

test('reads a byte order mark, CRLF, quotes, commas and newlines in names, other columns, blank lines', () => {
  const csv = [
    '\uFEFFconfidence,label,path',
    '0.5, dog ,"d, e.png"',
    '',
    '0.5,"cat, big","say ""f"".png"',
    '0.5,dog,"two\nlines.png"',
    '0.5,dog,./a.png',
  ].join('\r\n');
  const read = readLabels(csv, source);
  assert.equal(read.classes, ['cat, big', 'dog']);
  assert.equal([...read.labels], [1, -1, -1, 1, 0, 1]);
});

test('any names survive being written and read', () => {
  const name = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => text.trim() !== '');
  const label = fc
    .string({ minLength: 1, unit: 'grapheme' })
    .filter((text) => text === readLabel(text) && text !== '' && !saysNothing(text));
  const line = (path: string, label: string) => csvLine([guard(path), guard(label)]);
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 2, maxLength: 8 }), label, label, (paths, one, other) => {
      fc.pre(one.toLowerCase() !== other.toLowerCase());
      const wanted = paths.map((_, image) => (image === 0 ? one : other));
      const rows = paths.map((path, image) => line(path, wanted[image]!));
      const read = readLabels(`path,label\n${rows.join('')}`, sourceOf(paths));
      assert.equal(
        [...read.labels].map((number) => read.classes[number]),
        wanted,
      );
    }),
    { numRuns: 200, seed: 1 },
  );
});

test('a repeated row is accepted, two labels for one path are refused with both rows', async () => {
  const read = readLabels('path,label\na.png,x\nb.png,y\na.png,x\n', source);
  assert.equal([...read.labels].slice(0, 2), [0, 1]);
  await assertUserError(
    () => readLabels('path,label\na.png,x\nb.png,y\na.png,y\n', source),
    'mine.csv, row 4',
    "a.png is labelled 'y', but 'x' in row 2",
  );
});

test('an unknown path is refused with its row, and the path that was meant', async () => {
  const csv = (path: string) => `path,label\na.png,x\n\n${path},y\n`;
  await assertUserError(() => readLabels(csv('z.png'), source), 'mine.csv, row 4', 'no image z.png', 'a.png');
  await assertUserError(() => readLabels(csv('c.tif'), source), 'row 4', 'did you mean sub/c.png?');
  await assertUserError(() => readLabels(csv('old/c.png'), source), 'row 4', 'did you mean sub/c.png?');
  await assertUserError(
    () => readLabels(`${csv('z.png')}y.png,x\n`, source),
    'row 4: there is no image z.png in photos (and none of 1 other row)',
    'or delete such rows',
  );
});

test('broken files are refused with the row and what to do', async () => {
  const refuse = (csv: string, ...parts: string[]) =>
    assertUserError(() => readLabels(csv, source), 'mine.csv', ...parts);
  await refuse('', 'is empty', 'path,label');
  await refuse('path,label\n,x\n', 'row 2', 'there is a label but no path');
  await refuse('path,label\na.png,x\nd, e.png,y\n', 'row 3', '3 fields', 'double quotes');
  await refuse('path,label\na.png\n', 'row 2', '1 fields');
  await refuse('path,label\n"a.png,x\n', 'not valid CSV', 'line 2');
  await refuse('path,label\n"a"b.png,x\n', 'not valid CSV', 'line 2');
  await refuse('path,label\na.png,x\nb.png,x\n', "every label is 'x'", 'two classes');
  await refuse('path,label\n', 'no image has a label');
});

test('rows whose label is not filled in yet are left out and counted', () => {
  const csv = 'path,label,reason\na.png,x,typical\nb.png, ,typical\nsub/c.png,y,odd\n';
  const { rows, emptyRows } = readGivenRows(csv, source, options);
  assert.is(emptyRows, 1);
  assert.equal(
    rows.map(({ path }) => path),
    ['a.png', 'sub/c.png'],
  );
});

test("of a run's own file only given rows count, whoever gave them; the other rows are not even looked at", async () => {
  const csv = [
    'path,label,confidence,margin,runner_up,status,nearest_labelled',
    'a.png,cat,1.000000,1.000000,,given,',
    'b.png,dog,0.700000,0.500000,cat, Given ,a.png',
    'sub/c.png,,0.700000,0.500000,cat,review,a.png',
    'gone.png,dog,0.700000,0.500000,cat,auto,a.png',
    'a.png,dog,0.700000,0.500000,cat,duplicate,b.png',
  ];
  const read = readLabels(csv.join('\r\n'), source);
  assert.equal([...read.labels], [0, 1, -1, -1, -1, -1]);
  assert.is(read.predictedRows, 3);
  await assertUserError(
    () => readLabels([...csv, 'b.png,dog,0.7,0.5,cat,done,'].join('\n'), source),
    'mine.csv, row 7',
    "the status is 'done', but must be one of given, auto,",
  );
});

test('an apostrophe against spreadsheets is taken off, except of a path that is known only with it', () => {
  const images = sourceOf(['=a.png', "'=b.png", '-c.png', "'-c.png"]);
  const labelsIn = (csv: string) => {
    const { classes, labels } = readLabels(csv, images);
    return [...labels].map((label) => classes[label]);
  };
  const guarded = ["'=a.png,'+x", "''=b.png,''x", "'-c.png,'y", "''-c.png,'''=y"];
  assert.equal(labelsIn(`path,label\n${guarded.join('\n')}`), ['+x', "'x", "'y", "''=y"]);
  const plain = ['=a.png,+x', "'=b.png,'x", '-c.png,y'];
  assert.equal(labelsIn(`path,label\n${plain.join('\n')}`), ['+x', "'x", 'y', undefined]);
});

test('a file of mixed line ends, as editors leave it, is read row by row', () => {
  const read = readLabels('path,label\r\na.png,x\nb.png,y\r\n"two\nlines.png",x\n', source);
  assert.equal([...read.labels], [0, 1, -1, -1, -1, 0]);
});

test('merging loses no label, lets later ones win, and a correction of one class is enough', () => {
  const rowsOf = (csv: string) => readGivenRows(csv, source, options).rows;
  const earlier = rowsOf(
    'path,label,status\na.png,x,given\nb.png,y,given\nsub/c.png,x,given\n"d, e.png",y,auto\n',
  );
  const later = rowsOf('path,label\n./b.png,z\na.png,x\n"d, e.png",z\n');
  const merged = mergeLabels(earlier, later);
  assert.equal(merged, {
    rows: [
      { path: 'a.png', label: 'x' },
      { path: 'b.png', label: 'z' },
      { path: 'sub/c.png', label: 'x' },
      { path: 'd, e.png', label: 'z' },
    ],
    changed: 1,
    added: 1,
  });
  const { classes, labels } = labelsOf(merged.rows, source, 'both');
  assert.equal(classes, ['x', 'z']);
  assert.equal([...labels], [0, 1, 0, 1, -1, -1]);
  assert.equal(mergeLabels(earlier, []).rows, earlier);
});

test('merging in any number of steps keeps every path, with the last label that it got', () => {
  const row = fc.record({ path: fc.constantFrom(...'abcdef'), label: fc.constantFrom('x', 'y', 'z') });
  const file = fc.uniqueArray(row, { selector: ({ path }) => path, maxLength: 6 });
  fc.assert(
    fc.property(fc.array(file, { maxLength: 5 }), (files) => {
      const merged = files.reduce<readonly { path: string; label: string }[]>(
        (all, next) => mergeLabels(all, next).rows,
        [],
      );
      const wanted: Record<string, string> = {};
      for (const { path, label } of files.flat()) wanted[path] = label;
      assert.equal(Object.fromEntries(merged.map(({ path, label }) => [path, label])), wanted);
      assert.is(merged.length, Object.keys(wanted).length);
    }),
    { numRuns: 200, seed: 1 },
  );
});

test('labels with commas, quotes and other scripts are names like any other; a single label of a class is enough', () => {
  const names = ['猫, "big"', 'Hund – groß', "l'été", '🐈'];
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const csv = names.map((name, i) => `${quote(source.paths[i]!)},${quote(name)}`);
  const read = readLabels(`path,label\n${csv.join('\n')}`, source);
  assert.equal(
    [...read.labels].map((label) => read.classes[label]),
    [...names, undefined, undefined],
  );
});

test.run();
