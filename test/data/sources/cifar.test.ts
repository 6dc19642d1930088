import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeFiles } from '../../../src/platform/node_files.ts';
import { sharedData, testIf } from '../../support.ts';
import { loadSet, partitionIndices } from '../loaded_set.ts';
import { assertUserError, withFiles } from '../temporary.ts';

const files = nodeFiles;
const classNames = 'airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n';

/** The red, green and blue of pixel (x, y) of record `number`: different everywhere, so that any mix-up shows. */
function colour(number: number, x: number, y: number): number[] {
  return [(x * 7 + number) % 256, (y * 5 + number) % 256, (x + y + 100) % 256];
}

function record(labels: readonly number[], number: number): Uint8Array {
  const planes = [0, 1, 2].flatMap((channel) =>
    Array.from({ length: 1024 }, (_, pixel) => colour(number, pixel % 32, Math.floor(pixel / 32))[channel]!),
  );
  return Uint8Array.from([...labels, ...planes]);
}

function batch(...records: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(records.flatMap((bytes) => [...bytes]));
}

function pixel(source: { pixels: Uint8Array; size: number }, image: number, x: number, y: number): number[] {
  const offset = (image * source.size * source.size + y * source.size + x) * 3;
  return [...source.pixels.subarray(offset, offset + 3)];
}

test('reads the planes of every batch, in the order of their numbers, and the test batch apart', async () => {
  const content = {
    'data_batch_10.bin': batch(record([9], 3)),
    'data_batch_2.bin': batch(record([1], 1), record([0], 2)),
    'test_batch.bin': batch(record([5], 4)),
    'batches.meta.txt': classNames,
    'readme.html': 'not an image',
  };
  await withFiles(content, async (folder) => {
    const source = await loadSet(`cifar10:${folder}`, { files });
    assert.equal(source.paths, [
      'data_batch_2.bin#0',
      'data_batch_2.bin#1',
      'data_batch_10.bin#0',
      'test_batch.bin#0',
    ]);
    assert.equal([...source.labels], [1, 0, 9, 5]);
    assert.is(source.classes[9], 'truck');
    assert.is(source.classes.length, 10);
    assert.equal([...partitionIndices(source, 'train')], [0, 1, 2]);
    assert.equal([...partitionIndices(source, 'test')], [3]);
    assert.is(source.size, 32);
    for (const [x, y] of [
      [0, 0],
      [31, 0],
      [0, 31],
      [13, 22],
    ] as const) {
      for (let image = 0; image < 4; image++) {
        assert.equal(pixel(source, image, x, y), colour(image + 1, x, y), `image ${image} at ${x}, ${y}`);
      }
    }
    assert.match(source.description, '3 training images from 2 files data_batch_*.bin, 1 test images');
  });
});

test('CIFAR-100 takes the fine label, the second byte', async () => {
  const content = {
    'train.bin': batch(record([7, 42], 0), record([3, 99], 1)),
    'test.bin': batch(record([0, 1], 2)),
  };
  await withFiles(content, async (folder) => {
    const source = await loadSet(`cifar100:${folder}`, { files });
    assert.equal([...source.labels], [42, 99, 1]);
    assert.equal(pixel(source, 1, 5, 9), colour(1, 5, 9));
    assert.is(source.classes.length, 100);
  });
});

test('a limit keeps a seeded part of each partition, with the same pixels and labels as the whole', async () => {
  const many = Array.from({ length: 40 }, (_, number) => record([number % 10], number));
  const content = { 'data_batch_1.bin': batch(...many), 'test_batch.bin': batch(...many.slice(0, 20)) };
  await withFiles(content, async (folder) => {
    const spec = `cifar10:${folder}`;
    const whole = await loadSet(spec, { files });
    const part = await loadSet(spec, { files, limit: 15, testLimit: 4, seed: 3 });
    assert.is(partitionIndices(part, 'train').length, 15);
    assert.is(partitionIndices(part, 'test').length, 4);
    part.paths.forEach((path, image) => {
      const original = whole.paths.indexOf(path);
      assert.equal(pixel(part, image, 11, 30), pixel(whole, original, 11, 30));
      assert.is(part.labels[image], whole.labels[original]);
      assert.is(part.partition[image], whole.partition[original]);
    });
    assert.equal([...part.paths, ...part.omitted].sort(), [...whole.paths].sort());
    const again = await loadSet(spec, { files, limit: 15, testLimit: 4, seed: 3 });
    assert.equal(again.paths, part.paths);
    const otherSeed = await loadSet(spec, { files, limit: 15, testLimit: 4, seed: 4 });
    assert.not.equal(otherSeed.paths, part.paths);
    const larger = await loadSet(spec, { files, limit: 30, seed: 3 });
    assert.ok(
      part.paths.filter((path) => !path.startsWith('test')).every((path) => larger.paths.includes(path)),
    );
    const noTest = await loadSet(spec, { files, limit: 5, testLimit: 0 });
    assert.is(noTest.paths.length, 5);
  });
});

test('another image size is reached by resizing each record', async () => {
  const grey = new Uint8Array(3073).fill(120);
  grey[0] = 2;
  await withFiles({ 'data_batch_1.bin': batch(grey, record([1], 0)) }, async (folder) => {
    const source = await loadSet(`cifar10:${folder}`, { files, imageSize: 16 });
    assert.is(source.size, 16);
    assert.is(source.pixels.length, 2 * 16 * 16 * 3);
    assert.ok(source.pixels.subarray(0, 768).every((value) => value === 120));
    // A channel that grows by 7 a pixel: the mean of the two middle columns of output column 3, at x = 6 and 7.
    assert.is(pixel(source, 1, 3, 8)[0], Math.round(6.5 * 7));
  });
});

test('the fingerprint is stable and changes with any byte of pixels or label', async () => {
  const original = record([4], 0);
  const otherPixel = original.slice();
  otherPixel[3072]! ^= 1;
  const otherLabel = original.slice();
  otherLabel[0] = 5;
  const prints: string[] = [];
  for (const bytes of [original, original, otherPixel, otherLabel]) {
    await withFiles({ 'data_batch_1.bin': bytes }, async (folder) => {
      prints.push((await loadSet(`cifar10:${folder}`, { files })).fingerprint);
    });
  }
  assert.match(prints[0]!, /^[0-9a-f]{64}$/);
  assert.is(prints[0], prints[1]);
  assert.is(new Set(prints).size, 3);
});

test('a file of the wrong length is refused with its name, length and record', async () => {
  for (const length of [0, 3072, 3074, 2 * 3073 - 1]) {
    await withFiles({ 'data_batch_1.bin': new Uint8Array(length) }, (folder) =>
      assertUserError(
        () => loadSet(`cifar10:${folder}`, { files }),
        'data_batch_1.bin',
        `${length} bytes`,
        '3073',
      ),
    );
  }
});

test('a label beyond the classes is refused with its record', async () => {
  await withFiles({ 'data_batch_1.bin': batch(record([1], 0), record([10], 1)) }, (folder) =>
    assertUserError(
      () => loadSet(`cifar10:${folder}`, { files }),
      'data_batch_1.bin',
      'record 1',
      'label 10',
    ),
  );
});

test('a folder without the binaries is refused with what it holds', async () => {
  const open = (folder: string) => loadSet(`cifar10:${folder}`, { files });
  await withFiles({}, (folder) => assertUserError(() => open(folder), 'data_batch_*.bin', 'empty'));
  await withFiles({ data_batch_1: 'the Python version' }, (folder) =>
    assertUserError(() => open(folder), 'data_batch_*.bin', 'it holds data_batch_1', 'binary version'),
  );
  await withFiles({ 'cifar-10-batches-bin/data_batch_1.bin': 'one level down' }, (folder) =>
    assertUserError(() => open(folder), `give cifar10:${folder}/cifar-10-batches-bin`),
  );
  await withFiles({ 'data_batch_1.bin': 'x' }, async (folder) => {
    await assertUserError(() => open(`${folder}/nowhere`), 'no folder', 'nowhere');
    await assertUserError(() => open(`${folder}/data_batch_1.bin`), 'is a file');
  });
  await withFiles({ 'data_batch_1.bin': record([0], 0), 'batches.meta.txt': 'cat\ndog\n' }, (folder) =>
    assertUserError(() => open(folder), 'batches.meta.txt', '10 different class names'),
  );
});

testIf(
  sharedData,
  '../shared/data is absent',
  'the real CIFAR-10 has its known counts and labels',
  async () => {
    const source = await loadSet(`cifar10:${sharedData}/cifar10`, {
      files,
      limit: 2000,
      testLimit: 10000,
    });
    assert.is(partitionIndices(source, 'test').length, 10000);
    assert.is(source.paths.length + source.omitted.length, 60000);
    const perClass = source.classes.map(
      (_, number) =>
        source.labels.filter((label, i) => label === number && source.partition[i] === 'test').length,
    );
    assert.equal(perClass, new Array(10).fill(1000));
    // The first test image is the well-known cat.
    assert.is(source.classes[source.labels[source.paths.indexOf('test_batch.bin#0')]!], 'cat');
  },
);

test.run();
