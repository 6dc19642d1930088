import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cocoJson } from '../../../src/label/exports/coco.ts';
import { endingFor, hasReadEnding, placeImages, placesCsv } from '../../../src/label/exports/image_folder.ts';
import { jsonLines } from '../../../src/label/exports/json_lines.ts';
import {
  labelStudioConfig,
  labelStudioTasks,
  localFileUrl,
} from '../../../src/label/exports/label_studio.ts';
import type { ImageLabel } from '../../../src/label/image_label.ts';
import { assertUserError } from '../../data/temporary.ts';

const label = (path: string, rest: Partial<ImageLabel> = {}): ImageLabel => ({
  path,
  label: 'cat',
  confidence: 1 / 3,
  margin: 0.25,
  runnerUp: 'dog',
  status: 'auto',
  nearestLabelled: 'n.png',
  ...rest,
});
const given = { confidence: 1, margin: 1, runnerUp: '', status: 'given', nearestLabelled: '' } as const;
const labels = [
  label('a.png'),
  label('b "2".png', { label: '犬,\n"x"', ...given }),
  label('c.png', { label: 'ant' }),
];
const join = (pieces: Iterable<string>) => [...pieces].join('');

test('JSON lines hold the columns of labels.csv, one object a line, whatever the names hold', () => {
  const lines = join(jsonLines(labels)).split('\n');
  assert.is(lines.pop(), '');
  assert.equal(
    lines.map((line) => JSON.parse(line)),
    [
      {
        path: 'a.png',
        label: 'cat',
        confidence: 0.333333,
        margin: 0.25,
        runner_up: 'dog',
        status: 'auto',
        nearest_labelled: 'n.png',
      },
      {
        path: 'b "2".png',
        label: '犬,\n"x"',
        confidence: 1,
        margin: 1,
        runner_up: '',
        status: 'given',
        nearest_labelled: '',
      },
      {
        path: 'c.png',
        label: 'ant',
        confidence: 0.333333,
        margin: 0.25,
        runner_up: 'dog',
        status: 'auto',
        nearest_labelled: 'n.png',
      },
    ],
  );
});

test('COCO: every annotation leads to its image and its category, with the image’s size', () => {
  const sizes = [
    { width: 30, height: 20 },
    { width: 5, height: 7 },
    { width: 1, height: 1 },
  ];
  const coco = JSON.parse(join(cocoJson(labels, { description: 'a "run"', version: '1.2', sizes })));
  assert.is(coco.info.description, 'a "run"');
  assert.equal(coco.categories, [
    { id: 1, name: 'ant', supercategory: '' },
    { id: 2, name: 'cat', supercategory: '' },
    { id: 3, name: '犬,\n"x"', supercategory: '' },
  ]);
  assert.equal(coco.images[1], { id: 2, file_name: 'b "2".png', width: 5, height: 7, license: 1 });
  assert.equal(
    coco.annotations.map(({ image_id, category_id, score }: Record<string, number>) => [
      image_id,
      category_id,
      score,
    ]),
    [
      [1, 2, 0.333333],
      [2, 3, 1],
      [3, 1, 0.333333],
    ],
  );
  assert.equal(coco.annotations[1].attributes, { status: 'given' });
  assert.equal(coco.licenses[0].id, coco.images[0].license);
});

test('COCO: annotations have what readers choose them by, the whole image’s box, area and outline', () => {
  const sizes = [{ width: 30, height: 20 }, ...Array(2).fill({ width: 1, height: 1 })];
  const { annotations } = JSON.parse(join(cocoJson(labels, { description: '', version: '1.2', sizes })));
  assert.equal(annotations[0], {
    id: 1,
    image_id: 1,
    category_id: 2,
    bbox: [0, 0, 30, 20],
    area: 600,
    segmentation: [[0, 0, 30, 0, 30, 20, 0, 20]],
    iscrowd: 0,
    score: 0.333333,
    attributes: { status: 'auto' },
  });
});

test('Label Studio: predicted labels are predictions with a score, given ones annotations', () => {
  const tasks = JSON.parse(
    join(
      labelStudioTasks(labels, {
        imageUrl: (path) => localFileUrl('my photos', path),
        modelVersion: 'kindred r',
      }),
    ),
  );
  const choices = (name: string) => [
    { from_name: 'label', to_name: 'image', type: 'choices', value: { choices: [name] } },
  ];
  assert.equal(tasks[0], {
    data: {
      image: '/data/local-files/?d=my%20photos/a.png',
      path: 'a.png',
      status: 'auto',
      confidence: 0.333333,
      nearest_labelled: 'n.png',
    },
    predictions: [{ model_version: 'kindred r', score: 0.333333, result: choices('cat') }],
  });
  assert.equal(tasks[1].annotations, [{ result: choices('犬,\n"x"') }]);
  assert.is(tasks[1].predictions, undefined);
  assert.is(tasks[1].data.image, '/data/local-files/?d=my%20photos/b%20%222%22.png');
  assert.equal(JSON.parse(join(labelStudioTasks([], { imageUrl: (path) => path, modelVersion: '' }))), []);
});

test('Label Studio’s configuration names the same controls, and any class name survives the XML', async () => {
  const xml = labelStudioConfig(['cat', 'a & b <c> "d"', 'tab\there\nline', "l'été 🙂"]);
  assert.match(xml, '<Image name="image" value="$image"/>');
  assert.match(xml, '<Choices name="label" toName="image" choice="single-radio">');
  const values = [...xml.matchAll(/<Choice value="([^"<>]*)"\/>/g)].map(([, value]) =>
    value!.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code))),
  );
  assert.equal(values, ['cat', 'a & b <c> "d"', 'tab\there\nline', "l'été 🙂"]);
  // Line ends and tabs in an attribute would be read as spaces.
  assert.not.match(xml, /\t|value="[^"]*\n/);
  await assertUserError(() => labelStudioConfig(['bell\u0007']), 'bell\\u0007', 'rename the class');
});

test('a tree has a folder for each class and keeps the files’ names, numbered where they clash', () => {
  const placed = placeImages(
    [
      label('x/1.png'),
      label('y/1.PNG'),
      label('y/1.png', { label: 'a/b' }),
      label('1.png', { label: 'a_b' }),
      label('z/.png', { label: '..' }),
      label('CON.jpg', { label: 'nul' }),
    ],
    { pixelsOnly: false },
  );
  assert.equal(
    placed.map(({ file }) => file),
    [
      'images/cat/1.png',
      'images/cat/1_2.PNG',
      'images/a_b/1.png',
      'images/a_b_2/1.png',
      'images/___/_.png',
      'images/_nul/_CON.jpg',
    ],
  );
  assert.equal(join(placesCsv(placed)).split('\r\n').slice(0, 3), [
    'file,path,label,confidence,status',
    'images/cat/1.png,x/1.png,cat,0.333333,auto',
    'images/cat/1_2.PNG,y/1.PNG,cat,0.333333,auto',
  ]);
});

test('files that readers of class folders pass over get the ending of their content, and stay apart', () => {
  const endings = new Map([
    ['x/1.jfif', '.jpg'],
    ['y/scan', '.tif'],
  ]);
  const placed = placeImages([label('x/1.jpg'), label('x/1.jfif'), label('y/scan')], {
    pixelsOnly: false,
    endings,
  });
  assert.equal(
    placed.map(({ file }) => file),
    ['images/cat/1.jpg', 'images/cat/1_2.jpg', 'images/cat/scan.tif'],
  );
  const readable = ['a.JPG', 'a.jpeg', 'a.png', 'a.ppm', 'a.bmp', 'a.pgm', 'a.tif', 'a.tiff', 'a.webp'];
  assert.ok(readable.every(hasReadEnding));
  assert.equal(['a.jfif', 'a.jpe', 'a.gif', 'a', 'a.jpg.txt'].filter(hasReadEnding), []);
});

test('the ending that goes with a content is told by its first bytes', () => {
  const start = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
  assert.is(endingFor(start('\xff\xd8\xff\xe0\0\x10JFIF')), '.jpg');
  assert.is(endingFor(start('\x89PNG\r\n\x1a\n')), '.png');
  assert.is(endingFor(start('RIFF....WEBP')), '.webp');
  assert.is(endingFor(start('II*\0')), '.tif');
  assert.is(endingFor(start('MM\0*')), '.tif');
  assert.is(endingFor(start('BM')), '.bmp');
  assert.is(endingFor(start('GIF89a')), undefined);
  assert.is(endingFor(new Uint8Array()), undefined);
});

test('images without a file become PNG files named by file and record', () => {
  const placed = placeImages(
    [label('data_batch_1.bin#17'), label('train-images-idx3-ubyte#5'), label('demo/train/00003')],
    { pixelsOnly: true },
  );
  assert.equal(
    placed.map(({ file }) => file),
    [
      'images/cat/data_batch_1-17.png',
      'images/cat/train-images-idx3-ubyte-5.png',
      'images/cat/demo_train_00003.png',
    ],
  );
});

test('whatever paths and classes are called, every image has a place of its own inside the tree', () => {
  const nasty = fc.oneof(
    fc
      .array(fc.constantFrom('..', '/', '\\', 'a', 'A', '.png', '#', '\n', "'", 'con'), {
        minLength: 1,
        maxLength: 5,
      })
      .map((parts) => parts.join('')),
    fc.string({ unit: 'binary', minLength: 1 }),
  );
  const rows = fc.uniqueArray(fc.record({ path: nasty, label: nasty }), {
    selector: ({ path }) => path,
    maxLength: 20,
  });
  fc.assert(
    fc.property(rows, fc.boolean(), (chosen, pixelsOnly) => {
      const placed = placeImages(
        chosen.map(({ path, label: name }) => label(path, { label: name })),
        { pixelsOnly },
      );
      for (const { file } of placed) assert.match(file, /^images\/[^/\\.][^/\\]*\/[^/\\.][^/\\]*$/);
      assert.is(new Set(placed.map(({ file }) => file.toLowerCase())).size, placed.length);
      const classOf = new Map(placed.map(({ file, label: name }) => [file.split('/')[1], name]));
      for (const { file, label: name } of placed) assert.is(classOf.get(file.split('/')[1]), name);
    }),
    { numRuns: 500, seed: 1 },
  );
});

test.run();
