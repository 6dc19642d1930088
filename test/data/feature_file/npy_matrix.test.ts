import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { StoredMatrix } from '../../../src/data/feature_file/matrix.ts';
import { npyMatrix, npzMatrix } from '../../../src/data/feature_file/npy_matrix.ts';
import { UserError } from '../../../src/errors.ts';
import { sourceOf } from '../../../src/formats/arrays/byte_source.ts';
import { assertUserError } from '../temporary.ts';
import { arrayFile, arraySource, fileNames, matrix, paths, whole } from './array_files.ts';

async function valuesOf(stored: StoredMatrix, place = Int32Array.from({ length: stored.rows }, (_, i) => i)) {
  const values = new Float32Array(stored.rows * stored.columns);
  await stored.read(place, values);
  return Array.from({ length: stored.rows }, (_, row) => [
    ...values.subarray(row * stored.columns, (row + 1) * stored.columns),
  ]);
}

// All of the fixture's numbers are exact in each kind that it holds, so that they come back as they are.
const floats = fileNames.filter((name) => /^(c|fortran)[<>]f|^v\d|^pooled/.test(name));
const integers = fileNames.filter((name) => name.startsWith('whole'));

test('halves, floats and doubles of either byte order and either order of indices are the same matrix', async () => {
  assert.is(floats.length, 12);
  for (const name of floats) {
    const stored = await npyMatrix(arraySource(name));
    assert.equal([stored.rows, stored.columns], [5, 3], name);
    assert.equal(await valuesOf(stored), matrix, name);
    assert.equal(await valuesOf(stored), matrix, `${name}, read again`);
  }
});

test('whole numbers of every width are features too', async () => {
  assert.is(integers.length, 8);
  for (const name of integers) assert.equal(await valuesOf(await npyMatrix(arraySource(name))), whole, name);
});

test('rows go to their places in either order of indices, and those without a place are passed over', async () => {
  const place = Int32Array.of(2, -1, 0, 1, -1);
  for (const name of ['c>f4', 'fortran<f4']) {
    const rows = await valuesOf(await npyMatrix(arraySource(name)), place);
    assert.equal(rows, [matrix[2], matrix[3], matrix[0], [0, 0, 0], [0, 0, 0]], name);
  }
});

test('what is no matrix of numbers is refused with what it is', async () => {
  const refused = (name: string, ...parts: string[]) =>
    assertUserError(() => npyMatrix(arraySource(name)), name, 'save', ...parts);
  await refused('one', 'numbers of the shape 5:');
  await refused('three', 'numbers of the shape 5 × 2 × 2');
  await refused('text', 'text of the shape 5');
  await refused('objects', 'pickled Python objects, which are never opened');
  await refused('records', 'named fields');
  await refused('complex', 'complex numbers');
  await refused('long', "elements of the type '<f16'");
  await refused('times', "elements of the type '<M8[s]'");
});

test('a file that is cut off, or longer than its header says, is refused with both lengths', async () => {
  const bytes = arrayFile('c<f4');
  const cut = (length: number) => npyMatrix(sourceOf(bytes.slice(0, length), 'x.npy'));
  await assertUserError(() => cut(bytes.length - 1), 'x.npy has 59 bytes after its header', '5 × 3 has 60');
  await assertUserError(() => cut(100), 'ends within its header');
  await assertUserError(() => cut(4), 'is no array that NumPy saved');
  const longer = Uint8Array.from([...bytes, 0]);
  await assertUserError(() => npyMatrix(sourceOf(longer, 'x.npy')), 'has 61 bytes after its header');
});

test('npz: features and paths are found by their names, stored or deflated, as text or bytes, with zip64 sizes', async () => {
  for (const name of ['stored.npz', 'deflated.npz', 'bytes.npz']) {
    const stored = await npzMatrix(arraySource(name));
    assert.equal(stored.paths, paths, name);
    assert.equal(await valuesOf(stored), matrix, name);
  }
  for (const name of ['only.npz', 'zip64.npz']) {
    const stored = await npzMatrix(arraySource(name));
    assert.is(stored.paths, undefined, name);
    assert.equal(await valuesOf(stored), matrix, name);
  }
});

test('npz: where the features cannot be told, it says what is there', async () => {
  await assertUserError(
    () => npzMatrix(arraySource('several.npz')),
    'holds 2 matrices (one 5 × 3, two 5 × 3)',
    'under the name features',
  );
  await assertUserError(() => npzMatrix(arraySource('images.npz')), 'train_images 5 × 4 × 4');
  await assertUserError(() => npzMatrix(arraySource('sparse.npz')), 'sparse matrix of SciPy', 'toarray');
  await assertUserError(() => npzMatrix(arraySource('lzma.npz')), 'packed by method 14');
  const { pathsProblem } = await npzMatrix(arraySource('pickled.npz'));
  assert.match(pathsProblem!, 'paths holds pickled Python objects');
});

test('npz: a byte changed within a member is noticed', async () => {
  for (const name of ['stored.npz', 'deflated.npz']) {
    const bytes = arrayFile(name);
    // Past the local header and the array's own, among the numbers.
    const at = name === 'stored.npz' ? 200 : 110;
    bytes[at] = bytes[at]! ^ 0x55;
    await assertUserError(
      async () => valuesOf(await npzMatrix(sourceOf(bytes, name))),
      'copy or save it again',
    );
  }
});

/** Reads or refuses with a sentence of one line. */
async function survives(bytes: Uint8Array, open: typeof npyMatrix): Promise<void> {
  try {
    const stored = await open(sourceOf(bytes, 'x'));
    // What a header claims must lie in the file; of a deflated member 1,032 times as much can.
    assert.ok(stored.rows * stored.columns <= 1032 * bytes.length + 1);
    await valuesOf(stored);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    assert.not.match(error.message, /\n/);
  }
}

test('files of NumPy with bytes changed or cut are read or refused, never a crash', async () => {
  const edits = fc.array(fc.tuple(fc.nat(4000), fc.nat(255)), { maxLength: 4 });
  const headers = fc.array(
    fc.tuple(fc.integer({ min: 8, max: 90 }), fc.constantFrom(...`'",:()[]{}0123<>|=fiuOUSTrueF\n`)),
    { maxLength: 4 },
  );
  const name = fc.constantFrom(...fileNames);
  await fc.assert(
    fc.asyncProperty(name, edits, headers, fc.nat(40), async (file, changes, letters, cut) => {
      const bytes = arrayFile(file);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      if (!file.endsWith('.npz'))
        for (const [at, letter] of letters) bytes[at % bytes.length] = letter.charCodeAt(0);
      await survives(
        cut < 20 ? bytes.subarray(0, bytes.length - cut) : bytes,
        file.endsWith('.npz') ? npzMatrix : npyMatrix,
      );
    }),
    { numRuns: 1500, seed: 11 },
  );
});

test('random bytes are read or refused, never a crash', async () => {
  const magic = fc.constantFrom([], [0x93, 78, 85, 77, 80, 89, 1, 0], [0x50, 0x4b, 5, 6], [0x50, 0x4b, 3, 4]);
  await fc.assert(
    fc.asyncProperty(magic, fc.uint8Array({ maxLength: 100 }), async (start, rest) => {
      await survives(Uint8Array.from([...start, ...rest]), npyMatrix);
      await survives(Uint8Array.from([...start, ...rest]), npzMatrix);
    }),
    { numRuns: 1000, seed: 12 },
  );
});

test.run();
