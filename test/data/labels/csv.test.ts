import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { csvFile, csvLine, guard, guardAll, readTable, unguard } from '../../../src/data/labels/csv.ts';
import { UserError } from '../../../src/errors.ts';
import { assertUserError } from '../temporary.ts';

const images = new Set(['im 01.jpg', 'im 02.jpg', 'a/b;c.jpg']);
const isPath = (cell: string) => images.has(cell);
const rowsOf = (text: string, path: (cell: string) => boolean = isPath) => {
  const { names, rows, notes } = readTable(text, 'mine.csv', ['path', 'label'], path);
  const [at, label] = [names.indexOf('path'), names.indexOf('label')];
  return { rows: rows.map(({ row, fields }) => [row, fields[at], fields[label]]), notes };
};
const wanted = [
  [2, 'im 01.jpg', 'red'],
  [3, 'im 02.jpg', 'blue'],
];

test('fields parted by semicolons, tabs, bars or as a line sep= says are read, and it is said', () => {
  assert.equal(rowsOf('path,label\nim 01.jpg,red\nim 02.jpg,blue\n'), { rows: wanted, notes: [] });
  for (const [delimiter, name] of [
    [';', 'semicolons'],
    ['\t', 'tabs'],
    ['|', 'bars'],
  ]) {
    const text = ['path,label', 'im 01.jpg,red', 'im 02.jpg,blue'].join('\r\n').replaceAll(',', delimiter!);
    assert.equal(rowsOf(text), { rows: wanted, notes: [`fields parted by ${name}`] });
  }
  // As a spreadsheet counts: the line is not shown as a row.
  assert.equal(rowsOf('sep=,\r\npath,label\r\nim 01.jpg,red\r\nim 02.jpg,blue').rows, wanted);
  assert.equal(rowsOf('sep=;\npath;label\nim 01.jpg;red\nim 02.jpg;blue').rows, wanted);
  assert.equal(rowsOf('"sep=|"\npath|label\nim 01.jpg|red\nim 02.jpg|blue').rows, wanted);
});

test('a delimiter inside a path does not part it where another one makes the header', () => {
  assert.equal(rowsOf('path,label\na/b;c.jpg,red;dark\n').rows, [[2, 'a/b;c.jpg', 'red;dark']]);
  assert.equal(rowsOf('path;label\n"a/b;c.jpg";red, dark\n').rows, [[2, 'a/b;c.jpg', 'red, dark']]);
});

test('columns go by the names that other programs give them, in any case', () => {
  for (const header of [
    'Path,Label',
    'file_name,label',
    'FileName,Class',
    'image,category',
    'img_path,target',
    'Image ID,dx',
    'PATH , LABEL',
  ])
    assert.equal(rowsOf(`${header}\nim 01.jpg,red\nim 02.jpg,blue\n`).rows, wanted, header);
  assert.equal(rowsOf('Class,filename\nred,im 01.jpg\nblue,im 02.jpg\n'), {
    rows: wanted,
    notes: ["the column 'filename' as path", "the column 'Class' as label"],
  });
});

test('columns of unknown names are known by what they hold, where only one can be meant', () => {
  assert.equal(rowsOf('Bild;Sorte\nim 01.jpg;red\nim 02.jpg;blue\n').rows, wanted);
  // As pandas saves a data frame: the first column counts the rows.
  assert.equal(rowsOf(',path,label\n0,im 01.jpg,red\n1,im 02.jpg,blue\n').rows, wanted);
  assert.equal(rowsOf('Unnamed: 0,Bild,Sorte\n0,im 01.jpg,red\n1,im 02.jpg,blue\n').rows, wanted);
  // As R does: the header has one field less than the rows.
  assert.equal(rowsOf('"path","label"\n"1","im 01.jpg","red"\n"2","im 02.jpg","blue"\n').rows, wanted);
  // Two columns are called as paths are, one of them holds paths.
  assert.equal(rowsOf('image_id,filename,label\n7,im 01.jpg,red\n8,im 02.jpg,blue\n').rows, wanted);
});

test('where several columns may be meant it asks', async () => {
  const refuse = (text: string, ...parts: string[]) =>
    assertUserError(() => rowsOf(text), 'mine.csv, row 1', ...parts);
  await refuse(
    'path,class,category\nim 01.jpg,red,warm\n',
    "'class', 'category' may each be the label",
    'rename',
  );
  await refuse('file,image,label\nim 01.jpg,im 01.jpg,red\n', "'file', 'image' may each be the path");
  await refuse('path,when,where\nim 01.jpg,1,2\n', 'no column is called label', "'when', 'where'");
  await refuse('path,label,label\nim 01.jpg,1,2\n', '2 columns are called label');
});

test('a file without a header is one whose first row is about an image', async () => {
  const text = 'im 01.jpg,red\nim 02.jpg,blue\n';
  assert.equal(rowsOf(text), {
    rows: [
      [1, 'im 01.jpg', 'red'],
      [2, 'im 02.jpg', 'blue'],
    ],
    notes: ['no header'],
  });
  // The first image is not there: its row is no header all the same.
  assert.is(rowsOf('gone.jpg,red\nim 02.jpg,blue\n').rows.length, 2);
  await assertUserError(
    () => rowsOf('im 01.jpg,red,1\nim 02.jpg,blue,2\n'),
    'has no header, and 3 fields in row 1',
  );
  // A column that is called as an image is, but for its ending.
  assert.is(rowsOf('image,label\nimage.jpg,red\n', (cell) => /^image(\.jpg)?$/.test(cell)).rows.length, 1);
});

test('lists of a path, spaces and a label are read by the paths that are known, whatever spaces these hold', () => {
  const spaced = 'im 01.jpg dark red\nim 02.jpg   blue\n';
  assert.equal(rowsOf(spaced), {
    rows: [
      [1, 'im 01.jpg', 'dark red'],
      [2, 'im 02.jpg', 'blue'],
    ],
    notes: ['fields parted by spaces', 'no header'],
  });
  assert.equal(rowsOf('path label\nim 01.jpg red\nim 02.jpg blue\n').rows, wanted);
  assert.equal(
    rowsOf('red im 01.jpg\nblue im 02.jpg\n').rows,
    [
      [1, 'red', 'im 01.jpg'],
      [2, 'blue', 'im 02.jpg'],
    ].map(([row, label, path]) => [row, path, label]),
  );
});

test('blank rows and empty cells at the ends of rows are no rows and no fields', async () => {
  assert.equal(rowsOf('path,label,\nim 01.jpg,red,\nim 02.jpg,blue,\n').rows, wanted);
  assert.equal(rowsOf('path,label\nim 01.jpg,red,,\nim 02.jpg,blue,\n,,\n,\n\n').rows, wanted);
  assert.equal(rowsOf('path,label,\nim 01.jpg,red\nim 02.jpg,blue\n').rows, wanted);
  assert.equal(rowsOf('\n\npath,label\n,\nim 01.jpg,red\n').rows, [[5, 'im 01.jpg', 'red']]);
  await assertUserError(
    () => rowsOf('path,label,note\nim 01.jpg,red\n'),
    'row 2',
    '2 fields',
    'missing cells',
  );
  for (const empty of ['', ' \n', ',\n , \n', '"",""\n'])
    await assertUserError(() => rowsOf(empty), 'mine.csv is empty', 'path,label');
});

test('a table of tabs may have quotes that quote nothing', () => {
  assert.equal(rowsOf('path\tlabel\nim 01.jpg\t3" wide\nim 02.jpg\t"odd\n').rows, [
    [2, 'im 01.jpg', '3" wide'],
    [3, 'im 02.jpg', '"odd'],
  ]);
});

const cell = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.constantFrom('a,b', 'c;d', 'e\tf', 'g|h', '"q"', 'two\nlines', ' x ', "'y"),
);

test('any table is read as it was written, by whatever program', () => {
  const anyTable = fc.record({
    delimiter: fc.constantFrom(',', ';', '\t', '|'),
    end: fc.constantFrom('\n', '\r\n'),
    mark: fc.boolean(),
    quoteAll: fc.boolean(),
    trailing: fc.boolean(),
    said: fc.boolean(),
    swapped: fc.boolean(),
    names: fc.constantFrom(['path', 'label'], ['File Name', 'CLASS'], ['image', 'Category']),
    rows: fc.array(fc.tuple(cell, cell, fc.boolean()), { maxLength: 6 }),
  });
  fc.assert(
    fc.property(anyTable, ({ delimiter, end, mark, quoteAll, trailing, said, swapped, names, rows }) => {
      const quote = (text: string) =>
        quoteAll || /["\r\n,;\t|]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
      const line = (cells: readonly string[]) =>
        `${[...(swapped ? [...cells].reverse() : cells), ...(trailing ? [''] : [])].map(quote).join(delimiter)}${end}`;
      const body = rows.map(([path, label, blank]) => `${blank ? end : ''}${line([path, label])}`).join('');
      const text = `${mark ? '\ufeff' : ''}${said ? `sep=${delimiter}${end}` : ''}${line(names)}${body}`;
      const read = readTable(text, 'f', ['path', 'label'], () => false);
      const [at, label] = [read.names.indexOf('path'), read.names.indexOf('label')];
      assert.equal(
        read.rows.map(({ fields }) => [fields[at], fields[label]]),
        rows.filter(([path, name]) => `${path}${name}`.trim() !== '').map(([path, name]) => [path, name]),
      );
    }),
    { numRuns: 10_000, seed: 1 },
  );
});

test('any text is a table or a refusal in one sentence, in time that its length bounds', () => {
  const piece = fc.oneof(
    cell,
    fc.constantFrom(',', ';', '\t', '|', '\n', '\r\n', '\r', '"', 'path', 'label', 'sep=', 'im 01.jpg', ' '),
  );
  let tables = 0;
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 24 }), fc.boolean(), (pieces, known) => {
      try {
        const { names, rows } = readTable(
          pieces.join(''),
          'f',
          ['path', 'label'],
          known ? isPath : undefined,
        );
        for (const { fields } of rows) assert.is(fields.length, names.length);
        assert.ok(names.includes('path') && names.includes('label'));
        tables++;
      } catch (error) {
        assert.instance(error, UserError);
        assert.not.match((error as UserError).message, '\n');
      }
    }),
    { numRuns: 10_000, seed: 2 },
  );
  assert.ok(tables > 100, `${tables} tables`);
  // Ten thousand rows take well under a second; what grew with their square would take minutes.
  const long = `path,label\n${'im 01.jpg,red\n'.repeat(100_000)}`;
  const began = performance.now();
  assert.is(rowsOf(long).rows.length, 100_000);
  assert.ok(performance.now() - began < 30_000);
});

test('numbers stay numbers for every reader, and formulas are none', () => {
  for (const number of ['-1', '+1', '0', '1.5', '-2,5', '+1e-3', '-.5', '007'])
    assert.is(guard(number), number);
  for (const formula of ['=1', '-a', '+1+1', '@x', '-1-1', '-', '--1', '-1;2', "'x", '\tx', '-1.jpg'])
    assert.is(guard(formula), `'${formula}`);
});

test('the reader undoes just what the writer did, that of earlier versions too', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 5 }),
    fc.constantFrom('-1', '+1', "'-1", "''+1", '=1', "'=1", '-x', "'-x", "'", '-'),
  );
  fc.assert(
    fc.property(text, (written) => {
      assert.is(unguard(guard(written)), written);
      assert.is(unguard(guardAll(written)), written);
    }),
    { numRuns: 10_000, seed: 3 },
  );
});

test('a byte order mark stands in front of letters beyond ASCII, and of nothing else', () => {
  const file = (...cells: string[]) => [...csvFile(() => cells.map((text) => csvLine(['a', text])))].join('');
  assert.is(file('x', 'y'), 'a,x\r\na,y\r\n');
  assert.is(file('x', 'Käfer'), '\ufeffa,x\r\na,Käfer\r\n');
  assert.is(file('猫'), '\ufeffa,猫\r\n');
});

test.run();
