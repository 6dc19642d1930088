import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readToolFile, readVocFolder } from '../../../../src/data/labels/tools/read_tool_file.ts';
import { resolveEntries } from '../../../../src/data/labels/tools/resolve.ts';
import { cocoJson } from '../../../../src/label/exports/coco.ts';
import { jsonLines } from '../../../../src/label/exports/json_lines.ts';
import type { ImageLabel } from '../../../../src/label/image_label.ts';
import { assertUserError } from '../../temporary.ts';
import { imagesOf, labelsIn, pairsIn } from './images.ts';

const images = imagesOf('1.jpg', '2.jpg', '3.jpg', '4.jpg');
const encode = (text: string) => new TextEncoder().encode(text);

const cvat = (...inner: string[]) =>
  `<?xml version="1.0" encoding="utf-8"?>\n<annotations><version>1.1</version>${inner
    .map((content, i) => `<image id="${i}" name="${i + 1}.jpg" width="9" height="9">${content}</image>`)
    .join('\n')}</annotations>`;

test('CVAT: a tag is the label, else the one class of the shapes; what a model drew alone does not count', () => {
  const { rows, notes } = labelsIn(
    cvat(
      '<tag label="cat &amp; co" source="manual"></tag>',
      '<box label="dog" source="manual" xtl="0" ytl="0" xbr="1" ybr="1" z_order="0"></box><box label="dog" xtl="0"/>',
      '<box label="dog"/><polygon label="cat" points="0,0;1,1"/>',
      '<tag label="dog" source="auto"></tag>',
    ),
    images,
  )!;
  assert.equal(rows, [
    { path: '1.jpg', label: 'cat & co' },
    { path: '2.jpg', label: 'dog' },
  ]);
  assert.match(notes[0]!, '1 with several classes (3.jpg), 1 predicted by a program (4.jpg)');
});

test('CVAT: where all tags have one label, their one attribute tells the classes', () => {
  const tag = (value: string) => `<tag label="image"><attribute name="kind">${value}</attribute></tag>`;
  const { rows, notes } = labelsIn(cvat(tag('cat'), tag('dog'), tag('cat')), images)!;
  assert.equal(
    rows.map(({ label }) => label),
    ['cat', 'dog', 'cat'],
  );
  assert.match(notes[1]!, 'attribute kind');
});

test('CVAT’s videos, other XML, entities and broken XML are refused in a sentence', async () => {
  const read = (text: string) => () => labelsIn(text, images);
  await assertUserError(read('<annotations><track id="0"/></annotations>'), 'videos', 'CVAT for images');
  await assertUserError(read('<html><body/></html>'), '<html>', 'CVAT');
  await assertUserError(read('<annotations><image name="1.jpg"></annotations>'), 'line 1', 'well-formed');
  await assertUserError(
    read('<!DOCTYPE a [<!ENTITY b "c">]><annotations>&b;</annotations>'),
    'entities of its own',
  );
  await assertUserError(read(`${'<a>'.repeat(100)}${'</a>'.repeat(100)}`), 'deep');
});

const voc = (filename: string, ...names: string[]) =>
  `<annotation><folder>x</folder><filename>${filename}</filename>${names
    .map((name) => `<object><name>${name}</name><bndbox><xmin>1</xmin></bndbox></object>`)
    .join('')}</annotation>`;

test('Pascal VOC: the one class of the objects, found by the file’s name where the image’s lacks its ending', () => {
  const file = readVocFolder([
    ['Annotations/1.xml', encode(voc('1.jpg', 'cat', 'cat'))],
    ['Annotations/2.xml', encode(voc('other', 'dog'))],
    ['Annotations/3.xml', encode(voc('3.jpg', 'dog', 'cat'))],
    ['Annotations/4.xml', encode(voc('4.jpg'))],
  ]);
  const { rows, notes } = resolveEntries(file, images, 'labels');
  assert.equal(rows, [
    { path: '1.jpg', label: 'cat' },
    { path: '2.jpg', label: 'dog' },
  ]);
  assert.match(notes[0]!, '1 with several classes (3.jpg), 1 not labelled yet (4.jpg)');
  assert.equal(pairsIn(voc('1.jpg', 'cat'), images), [['1.jpg', 'cat']]);
});

test('XML is read in the encoding that it declares', () => {
  const text =
    '<?xml version="1.0" encoding="ISO-8859-1"?><annotations><image name="1.jpg"><tag label="\xe9t\xe9"/></image></annotations>';
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  assert.equal(labelsIn(bytes, images)!.rows, [{ path: '1.jpg', label: 'été' }]);
});

const label = (path: string, name: string, status: ImageLabel['status']): ImageLabel => ({
  path,
  label: name,
  confidence: 1,
  margin: 1,
  runnerUp: '',
  status,
  nearestLabelled: '2.jpg',
});
const own = [label('1.jpg', 'cat', 'given'), label('3.jpg', 'dog', 'given'), label('4.jpg', 'dog', 'auto')];

test('COCO: the one category of an image, also out of our own export, where predicted ones do not count', () => {
  const coco = {
    images: [
      { id: 7, file_name: 'data/1.jpg' },
      { id: '8', file_name: '2.jpg' },
      { id: 9, file_name: '3.jpg' },
      { id: 10, file_name: '4.jpg' },
    ],
    annotations: [
      { id: 1, image_id: 7, category_id: 3 },
      { id: 2, image_id: 7, category_id: 3 },
      { id: 3, image_id: 8, category_id: '4' },
      { id: 4, image_id: 9, category_id: 3 },
      { id: 5, image_id: 9, category_id: 4 },
    ],
    categories: [
      { id: 3, name: 'cat' },
      { id: 4, name: 'dog' },
    ],
  };
  const { rows, notes } = labelsIn(JSON.stringify(coco), images)!;
  assert.equal(rows, [
    { path: '1.jpg', label: 'cat' },
    { path: '2.jpg', label: 'dog' },
  ]);
  assert.match(notes[0]!, '1 with several classes (3.jpg), 1 not labelled yet (4.jpg)');
  const sizes = own.map(() => ({ width: 1, height: 1 }));
  const exported = [...cocoJson(own, { description: '', version: '1', sizes })].join('');
  assert.equal(pairsIn(exported, images), [
    ['1.jpg', 'cat'],
    ['3.jpg', 'dog'],
  ]);
});

test('COCO with ids that lead nowhere, and COCO’s results, are refused', async () => {
  const coco = {
    images: [{ id: 1, file_name: '1.jpg' }],
    annotations: [{ image_id: 1, category_id: 5 }],
    categories: [],
  };
  await assertUserError(() => pairsIn(coco, images), 'annotation 1', 'no category with the id 5');
  const results = [{ image_id: 1, category_id: 1, score: 0.5, bbox: [0, 0, 1, 1] }];
  await assertUserError(() => pairsIn(results, images), 'predicted');
});

test('JSON lines of our own export count where their status is given', () => {
  const { rows, notes } = labelsIn([...jsonLines(own)].join(''), images)!;
  assert.equal(
    rows.map(({ path, label: name }) => [path, name]),
    [
      ['1.jpg', 'cat'],
      ['3.jpg', 'dog'],
    ],
  );
  assert.match(notes[0]!, '1 predicted by a program (4.jpg)');
});

test('Hugging Face’s metadata.jsonl: file_name below its own folder, a label, or the objects’ one category', () => {
  const split = imagesOf('train/1.jpg', 'test/1.jpg', 'train/2.jpg', 'train/3.jpg');
  const lines = [
    { file_name: '1.jpg', label: 0 },
    { file_name: '2.jpg', label: 'dog' },
  ];
  const text = lines.map((line) => JSON.stringify(line)).join('\n');
  assert.equal(labelsIn(text, split, { folder: 'train' })!.rows, [
    { path: 'train/1.jpg', label: '0' },
    { path: 'train/2.jpg', label: 'dog' },
  ]);
  const objects = [
    {
      file_name: 'train/2.jpg',
      objects: {
        bbox: [
          [0, 0, 1, 1],
          [0, 0, 2, 2],
        ],
        categories: [5, 5],
      },
    },
    { file_name: 'train/3.jpg', objects: { bbox: [], categories: [] } },
  ];
  assert.equal(pairsIn(objects, split), [['train/2.jpg', '5']]);
});

test('tables of other kinds are left to the reader of CSV; other JSON is refused with its keys', async () => {
  const isTable = (text: string) => readToolFile(encode(text), 'labels', '') === undefined;
  assert.ok(isTable('path,label\r\n1.jpg,cat\r\n'));
  assert.ok(isTable('\ufeffpath,label\n[1].jpg,cat\n'));
  assert.ok(isTable(''));
  await assertUserError(() => pairsIn([{ title: 'x', mark: 2 }], images), 'title, mark', 'rename');
  await assertUserError(() => pairsIn('{"a": 1,\n"b": [', images), 'no whole JSON');
  await assertUserError(() => pairsIn('{"path":"1.jpg","label":"x"}\n{"path":', images), 'line 2');
  await assertUserError(() => labelsIn(Uint8Array.of(0x7b, 0xff, 0x7d), images), 'UTF-8');
});

test('labels are none of these in any writing, and the same label in two entries is one', () => {
  const rows = [
    { path: '1.jpg', label: 'None_of_these' },
    { path: '1.jpg', label: ' none of these ' },
    { path: '2.jpg', label: ' ' },
  ];
  assert.equal(pairsIn(rows, images), [['1.jpg', 'none of these']]);
});

test.run();
