import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeFiles } from '../../../src/platform/node_files.ts';
import { loadSet } from '../loaded_set.ts';
import { assertUserError, withFiles } from '../temporary.ts';

const files = nodeFiles;

function idx(magic: number, shape: readonly number[], data: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(4 + shape.length * 4 + data.length);
  [magic, ...shape].forEach((word, index) => {
    bytes.writeUInt32BE(word, index * 4);
  });
  bytes.set(data, 4 + shape.length * 4);
  return bytes;
}

/** Images of 3×3 pixels 10·number + position. */
function images(...numbers: number[]): Uint8Array {
  const data = numbers.flatMap((number) => Array.from({ length: 9 }, (_, pixel) => 10 * number + pixel));
  return idx(0x803, [numbers.length, 3, 3], data);
}

function labels(...values: number[]): Uint8Array {
  return idx(0x801, [values.length], values);
}

test('reads grey images as RGB, row by row, with labels and the test part', async () => {
  const content = {
    'train-images-idx3-ubyte': images(1, 2),
    'train-labels-idx1-ubyte': labels(7, 3),
    't10k-images-idx3-ubyte': images(3),
    't10k-labels-idx1-ubyte': labels(3),
  };
  await withFiles(content, async (folder) => {
    const source = await loadSet(`idx:${folder}`, { files });
    assert.is(source.size, 3);
    assert.equal(source.classes, ['3', '7']);
    assert.equal([...source.labels], [1, 0, 0]);
    assert.equal(source.partition, ['train', 'train', 'test']);
    assert.is(source.paths[1], 'train-images-idx3-ubyte#1');
    const expected = [1, 2, 3].flatMap((number) =>
      Array.from({ length: 27 }, (_, byte) => 10 * number + Math.floor(byte / 3)),
    );
    assert.equal([...source.pixels], expected);
  });
});

test('finds prefixed names, dotted names and images without labels', async () => {
  const content = {
    'emnist-letters-train-images-idx3-ubyte': images(1),
    'emnist-letters-train-labels-idx1-ubyte': labels(26),
  };
  await withFiles(content, async (folder) => {
    const source = await loadSet(`idx:${folder}`, { files });
    assert.is(source.name, 'emnist-letters');
    assert.equal(source.classes, ['26']);
  });
  await withFiles(
    { 'train-images.idx3-ubyte': images(1), 'train-labels.idx1-ubyte': labels(4) },
    async (folder) => {
      assert.equal((await loadSet(`idx:${folder}`, { files })).classes, ['4']);
    },
  );
  await withFiles({ 'train-images-idx3-ubyte': images(1) }, async (folder) => {
    assert.equal([...(await loadSet(`idx:${folder}`, { files })).labels], [-1]);
  });
});

test('images that are not square lose the ends of their longer side', async () => {
  const content = { 'train-images-idx3-ubyte': idx(0x803, [1, 1, 3], [10, 20, 30]) };
  await withFiles(content, async (folder) => {
    const source = await loadSet(`idx:${folder}`, { files });
    assert.equal([...source.pixels], [20, 20, 20]);
  });
});

test('wrong headers, lengths and folders are refused', async () => {
  const open = (folder: string) => loadSet(`idx:${folder}`, { files });
  const name = 'train-images-idx3-ubyte';
  const good = images(1, 2);
  await withFiles({ [name]: good.subarray(0, 33) }, (folder) =>
    assertUserError(() => open(folder), name, '33 bytes', '2 records of 3×3 bytes', '34 in all'),
  );
  await withFiles({ [name]: new Uint8Array(10) }, (folder) =>
    assertUserError(() => open(folder), name, '00 00 08 03'),
  );
  await withFiles({ [name]: idx(0x801, [2, 3, 3], [...good.subarray(16)]) }, (folder) =>
    assertUserError(() => open(folder), name, '00 00 08 03'),
  );
  await withFiles({ [name]: good, 'train-labels-idx1-ubyte': labels(1) }, (folder) =>
    assertUserError(() => open(folder), name, '2 images', '1 labels'),
  );
  await withFiles({ [name]: good, 'train-labels-idx1-ubyte': labels(1, 2).subarray(0, 9) }, (folder) =>
    assertUserError(() => open(folder), 'train-labels-idx1-ubyte', '9 bytes'),
  );
  await withFiles({ [`${name}.gz`]: 'packed' }, (folder) => assertUserError(() => open(folder), 'gunzip'));
  await withFiles({}, (folder) => assertUserError(() => open(folder), 'train-images-idx3-ubyte', 'empty'));
  await withFiles({ [`a-${name}`]: good, [`b-${name}`]: good }, (folder) =>
    assertUserError(() => open(folder), 'more than one set'),
  );
});

test.run();
