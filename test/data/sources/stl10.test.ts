import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeFiles } from '../../../src/platform/node_files.ts';
import { loadSet } from '../loaded_set.ts';
import { assertUserError, withFiles } from '../temporary.ts';

const files = nodeFiles;
const SIDE = 96;

/** An image whose red is x, green y and blue `number`, written as STL-10 does: planes, each column by column. */
function image(number: number): Uint8Array {
  const bytes = new Uint8Array(SIDE * SIDE * 3);
  for (let x = 0; x < SIDE; x++) {
    for (let y = 0; y < SIDE; y++) {
      [x, y, number].forEach((value, channel) => {
        bytes[channel * SIDE * SIDE + x * SIDE + y] = value;
      });
    }
  }
  return bytes;
}

function images(...numbers: number[]): Uint8Array {
  return Buffer.concat(numbers.map(image));
}

test('reads columns, labels from 1, the unlabelled part and the test part', async () => {
  const content = {
    'train_X.bin': images(1, 2),
    'train_y.bin': Uint8Array.of(10, 1),
    'unlabeled_X.bin': images(3),
    'test_X.bin': images(4, 5),
    'test_y.bin': Uint8Array.of(2, 3),
    'class_names.txt': 'airplane\nbird\ncar\ncat\ndeer\ndog\nhorse\nmonkey\nship\ntruck\n',
  };
  await withFiles(content, async (folder) => {
    const source = await loadSet(`stl10:${folder}`, { files });
    assert.is(source.size, SIDE);
    assert.equal([...source.labels], [9, 0, -1, 1, 2]);
    assert.equal(source.partition, ['train', 'train', 'train', 'test', 'test']);
    assert.is(source.paths[2], 'unlabeled_X.bin#0');
    assert.is(source.classes[9], 'truck');
    for (let number = 0; number < 5; number++) {
      for (const [x, y] of [
        [0, 95],
        [95, 0],
        [40, 17],
      ] as const) {
        const offset = (number * SIDE * SIDE + y * SIDE + x) * 3;
        assert.equal([...source.pixels.subarray(offset, offset + 3)], [x, y, number + 1]);
      }
    }
    assert.match(source.description, '3 training images, 2 of them labelled, 2 test images');
  });
});

test('the unlabelled part alone will do, and images without a label file have no label', async () => {
  await withFiles({ 'unlabeled_X.bin': images(1) }, async (folder) => {
    const source = await loadSet(`stl10:${folder}`, { files });
    assert.equal([...source.labels], [-1]);
  });
  await withFiles({ 'train_X.bin': images(1) }, async (folder) => {
    const source = await loadSet(`stl10:${folder}`, { files });
    assert.equal([...source.labels], [-1]);
  });
});

test('wrong lengths, labels and folders are refused', async () => {
  const open = (folder: string) => loadSet(`stl10:${folder}`, { files });
  await withFiles({ 'train_X.bin': images(1).subarray(1) }, (folder) =>
    assertUserError(() => open(folder), 'train_X.bin', '27647 bytes', '27648'),
  );
  await withFiles({ 'train_X.bin': images(1), 'train_y.bin': Uint8Array.of(1, 2) }, (folder) =>
    assertUserError(() => open(folder), 'train_y.bin', '2 labels for 1 images'),
  );
  for (const label of [0, 11]) {
    await withFiles({ 'train_X.bin': images(1, 2), 'train_y.bin': Uint8Array.of(1, label) }, (folder) =>
      assertUserError(() => open(folder), 'train_y.bin', `label 1: ${label}`),
    );
  }
  await withFiles({ 'test_X.bin': images(1) }, (folder) =>
    assertUserError(() => open(folder), 'no train_X.bin or unlabeled_X.bin'),
  );
});

test.run();
