import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { streamFolder } from '../../../src/data/sources/folder.ts';
import type { ImageStream } from '../../../src/data/sources/image_stream.ts';
import { encodeFeatures } from '../../../src/encoder/feature_matrix.ts';
import { encodeSafetensors } from '../../../src/formats/safetensors.ts';
import { type FeatureTable, readFeatureFile } from '../../../src/label/scan/feature_file.ts';
import { nodeFiles } from '../../../src/platform/node_files.ts';
import { arrayFile, matrix, paths } from '../../data/feature_file/array_files.ts';
import { assertUserError } from '../../data/temporary.ts';
import { MemoryFiles } from '../../memory_files.ts';
import { sharedData, testIf } from '../../support.ts';

/** A source of these images; those in `broken` cannot be read. */
function sourceOf(images: readonly string[], broken: readonly string[] = []): ImageStream {
  return {
    name: 'photos',
    description: 'photos',
    size: 2,
    paths: images,
    partition: images.map(() => 'train'),
    labels: new Int32Array(images.length).fill(-1),
    classes: [],
    unreadable: [],
    omitted: [],
    resized: () => sourceOf(images, broken),
    async read(numbers) {
      return Array.from(numbers, (image) => ({ image, path: images[image]!, reason: 'truncated' })).filter(
        ({ path }) => broken.includes(path),
      );
    },
  };
}

const photos = sourceOf([...paths].sort());

async function read(
  content: Readonly<Record<string, Uint8Array | string>>,
  stream = photos,
  pathsFile?: string,
): Promise<FeatureTable> {
  const files = new MemoryFiles();
  for (const [path, bytes] of Object.entries(content)) await files.writeAtomic(path, bytes);
  return readFeatureFile(files, Object.keys(content)[0]!, pathsFile, stream);
}

const rowsOf = ({ features: { values, columns } }: FeatureTable) =>
  Array.from({ length: values.length / columns }, (_, i) => [
    ...values.subarray(i * columns, (i + 1) * columns),
  ]);
const rowOf = (path: string) => matrix[paths.indexOf(path)]!;
const inOrder = photos.paths.map(rowOf);

/** A safetensors file of features alone. */
const tensors = (rows: readonly (readonly number[])[], name = 'features') =>
  encodeSafetensors(
    new Map([
      [
        name,
        {
          dtype: 'F32' as const,
          shape: [rows.length, rows[0]!.length],
          data: Float32Array.from(rows.flat()),
        },
      ],
    ]),
  );

test('features find their images by the paths in the file, beside it, or given', async () => {
  const lines = `${paths.join('\r\n')}\r\n`;
  const csv = `\ufeffsplit,path\ntrain,${paths.join('\ntrain,')}\n`;
  const flat = Float32Array.from(matrix.flat());
  for (const [content, given] of [
    [{ 'f.npz': arrayFile('deflated.npz') }],
    [{ 'f.safetensors': encodeFeatures(flat, paths, {}) }],
    [{ 'd/f.npy': arrayFile('fortran>f8'), 'd/f.paths.txt': lines }],
    [{ 'd/f.npy': arrayFile('c<f2'), 'd/f.paths.csv': csv }],
    [{ 'f.npy': arrayFile('c>f4'), names: csv }, 'names'],
    // What is given holds before what the file says.
    [{ 'f.npz': arrayFile('stored.npz'), names: lines }, 'names'],
  ] as const) {
    const table = await read(content as Record<string, Uint8Array | string>, photos, given);
    assert.equal(rowsOf(table), inOrder);
    assert.equal(table.notes, []);
    const { file, name } = table.features.origin;
    assert.is(name, Object.keys(content)[0]!.split('/').at(-1));
    assert.match(file!.digest, /^[0-9a-f]{64}$/);
    assert.is(file!.paths?.path, Object.keys(content)[1]);
  }
});

test('the digest is of the content, wherever it lies', async () => {
  const digest = async (file: string, name: string) =>
    (await read({ [name]: arrayFile(file) }, photos)).features.origin.file!.digest;
  assert.is(await digest('stored.npz', 'a.npz'), await digest('stored.npz', 'b'));
  assert.is.not(await digest('stored.npz', 'a.npz'), await digest('deflated.npz', 'a.npz'));
});

test('without paths the order of the list holds where there are as many rows, and a note says so', async () => {
  const table = await read({ 'f.npy': arrayFile('c<f4') });
  assert.equal(rowsOf(table), matrix);
  assert.equal(table.notes.length, 1);
  assert.match(table.notes[0]!, `from ${photos.paths[0]} to ${photos.paths[4]}`);
  const fewer = sourceOf(photos.paths.slice(1));
  await assertUserError(
    () => read({ 'd/f.npy': arrayFile('c<f4') }, fewer),
    'does not say which images its 5 rows are of',
    'photos has 4 images',
    'f.paths.txt',
  );
  const limited = { ...fewer, paths: photos.paths, omitted: ['x.png'] };
  await assertUserError(() => read({ 'f.npy': arrayFile('c<f4') }, limited), '5 of 6 images');
  await assertUserError(() => read({ 'f.npz': arrayFile('pickled.npz') }), 'pickled Python objects');
});

test('an image without a row may be one that cannot be read, and no other', async () => {
  const more = [...photos.paths, 'q.png', 'r.png'];
  const file = { 'f.npz': arrayFile('stored.npz') };
  const table = await read(file, sourceOf(more, ['q.png', 'r.png']));
  assert.equal(rowsOf(table), [...inOrder, [0, 0, 0], [0, 0, 0]]);
  await assertUserError(
    () => read(file, sourceOf(more, ['q.png'])),
    'no row for 2 of the 7 images of photos, r.png for one (it has 5 rows)',
  );
});

test('rows of images that the source has not are left out with a note', async () => {
  const table = await read({ 'f.npz': arrayFile('stored.npz') }, sourceOf(paths.slice(0, 3)));
  assert.equal(rowsOf(table), matrix.slice(0, 3));
  assert.match(table.notes.join(), '2 of 5 rows are of images that photos has not (b/4.png, c 5.png)');
});

test('a paths file that does not fit is refused', async () => {
  const file = arrayFile('c<f4');
  const refused = (names: string | Uint8Array, ...parts: string[]) =>
    assertUserError(() => read({ 'f.npy': file, names }, photos, 'names'), 'names', ...parts);
  await refused(paths.slice(1).join('\n'), 'names 4 images', '5 rows');
  await refused(['', ...paths.slice(1)].join('\n'), 'no image for row 0');
  await refused(Uint8Array.of(97, 0xff, 98), 'row 1 is not UTF-8 text');
  await assertUserError(() => read({ 'f.npy': file }, photos, 'missing.txt'), 'missing.txt is no file');
});

test('numbers that cannot be features are refused with their image', async () => {
  const bad = (value: number) =>
    tensors(matrix.map((row, at) => (at === 3 ? [row[0]!, value, row[2]!] : row)));
  const refused = (bytes: Uint8Array, ...parts: string[]) =>
    assertUserError(() => read({ 'f.safetensors': bytes }), 'f.safetensors', ...parts);
  await refused(bad(Number.NaN), `row 3 (counted from 0), ${photos.paths[3]}: feature 1 is NaN`);
  await refused(bad(-Infinity), 'feature 1 is infinite, or too large');
  await refused(tensors(matrix.map(() => [1, 2])), 'the same numbers in all 5 rows');
  await refused(tensors(matrix.map(([first]) => [first!])), '1 columns');
});

test('constant columns and rows of zeros are noted', async () => {
  const rows = matrix.map((row, at) => (at === 2 ? [0, 0, 0] : [0, row[1]!, row[2]!]));
  const { notes } = await read({ 'f.safetensors': tensors(rows) });
  assert.match(notes.join('\n'), '1 of 3 columns hold the same number');
  assert.match(notes.join('\n'), `1 of 5 rows are all zeros, that of ${photos.paths[2]}`);
});

test('more numbers than memory holds are refused before they are read', async () => {
  const many = sourceOf(Array.from({ length: 400_000 }, (_, i) => `${i}.png`));
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (400000, 4096), }`.padEnd(117);
  const header = Uint8Array.from([0x93, ...new TextEncoder().encode(`NUMPY\x01\0v\0${text}\n`)]);
  const size = header.length + 4 * 400_000 * 4096;
  class Sparse extends MemoryFiles {
    override async stat(path: string) {
      return path === 'f.npy' ? ({ kind: 'file', bytes: size } as const) : undefined;
    }
  }
  const files = new Sparse();
  files.content.set('f.npy', header);
  await assertUserError(
    () => readFeatureFile(files, 'f.npy', undefined, many),
    '400000 rows of 4096 numbers, 6.6 GB',
    'at most 4.3 GB',
  );
});

test('what is no file of features is refused with what it is', async () => {
  const refused = (bytes: Uint8Array | string, ...parts: string[]) =>
    assertUserError(() => read({ 'f.npy': bytes }), 'f.npy', ...parts);
  await refused('version https://git-lfs.github.com/spec/v1\noid sha256:0\n', 'Git LFS pointer');
  await refused('<!DOCTYPE html><title>404</title>', 'page of HTML');
  await refused(Uint8Array.of(0x89, 72, 68, 70, 13, 10, 26, 10), 'HDF5');
  await refused(Uint8Array.of(0x80, 4, 0x95, 0, 0, 0), 'Python pickle');
  await refused('1,2,3\n', 'give .npy, .npz, .safetensors or .parquet');
  await refused('', 'give .npy');
  await assertUserError(() => readFeatureFile(new MemoryFiles(), 'gone.npy', undefined, photos), 'not there');
});

const photosFile = sharedData && join(sharedData, 'photos-features.npy');
testIf(
  photosFile && existsSync(photosFile),
  'photos and their features are not beside the project',
  'the features of 560 real photos come with their paths',
  async () => {
    const stream = await streamFolder(join(sharedData!, 'photos'), { files: nodeFiles });
    const { features, notes } = await readFeatureFile(nodeFiles, photosFile!, undefined, stream);
    assert.equal([features.values.length, features.columns], [560 * 768, 768]);
    assert.equal(notes, []);
    // The first number of the file, as numpy reads it, belongs to the image of the first path.
    const first = stream.paths.indexOf('cats/cat.1.jpg');
    assert.is(features.values[first * 768], 0.024370776489377022);
  },
);

test.run();
