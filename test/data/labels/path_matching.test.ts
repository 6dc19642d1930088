import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readGivenRows } from '../../../src/data/labels/given_rows.ts';
import { PathMatcher } from '../../../src/data/labels/path_matching.ts';
import { assertUserError } from '../temporary.ts';
import { options, sourceOf } from './read_labels.ts';

const composed = 'k\u00e4fer';
const decomposed = 'ka\u0308fer';
const paths = [
  'cats/im 01.JPG',
  'cats/two.png',
  'dogs/two.png',
  `${composed}/x.webp`,
  'top.jpeg',
  'a%20b.png',
  '=f.png',
];
const matcher = new PathMatcher(sourceOf(paths));
const found = (cell: string) => {
  const reading = matcher.find(cell);
  if (reading && 'pages' in reading) return [...reading.pages, reading.how];
  return reading && ('path' in reading ? [reading.path, reading.how] : reading.several);
};

test('a path as the source lists it is itself, also guarded against spreadsheets', () => {
  for (const path of paths) assert.equal(found(path), [path, undefined]);
  assert.equal(found("'=f.png"), ['=f.png', undefined]);
});

test('paths as other systems and programs write them are matched, and each way is named', () => {
  const im = 'cats/im 01.JPG';
  assert.equal(found('./cats/im 01.JPG'), [im, 'without ./ in front']);
  assert.equal(found('cats\\im 01.JPG'), [im, 'with \\ read as /']);
  assert.equal(found('cats/im%2001.JPG'), [im, 'with %20 and the like decoded']);
  assert.equal(found(' cats/im 01.JPG '), [im, 'without spaces around them']);
  assert.equal(found('Cats/IM 01.jpg'), [im, 'whatever their case']);
  assert.equal(found('cats/im 01'), [im, 'without the ending']);
  assert.equal(found(`${decomposed}/x.webp`), [`${composed}/x.webp`, 'whether accents are composed']);
  assert.equal(found('im 01.JPG'), [im, 'with the folders that they lie in']);
  assert.equal(found('/home/me/photos/cats/im 01.JPG'), [im, "without '/home/me/photos/' in front"]);
  assert.equal(found('C:\\Users\\me\\cats\\im 01.JPG'), [
    im,
    "with \\ read as /, without 'C:/Users/me/' in front",
  ]);
  assert.equal(found('file:///d/cats/im%2001.jpg'), [
    im,
    "with \\ read as /, with %20 and the like decoded, without 'file:/d/' in front, whatever their case",
  ]);
  assert.equal(found('TOP'), ['top.jpeg', 'whatever their case, without the ending']);
});

test('a percent sign of the name itself stays one', () => {
  assert.equal(found('a%20b.png'), ['a%20b.png', undefined]);
  assert.equal(found('a%2520b.png'), ['a%20b.png', 'with %20 and the like decoded']);
});

test('what may be several images, another file or another folder is not chosen', () => {
  assert.equal(found('two.png'), ['cats/two.png', 'dogs/two.png']);
  assert.equal(found('two'), ['cats/two.png', 'dogs/two.png']);
  assert.is(found('birds/two.png'), undefined);
  assert.is(found('cats/two.jpg'), undefined);
  assert.is(found('wo.png'), undefined);
  assert.is(found(''), undefined);
  const alike = new PathMatcher(sourceOf(['A.jpg', 'a.jpg', 'b.jpg', 'b.png']));
  assert.equal(alike.find('a.JPG'), { several: ['A.jpg', 'a.jpg'] });
  assert.equal(alike.find('b'), { several: ['b.jpg', 'b.png'] });
});

test('folders in front are left out only where no likeness of the whole path will do', () => {
  const two = new PathMatcher(sourceOf(['1.jpg', 'cats/1.jpg']));
  assert.equal(two.find('Cats/1.jpg'), { path: 'cats/1.jpg', how: 'whatever their case' });
  assert.equal(two.find('/old/cats/1.jpg'), { path: 'cats/1.jpg', how: "without '/old/' in front" });
});

test('images of one part of a set are not those of the same names in another', () => {
  const part = (name: string) => new PathMatcher({ ...sourceOf(['1.jpg']), name });
  assert.is(part('test').find('train/1.jpg'), undefined);
  assert.ok(part('train').names('set/train/1.jpg'));
  assert.ok(part('photos').names('train/1.jpg'));
});

test('the labels say how many paths were matched in which way, and refuse what may be two images', async () => {
  const images = sourceOf(['cats/1.jpg', 'cats/2.jpg', 'dogs/3.jpg']);
  const rows = (csv: string) => readGivenRows(csv, images, options);
  const csv = 'path,label\nD:\\p\\cats\\1.jpg,x\nD:\\p\\cats\\2.jpg,y\ndogs/3.jpg,x\n';
  assert.equal(rows(csv).notes, [
    "of 3 paths in mine.csv, matched with the images': 2 with \\ read as /, without 'D:/p/' in front",
  ]);
  const flat = sourceOf(['1.jpg', '2.jpg']);
  await assertUserError(
    () => readGivenRows('path,label\na/1.jpg,x\nb/1.jpg,x\n', flat, options),
    'mine.csv, row 3: b/1.jpg and a/1.jpg of row 2 both lead to 1.jpg',
  );
  await assertUserError(
    () => readGivenRows('path,label\n1.jpg,x\n', sourceOf(['a/1.jpg', 'b/1.jpg']), options),
    'mine.csv, row 2: 1.jpg may be a/1.jpg or b/1.jpg',
  );
});

test('whatever is done to a path, it leads to its image, to a question, or nowhere, but to no other image', () => {
  const name = fc.constantFrom('a', 'A', 'b', 'ä', 'a\u0308', 'ä b', 'x%', '1', 'a.b', '%41');
  const ending = fc.constantFrom('.jpg', '.JPG', '.png');
  const path = fc
    .tuple(fc.array(name, { maxLength: 3 }), name, ending)
    .map(([folders, base, end]) => [...folders, `${base}${end}`].join('/'));
  const changes: Record<string, (text: string) => string> = {
    nothing: (text) => text,
    backslashes: (text) => text.replaceAll('/', '\\'),
    dot: (text) => `./${text}`,
    percent: encodeURI,
    upper: (text) => text.toUpperCase(),
    composed: (text) => text.normalize('NFC'),
    decomposed: (text) => text.normalize('NFD'),
    absolute: (text) => `/srv/data/${text}`,
    windows: (text) => `C:\\data\\${text.replaceAll('/', '\\')}`,
    bare: (text) => text.replace(/\.(jpg|png)$/i, ''),
    base: (text) => text.slice(text.lastIndexOf('/') + 1),
    spaces: (text) => ` ${text} `,
  };
  const plain = (text: string) =>
    text
      .normalize('NFC')
      .toLowerCase()
      .replace(/\.(jpg|png)$/, '');
  let [right, asked] = [0, 0];
  fc.assert(
    fc.property(
      fc.uniqueArray(path, { minLength: 1, maxLength: 12 }),
      fc.nat(),
      fc.constantFrom(...Object.keys(changes)),
      (images, pick, change) => {
        const image = images[pick % images.length]!;
        const cell = changes[change]!(image);
        const reading = new PathMatcher(sourceOf(images)).find(cell);
        assert.ok(reading && !('pages' in reading), `${cell} of ${image} leads nowhere`);
        if ('several' in reading) asked++;
        else if (reading.path === image) right++;
        // Another image that is alike in every letter, or that is called just as the cell says.
        else
          assert.ok(
            plain(reading.path) === plain(image) || plain(reading.path) === plain(cell.trim()),
            `${cell} of ${image} leads to ${reading.path}`,
          );
      },
    ),
    { numRuns: 10_000, seed: 1 },
  );
  assert.ok(right > 7000 && asked > 50, `${right} right, ${asked} asked`);
});

test('a file of several images that is named whole is all of them, and a label of it is one of each', async () => {
  const pages = [
    'in/stack.tif#0',
    'in/stack.tif#1',
    'in/stack.tif#3',
    'in/scan.dcm#0',
    'in/one.tif',
    'in/a#2',
  ];
  const stacks = new PathMatcher(sourceOf(pages));
  const three = pages.slice(0, 3);
  assert.equal(stacks.find('in/stack.tif'), { pages: three });
  assert.equal(stacks.find('in/stack.tif#1'), { path: 'in/stack.tif#1' });
  assert.equal(stacks.find('In\\Stack.TIF'), {
    pages: three,
    how: 'with \\ read as /, whatever their case',
  });
  assert.equal(stacks.find('/data/in/stack.tif'), { pages: three, how: "without '/data/' in front" });
  assert.equal(stacks.find('in/one.tif'), { path: 'in/one.tif' });
  assert.is(stacks.find('in/stack.tif#2'), undefined);
  assert.is(stacks.find('in/other.tif'), undefined);
  const csv = 'path,label\nstack.tif,cell\nin/one.tif,cell\nin/scan.dcm,bone\n';
  const { rows, notes } = readGivenRows(csv, sourceOf(pages), options);
  assert.equal(
    rows.map(({ path, label }) => `${path} ${label}`),
    [...three, 'in/one.tif'].map((path) => `${path} cell`).concat('in/scan.dcm#0 bone'),
  );
  assert.equal(notes, [
    '2 of 3 rows in mine.csv name whole files of several images, and count for all 4 of them',
    "of 3 paths in mine.csv, matched with the images': 1 with the folders that they lie in",
  ]);
  const repeated = `${csv}in/stack.tif#3,cell\n`;
  assert.is(readGivenRows(repeated, sourceOf(pages), options).rows.length, 5);
  await assertUserError(
    () => readGivenRows(`${csv}in/stack.tif#3,debris\n`, sourceOf(pages), options),
    /row 5: in\/stack\.tif#3 is labelled 'debris', but 'cell' in row 2: keep one of the two$/,
  );
});

test('a hundred thousand rows of a folder that was moved are matched in a few seconds', () => {
  const many = Array.from({ length: 100_000 }, (_, at) => `p${at % 1000}/${at}/1.jpg`);
  const moved = new PathMatcher(sourceOf(many));
  const began = performance.now();
  for (const path of many) assert.ok(moved.names(`/mnt/old/${path}`));
  assert.equal(moved.find('1.jpg') && 'several' in moved.find('1.jpg')!, true);
  assert.ok(performance.now() - began < 30_000);
});

test.run();
