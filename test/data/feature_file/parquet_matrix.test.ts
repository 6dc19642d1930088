import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { StoredMatrix } from '../../../src/data/feature_file/matrix.ts';
import { parquetMatrix } from '../../../src/data/feature_file/parquet/parquet_matrix.ts';
import { readRuns } from '../../../src/data/feature_file/parquet/runs.ts';
import { UserError } from '../../../src/errors.ts';
import { sourceOf } from '../../../src/formats/arrays/byte_source.ts';
import fixture from '../../fixtures/feature_tables.json';
import { assertUserError } from '../temporary.ts';
import { whole } from './array_files.ts';

const { matrix, paths } = fixture;
const texts = fixture.files as Readonly<Record<string, string>>;
const bytesOf = (name: string) => Uint8Array.from(atob(texts[name]!), (character) => character.charCodeAt(0));
const open = (name: string) => parquetMatrix(sourceOf(bytesOf(name), 'f.parquet'));

async function valuesOf(stored: StoredMatrix, place = Int32Array.from({ length: stored.rows }, (_, i) => i)) {
  const values = new Float32Array(stored.rows * stored.columns);
  await stored.read(place, values);
  return Array.from({ length: stored.rows }, (_, row) => [
    ...values.subarray(row * stored.columns, (row + 1) * stored.columns),
  ]);
}

const refused = ['ragged', 'null row', 'null number', 'null path', 'nested', 'no features', 'two'];

test('lists, arrays and columns that pyarrow, pandas and polars write are the same matrix, with its paths', async () => {
  const names = Object.keys(texts).filter((name) => !refused.includes(name) && name !== 'whole numbers');
  assert.is(names.length, 21);
  for (const name of names) {
    const stored = await open(name);
    assert.equal([stored.rows, stored.columns], [5, 3], name);
    assert.equal(await valuesOf(stored), matrix, name);
    assert.equal(stored.paths, paths, name);
    assert.is(stored.notes?.length ?? 0, name.endsWith('bytes') && name !== 'split bytes' ? 1 : 0, name);
  }
});

test('whole numbers in columns are features, 64-bit and unsigned ones too', async () => {
  assert.equal(await valuesOf(await open('whole numbers')), whole);
});

test('rows go to their places over row groups and pages', async () => {
  for (const name of ['row groups', 'small pages', 'columns']) {
    const rows = await valuesOf(await open(name), Int32Array.of(2, -1, 0, 1, -1));
    assert.equal(rows, [matrix[2], matrix[3], matrix[0], [0, 0, 0], [0, 0, 0]], name);
  }
});

test('tables without one whole matrix of numbers are refused with what they have', async () => {
  const read = async (name: string) => valuesOf(await open(name));
  await assertUserError(() => read('ragged'), 'row 2 (counted from 0) of vector has 1, but the first has 2');
  await assertUserError(() => read('null row'), 'row 1 (counted from 0) of vector has an empty place');
  await assertUserError(() => read('null number'), 'row 1 (counted from 0) of vector has an empty place');
  await assertUserError(() => read('null path'), 'names no image in a row', 'the column path');
  await assertUserError(() => read('nested'), 'holds no matrix', 'vector.list.element.list.element');
  await assertUserError(() => read('no features'), 'holds no matrix of features (only path, label)');
  await assertUserError(() => read('two'), 'holds 2 matrices (a 5 × 3, b 5 × 3)');
});

test('a file that is cut off is refused', async () => {
  const bytes = bytesOf('list float');
  const cut = (length: number) => parquetMatrix(sourceOf(bytes.subarray(0, length), 'f.parquet'));
  await assertUserError(() => cut(bytes.length - 3), 'f.parquet', 'its end is missing');
  await assertUserError(() => cut(3), 'its end is missing');
});

test('runs and packed bits are read as the format says, and longer ones than there is room for are not', () => {
  // The format's own example: 0 … 7 in three bits each.
  assert.equal([...readRuns(Uint8Array.of(3, 0x88, 0xc6, 0xfa), 3, 8)], [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.equal([...readRuns(Uint8Array.of(3, 0x88, 0xc6, 0xfa), 3, 5)], [0, 1, 2, 3, 4]);
  assert.equal([...readRuns(Uint8Array.of(6, 0x34, 0x12, 4, 7, 0), 13, 5)], [0x1234, 0x1234, 0x1234, 7, 7]);
  assert.equal([...readRuns(new Uint8Array(), 0, 3)], [0, 0, 0]);
  assert.throws(() => readRuns(Uint8Array.of(8, 1), 1, 3), /too long/);
  assert.throws(() => readRuns(Uint8Array.of(3, 1), 3, 8), /too early/);
  assert.throws(() => readRuns(Uint8Array.of(4), 1, 2), /too early/);
});

test('tables with bytes changed or cut are read or refused, never a crash', async () => {
  const changes = fc.array(fc.tuple(fc.nat(4000), fc.nat(255)), { minLength: 1, maxLength: 3 });
  const name = fc.constantFrom(...Object.keys(texts));
  await fc.assert(
    fc.asyncProperty(name, changes, async (file, edits) => {
      const bytes = bytesOf(file);
      for (const [at, value] of edits) bytes[at % bytes.length] = value;
      try {
        const stored = await parquetMatrix(sourceOf(bytes, 'x'));
        if (stored.rows * stored.columns < 1e6) await valuesOf(stored);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        assert.not.match(error.message, /\n/);
      }
    }),
    { numRuns: 600, seed: 13 },
  );
});

test.run();
