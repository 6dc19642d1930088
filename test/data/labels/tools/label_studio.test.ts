import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { labelStudioTasks, localFileUrl } from '../../../../src/label/exports/label_studio.ts';
import type { ImageLabel } from '../../../../src/label/image_label.ts';
import { assertUserError } from '../../temporary.ts';
import { imagesOf, labelsIn, pairsIn } from './images.ts';

const images = imagesOf('cats/a b.jpg', 'cats/c.jpg', 'dogs/d.jpg', 'été.png');

const choice = (...choices: string[]) => ({
  from_name: 'choice',
  to_name: 'image',
  type: 'choices',
  value: { choices },
});
const task = (image: string, ...annotations: object[]) => ({ id: 1, data: { image }, annotations });
const saying = (...choices: string[]) => ({ result: [choice(...choices)], was_cancelled: false });

test('Label Studio round trip keeps every checked row, whatever the status of our own export says', () => {
  const paths = ['cats/a b.jpg', 'cats/c.jpg', 'dogs/d.jpg'];
  const labels = paths.map(
    (path, i): ImageLabel => ({
      path,
      label: 'cat',
      confidence: 0.5,
      margin: 0.1,
      runnerUp: 'dog',
      status: i === 0 ? 'given' : 'auto',
      nearestLabelled: 'cats/a b.jpg',
    }),
  );
  const imageUrl = (path: string) => localFileUrl('photos', path);
  const tasks = JSON.parse([...labelStudioTasks(labels, { imageUrl, modelVersion: 'm' })].join(''));
  const checked = ['cat', 'dog', 'none of these'];
  const expected = paths.map((path, i) => [path, checked[i]!]);
  const result = (i: number) => [{ ...choice(checked[i]!), from_name: 'label' }];
  for (const [i, own] of tasks.entries()) own.annotations = [{ id: i, result: result(i) }];
  assert.equal(pairsIn(tasks, images), expected);
  // The columns and quotes of label-studio-sdk's converter: all fields of the data, sorted.
  const flat = tasks.map(({ data }: { data: object }, i: number) => ({
    ...data,
    annotation_id: i,
    annotator: 1,
    created_at: '2026-01-01',
    id: i,
    label: checked[i],
    lead_time: 2.5,
    updated_at: '2026-01-01',
  }));
  assert.equal(pairsIn(flat, images), expected);
  const keys = Object.keys(flat[0]).sort();
  const cell = (value: unknown) => (typeof value === 'number' ? `${value}` : `"${value}"`);
  for (const delimiter of [',', '\t', ';']) {
    const lines = [
      keys,
      ...flat.map((row: Record<string, unknown>) => keys.map((key) => row[key])),
    ] as unknown[][];
    const text = lines.map((line) => line.map(cell).join(delimiter)).join('\r\n');
    assert.equal(pairsIn(text, images), expected, JSON.stringify(delimiter));
  }
});

test('images are found by the addresses under which Label Studio serves them', () => {
  const addresses: [string, string][] = [
    ['/data/local-files/?d=photos/cats/a%20b.jpg', 'cats/a b.jpg'],
    ['/data/local-files/?d=cats/a b.jpg', 'cats/a b.jpg'],
    ['http://host:8080/data/local-files/?d=x%2Fcats%2Fc.jpg', 'cats/c.jpg'],
    ['/data/upload/1/0a1b2c3d-c.jpg', 'cats/c.jpg'],
    ['/data/upload/12/0a1b2c3d-a_b.jpg', 'cats/a b.jpg'],
    ['s3://bucket/prefix/dogs/d.jpg', 'dogs/d.jpg'],
    ['gs://bucket/dogs/d.jpg', 'dogs/d.jpg'],
    ['https://host/dogs/d.jpg?X-Amz-Signature=00#x', 'dogs/d.jpg'],
    [`/tasks/7/resolve/?fileuri=${btoa('s3://bucket/dogs/d.jpg')}`, 'dogs/d.jpg'],
    ['C:\\photos\\dogs\\d.jpg', 'dogs/d.jpg'],
    ['/data/local-files/?d=%C3%A9t%C3%A9.png', 'été.png'],
    ['/data/local-files/?d=e%CC%81te%CC%81.png', 'été.png'],
  ];
  for (const [address, path] of addresses)
    assert.equal(pairsIn([task(address, saying('x'))], images), [[path, 'x']], address);
});

test('a name that several images have is no image’s, and one of our own nearest images neither', () => {
  const twice = imagesOf('a/1.jpg', 'b/1.jpg', 'b/2.jpg');
  const labels = labelsIn(
    JSON.stringify([task('/data/upload/1/0a1b2c3d-1.jpg', saying('x')), task('2.jpg', saying('y'))]),
    twice,
  )!;
  assert.equal(labels.rows, [{ path: 'b/2.jpg', label: 'y' }]);
  assert.match(labels.notes[0]!, '1 of names that several images have (/data/upload/1/0a1b2c3d-1.jpg)');
  const gone = { data: { path: 'gone.jpg', nearest_labelled: 'b/2.jpg' }, annotations: [saying('x')] };
  const found = labelsIn(JSON.stringify([gone, task('b/2.jpg', saying('y'))]), twice)!;
  assert.equal(found.rows, [{ path: 'b/2.jpg', label: 'y' }]);
  assert.match(found.notes[0]!, '1 of images that are not among these (gone.jpg)');
});

test('what is cancelled, open, disputed or of several classes is left out and counted', () => {
  const paths = ['1', '2', '3', '4', '5', '6', '7'].map((name) => `${name}.jpg`);
  const tasks = [
    task('1.jpg', saying('a'), saying('a')),
    task('2.jpg', { ...saying('a'), was_cancelled: true }),
    task('3.jpg', saying('a'), saying('b')),
    task('4.jpg', saying('a', 'b')),
    task('5.jpg'),
    task('6.jpg', saying('a'), { ...saying('b'), was_cancelled: true }),
    task('7.jpg', saying('a'), { ...saying('b'), ground_truth: true }),
  ];
  const { rows, notes } = labelsIn(JSON.stringify(tasks), imagesOf(...paths))!;
  assert.equal(rows, [
    { path: '1.jpg', label: 'a' },
    { path: '6.jpg', label: 'a' },
    { path: '7.jpg', label: 'b' },
  ]);
  assert.is(
    notes[0],
    'labels: 3 taken from labels (Label Studio JSON); left out: 1 skipped or cancelled (2.jpg), 1 with labels that differ (3.jpg: a, b), 1 with several classes (4.jpg), 1 not labelled yet (5.jpg)',
  );
});

test('predictions are no labels; tasks of old versions and regions of one class are', () => {
  const { rows } = labelsIn(
    JSON.stringify([
      { id: 1, data: { image: '1.jpg' }, annotations: [], predictions: [saying('a')] },
      { id: 2, data: { img: '2.jpg' }, completions: [saying('b')] },
      {
        id: 3,
        data: { picture: '3.jpg' },
        annotations: [
          {
            result: [
              { from_name: 'r', type: 'rectanglelabels', value: { x: 1, rectanglelabels: ['c'] } },
              { from_name: 'r', type: 'rectanglelabels', value: { x: 2, rectanglelabels: ['c'] } },
            ].map((own) => ({ ...own, from_name: 'choice' })),
          },
        ],
      },
    ]),
    imagesOf('1.jpg', '2.jpg', '3.jpg'),
  )!;
  assert.equal(rows, [
    { path: '2.jpg', label: 'b' },
    { path: '3.jpg', label: 'c' },
  ]);
});

test('of several questions the one named label or choice counts, and without such a name none', async () => {
  const two = (first: string, second: string) => ({
    result: [
      { ...choice('sharp'), from_name: first },
      { ...choice('cat'), from_name: second },
    ],
  });
  assert.equal(pairsIn([task('1.jpg', two('quality', 'label'))], imagesOf('1.jpg')), [['1.jpg', 'cat']]);
  await assertUserError(
    () => pairsIn([task('1.jpg', two('quality', 'animal'))], imagesOf('1.jpg')),
    'quality, animal',
    'export one of them',
  );
  const flat = { annotation_id: 1, annotator: 1, lead_time: 1, image: '1.jpg', site: 'north', animal: 'cat' };
  await assertUserError(() => pairsIn([flat], imagesOf('1.jpg')), 'site, animal');
});

test('in flat exports an empty annotation is open, and several choices are JSON', () => {
  const row = { annotation_id: 1, annotator: 1, lead_time: 1, choice: 'cat' };
  const rows = [
    { ...row, image: '1.jpg' },
    { ...row, image: '2.jpg', annotation_id: '', choice: '' },
    { ...row, image: '3.jpg', choice: '{"choices": ["cat", "dog"]}' },
    { ...row, image: '4.jpg', choice: '{"choices": ["dog"]}' },
    { ...row, image: '5.jpg', was_cancelled: 'True' },
  ];
  const { rows: found, notes } = labelsIn(
    JSON.stringify(rows),
    imagesOf('1.jpg', '2.jpg', '3.jpg', '4.jpg', '5.jpg'),
  )!;
  assert.equal(found, [
    { path: '1.jpg', label: 'cat' },
    { path: '4.jpg', label: 'dog' },
  ]);
  assert.match(
    notes[0]!,
    '1 not labelled yet (2.jpg), 1 with several classes (3.jpg), 1 skipped or cancelled (5.jpg)',
  );
});

test('how an image came to be labelled stays with it through Label Studio', () => {
  const own = {
    id: 1,
    data: { path: '1.jpg', origin: 'proposed', probability: 0.25 },
    annotations: [saying('a')],
  };
  assert.equal(labelsIn(JSON.stringify([own]), imagesOf('1.jpg'))!.rows, [
    { path: '1.jpg', label: 'a', origin: { origin: 'proposed', probability: 0.25 } },
  ]);
});

test('a file about other images is refused with an example of both', () =>
  assertUserError(
    () => pairsIn([task('/data/upload/1/0a1b2c3d-x.jpg', saying('a'))], imagesOf('1.jpg')),
    'none of its images is among those of photos',
    '1.jpg',
    '0a1b2c3d-x.jpg',
  ));

test.run();
