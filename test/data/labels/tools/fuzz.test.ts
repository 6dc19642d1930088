import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ImageFinder } from '../../../../src/data/labels/tools/image_finder.ts';
import { readVocFolder } from '../../../../src/data/labels/tools/read_tool_file.ts';
import { UserError } from '../../../../src/errors.ts';
import { imagesOf, labelsIn } from './images.ts';

const images = imagesOf('a/1.jpg', 'a/2.jpg', 'b/1.jpg', 'é.png', '3.jpg');
const options = { numRuns: 10_000, seed: 1 } as const;

/** Reads, or refuses in one line; labels are of images that there are, one each, and never empty. */
function check(bytes: Uint8Array): void {
  try {
    const labels = labelsIn(bytes, images);
    if (!labels) return;
    assert.is(new Set(labels.rows.map(({ path }) => path)).size, labels.rows.length);
    for (const { path, label } of labels.rows) {
      assert.ok(images.paths.includes(path));
      assert.ok(label.trim() === label && label !== '');
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
}

const encode = (text: string) => new TextEncoder().encode(text);

/** Values whose keys and texts are those that the formats have, in every wrong place. */
const keys = fc.constantFrom(
  ...['data', 'annotations', 'completions', 'result', 'value', 'choices', 'from_name', 'image', 'path', 'id'],
  ...['images', 'categories', 'image_id', 'category_id', 'file_name', 'label', 'name', 'status', 'score'],
  ...['annotation_id', 'annotator', 'lead_time', 'created_at', 'was_cancelled', 'objects', 'attributes'],
  ...['origin', 'probability', 'taxonomy', 'rectanglelabels', '__proto__', 'constructor', 'ground_truth'],
);
const leaf = fc.oneof(
  fc.constantFrom<unknown>(
    '1.jpg',
    'a/1.jpg',
    '/data/local-files/?d=b%2F1.jpg',
    '%',
    's3://x/3.jpg',
    'cat',
    '',
  ),
  fc.constantFrom<unknown>('given', 'auto', 'label', '{"choices":["x"]}', '[[', 0, 1, -1, null, true, 1e300),
);
const { value: json } = fc.letrec<{ value: unknown; list: unknown; object: unknown }>((tie) => ({
  value: fc.oneof({ maxDepth: 6, depthSize: 'medium' }, leaf, tie('object'), tie('list')),
  list: fc.array(tie('value'), { maxLength: 4 }),
  object: fc.dictionary(keys, tie('value'), { maxKeys: 6 }),
}));

test('10,000 JSON values of the formats’ keys in wrong places give labels of images, or a refusal', () => {
  fc.assert(
    fc.property(json, fc.boolean(), (value, lines) => {
      const text =
        lines && Array.isArray(value)
          ? value.map((line) => JSON.stringify(line)).join('\n')
          : JSON.stringify(value);
      check(encode(text));
    }),
    options,
  );
});

const names = fc.constantFrom(
  'annotations',
  'annotation',
  'image',
  'tag',
  'box',
  'attribute',
  'object',
  'name',
  'filename',
);
const pieces = fc.oneof(
  names.map((name) => `<${name}>`),
  names.map((name) => `</${name}>`),
  names.map((name) => `<${name} name="1.jpg" label="cat" source="auto"/>`),
  fc.constantFrom(
    '1.jpg',
    '&amp;',
    '&b;',
    '<![CDATA[x]]>',
    '<!--',
    '-->',
    '<?xml version="1.0"?>',
    '<',
    '>',
    '"',
    '\0',
  ),
  fc.constantFrom('<!DOCTYPE a [<!ENTITY b "bb">]>', '<image name="3.jpg">', '<tag label="dog">', 'é'),
);

test('10,000 texts of XML’s pieces give labels of images, or a refusal', () => {
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), fc.boolean(), (parts, opened) => {
      check(encode(`${opened ? '<annotations>' : '<'}${parts.join('')}`));
      try {
        readVocFolder([['x/1.xml', encode(parts.join(''))]]);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
      }
    }),
    options,
  );
});

const cells = fc.constantFrom(
  '1.jpg',
  'a/2.jpg',
  '"',
  '""',
  '"x,y"',
  'cat',
  'True',
  '',
  '\n',
  '\t',
  ';',
  'é',
  '\0',
);

test('10,000 tables with Label Studio’s columns give labels of images, or a refusal', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(',', '\t', ';'),
      fc.array(fc.array(cells, { maxLength: 7 }), { maxLength: 5 }),
      (delimiter, rows) => {
        const header = ['annotation_id', 'annotator', 'created_at', 'image', 'label', 'was_cancelled'];
        check(encode([header, ...rows].map((row) => row.join(delimiter)).join('\n')));
      },
    ),
    options,
  );
});

test('10,000 files of any bytes, and of damaged JSON and XML, give labels of images, or a refusal', () => {
  const whole = [
    JSON.stringify([
      {
        id: 1,
        data: { image: 'a/1.jpg' },
        annotations: [{ result: [{ from_name: 'l', value: { choices: ['x'] } }] }],
      },
    ]),
    '<annotations><image name="a/1.jpg"><tag label="x" source="manual"/></image></annotations>',
  ].map(encode);
  const damaged = fc
    .tuple(fc.nat(1), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }))
    .map(([which, changes]) => {
      const bytes = whole[which]!.slice();
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      return bytes;
    });
  fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), damaged), check), options);
});

test('10,000 places are those of an image or of none, and every path is its own', () => {
  const part = fc.constantFrom(
    'a',
    'b',
    '..',
    '.',
    '',
    '1.jpg',
    '%2F',
    '%',
    'é',
    'e\u0301',
    "'",
    ' ',
    '?d=',
    's3:',
  );
  const place = fc.array(part, { maxLength: 6 }).map((parts) => parts.join('/'));
  fc.assert(
    fc.property(fc.uniqueArray(place, { maxLength: 6 }), place, (paths, asked) => {
      const finder = new ImageFinder(paths);
      for (const path of paths) {
        if (path === '' || paths.some((other) => other !== path && other.normalize() === path.normalize()))
          continue;
        assert.equal(finder.find([path]), { path });
      }
      const found = finder.find([asked]);
      assert.ok('missing' in found || paths.includes(found.path));
    }),
    options,
  );
});

test('a file is read in a time that grows with its size, not faster', () => {
  const many = Array.from({ length: 30_000 }, (_, i) => ({
    data: { image: `/data/local-files/?d=x/${i}/same.jpg` },
    annotations: [{ result: [{ from_name: 'l', value: { choices: [`${i % 3}`] } }] }],
  }));
  const paths = many.map((_, i) => `${i}/same.jpg`);
  const start = performance.now();
  assert.is(labelsIn(JSON.stringify(many), imagesOf(...paths))!.rows.length, many.length);
  const flat = '<a>'.repeat(200_000);
  assert.throws(() => labelsIn(flat, images), /deep/);
  // Tens of times what it takes; were it quadratic it would take minutes.
  assert.ok(performance.now() - start < 30_000);
});

test.run();
