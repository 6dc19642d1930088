import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { csvLine, guard } from '../../../src/data/labels/csv.ts';
import {
  folderLabels,
  hideLabels,
  labelsOf,
  mergeLabels,
  readGivenRows,
  readLabels,
} from '../../../src/data/labels/labels.ts';
import type { ImageSource, Partition } from '../../../src/data/sources/image_source.ts';
import { assertUserError } from '../temporary.ts';

const options = { file: 'mine.csv' };

function sourceOf(paths: readonly string[], rest: Partial<ImageSource> = {}): ImageSource {
  return {
    name: 'photos',
    description: '',
    size: 1,
    pixels: new Uint8Array(paths.length * 3),
    paths,
    labels: new Int32Array(paths.length).fill(-1),
    classes: [],
    partition: paths.map(() => 'train'),
    unreadable: [],
    omitted: [],
    fingerprint: '',
    ...rest,
  };
}

const source = sourceOf(['a.png', 'b.png', 'sub/c.png', 'd, e.png', 'say "f".png', 'two\nlines.png']);

test('reads labels by path; images without a row have none; classes are sorted', () => {
  const read = readLabels('path,label\nsub/c.png,dog\na.png,cat\n', source, options);
  assert.equal(read.classes, ['cat', 'dog']);
  assert.equal([...read.labels], [0, -1, 1, -1, -1, -1]);
  assert.is(read.skippedRows, 0);
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
  const read = readLabels(csv, source, options);
  assert.equal(read.classes, ['cat, big', 'dog']);
  assert.equal([...read.labels], [1, -1, -1, 1, 0, 1]);
});

test('any names survive being written and read', () => {
  const name = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => !text.startsWith('./'));
  const label = fc
    .string({ minLength: 1, unit: 'grapheme' })
    .filter((text) => text === text.trim() && text !== '');
  const line = (path: string, label: string) => csvLine([guard(path), guard(label)]);
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 2, maxLength: 8 }), label, label, (paths, one, other) => {
      fc.pre(one !== other);
      const wanted = paths.map((_, image) => (image === 0 ? one : other));
      const rows = paths.map((path, image) => line(path, wanted[image]!));
      const read = readLabels(`path,label\n${rows.join('')}`, sourceOf(paths), options);
      assert.equal(
        [...read.labels].map((number) => read.classes[number]),
        wanted,
      );
    }),
    { numRuns: 200, seed: 1 },
  );
});

test("keeps the source's class numbers where it has all the classes", () => {
  const withClasses = sourceOf(['a.png', 'b.png'], { classes: ['zebra', 'dog', 'cat'] });
  const csv = 'path,label\na.png,dog\nb.png,zebra\n';
  const read = readLabels(csv, withClasses, options);
  assert.equal(read.classes, ['zebra', 'dog', 'cat']);
  assert.equal([...read.labels], [1, 0]);
  const own = readLabels(csv.replace('zebra', 'ant'), withClasses, options);
  assert.equal(own.classes, ['ant', 'dog']);
});

test('rows about images that were skipped or left out are counted, not refused', () => {
  const part = sourceOf(['a.png', 'b.png'], {
    omitted: ['c.png'],
    unreadable: [{ path: 'd.png', reason: 'truncated' }],
  });
  const read = readLabels('path,label\na.png,x\nb.png,y\nc.png,x\nd.png,z\n', part, options);
  assert.equal(read.classes, ['x', 'y']);
  assert.is(read.skippedRows, 2);
});

test('a repeated row is accepted, two labels for one path are refused with both rows', async () => {
  const read = readLabels('path,label\na.png,x\nb.png,y\na.png,x\n', source, options);
  assert.equal([...read.labels].slice(0, 2), [0, 1]);
  await assertUserError(
    () => readLabels('path,label\na.png,x\nb.png,y\na.png,y\n', source, options),
    'mine.csv, row 4',
    "a.png is labelled 'y', but 'x' in row 2",
  );
});

test('an unknown path is refused with its row, and the path that was meant', async () => {
  const csv = (path: string) => `path,label\na.png,x\n\n${path},y\n`;
  await assertUserError(
    () => readLabels(csv('z.png'), source, options),
    'mine.csv, row 4',
    'no image z.png',
    'a.png',
  );
  await assertUserError(() => readLabels(csv('c.png'), source, options), 'row 4', 'did you mean sub/c.png?');
  await assertUserError(
    () => readLabels(csv('/home/me/sub/c.png'), source, options),
    'did you mean sub/c.png?',
  );
  await assertUserError(() => readLabels(csv('sub\\c.png'), source, options), 'did you mean sub/c.png?');
});

test('broken files are refused with the row and what to do', async () => {
  const refuse = (csv: string, ...parts: string[]) =>
    assertUserError(() => readLabels(csv, source, options), 'mine.csv', ...parts);
  await refuse('', 'row 1', 'path,label');
  await refuse('a.png,x\nb.png,y\n', 'row 1', 'header must be path,label, but is a.png,x');
  await refuse('path;label\na.png;x\n', 'row 1', 'path;label');
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
  const read = readLabels(csv.join('\r\n'), source, options);
  assert.equal([...read.labels], [0, 1, -1, -1, -1, -1]);
  assert.is(read.predictedRows, 3);
  await assertUserError(
    () => readLabels([...csv, 'b.png,dog,0.7,0.5,cat,done,'].join('\n'), source, options),
    'mine.csv, row 7',
    "the status is 'done', but must be one of given, auto,",
  );
});

test('an apostrophe against spreadsheets is taken off, except of a path that is known only with it', () => {
  const images = sourceOf(['=a.png', "'=b.png", '-c.png', "'-c.png"]);
  const labelsIn = (csv: string) => {
    const { classes, labels } = readLabels(csv, images, options);
    return [...labels].map((label) => classes[label]);
  };
  const guarded = ["'=a.png,'+x", "''=b.png,''x", "'-c.png,'y", "''-c.png,'''=y"];
  assert.equal(labelsIn(`path,label\n${guarded.join('\n')}`), ['+x', "'x", "'y", "''=y"]);
  const plain = ['=a.png,+x', "'=b.png,'x", '-c.png,y'];
  assert.equal(labelsIn(`path,label\n${plain.join('\n')}`), ['+x', "'x", 'y', undefined]);
});

test('a file of mixed line ends, as editors leave it, is read row by row', () => {
  const read = readLabels('path,label\r\na.png,x\nb.png,y\r\n"two\nlines.png",x\n', source, options);
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
  const read = readLabels(`path,label\n${csv.join('\n')}`, source, options);
  assert.equal(
    [...read.labels].map((label) => read.classes[label]),
    [...names, undefined, undefined],
  );
});

test('folder labels are the first sub-folders, without those named unlabelled', async () => {
  const tree = sourceOf([
    'dog/a.png',
    'cat/b.png',
    'cat/big/c.png',
    'top.png',
    'unlabelled/d.png',
    'cat/unlabeled/e.png',
  ]);
  const { classes, labels } = folderLabels(tree);
  assert.equal(classes, ['cat', 'dog']);
  assert.equal([...labels], [1, 0, 0, -1, -1, -1]);
  await assertUserError(
    () => folderLabels(sourceOf(['train/a/x.png', 'train/b/y.png'])),
    'photos',
    "'train'",
  );
  await assertUserError(() => folderLabels(sourceOf(['a.png', 'b.png'])), 'no image has a label');
});

const truth = {
  classes: ['x', 'y'],
  labels: Int32Array.from({ length: 60 }, (_, image) => (image % 4 === 0 ? 1 : image % 4 === 3 ? -1 : 0)),
  partition: Array.from({ length: 60 }, (_, image): Partition => (image < 40 ? 'train' : 'test')),
};

test('hiding keeps N true labels of each class, none in the test part, the same for a seed', () => {
  const given = hideLabels(truth, 5, 1);
  const kept = [...given.labels.keys()].filter((image) => given.labels[image]! >= 0);
  assert.is(kept.length, 10);
  assert.is(kept.filter((image) => given.labels[image] === 1).length, 5);
  assert.ok(kept.every((image) => image < 40 && given.labels[image] === truth.labels[image]));
  assert.equal(hideLabels(truth, 5, 1).labels, given.labels);
  assert.not.equal(hideLabels(truth, 5, 2).labels, given.labels);
  const more = hideLabels(truth, 8, 1);
  assert.ok(kept.every((image) => more.labels[image]! >= 0));
});

test('hiding chooses every image of a class about equally often', () => {
  const counts = new Map<number, number>();
  for (let seed = 0; seed < 2000; seed++) {
    hideLabels(truth, 3, seed).labels.forEach((label, image) => {
      if (label === 1) counts.set(image, (counts.get(image) ?? 0) + 1);
    });
  }
  assert.is(counts.size, 10);
  const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 600) ** 2 / 600, 0);
  // Nine degrees of freedom: 27.9 is exceeded once in a thousand.
  assert.ok(chiSquare < 27.9, `chi-square ${chiSquare}`);
});

test('hiding more labels than a class has is refused with the class and its count', async () => {
  await assertUserError(() => hideLabels(truth, 11, 0), "class 'y' has 10 labelled", '--labels-per-class 11');
  for (const count of [0, -1, 1.5]) {
    await assertUserError(() => hideLabels(truth, count, 0), `--labels-per-class ${count}`);
  }
});

test.run();
