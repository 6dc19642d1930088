import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ImageStream } from '../../../src/data/sources/image_stream.ts';
import { openStream } from '../../../src/data/sources/open_stream.ts';
import { loadImages, readChunks } from '../../../src/data/sources/read_images.ts';
import { UserError } from '../../../src/errors.ts';
import { nodeFiles as files } from '../../../src/platform/node_files.ts';
import { type LoadedSet, loadSet } from '../loaded_set.ts';
import { assertUserError, withFiles } from '../temporary.ts';

const upTo = (count: number) => Int32Array.from({ length: count }, (_, i) => i);

/** A stream of 1×1 images whose red is their number; images in `bad` cannot be read. `reads` is what was asked of it. */
function numbered(count: number, bad: readonly number[] = []) {
  const reads: { images: number[]; done: boolean }[] = [];
  const stream: ImageStream = {
    name: 'numbered',
    description: '',
    size: 1,
    paths: Array.from({ length: count }, (_, i) => `${i}`),
    partition: new Array(count).fill('train'),
    labels: new Int32Array(count).fill(-1),
    classes: [],
    unreadable: [],
    omitted: [],
    async read(images, target, onRead) {
      const entry = { images: [...images], done: false };
      reads.push(entry);
      await new Promise((resolve) => setTimeout(resolve, 2));
      images.forEach((image, at) => {
        target.set([image, 1, 2], 3 * at);
      });
      onRead?.(images.length);
      entry.done = true;
      return [...images]
        .filter((image) => bad.includes(image))
        .map((image) => ({ image, path: `${image}`, reason: 'damaged' }));
    },
    resized: () => stream,
  };
  return { stream, reads };
}

/** Every image of a stream, read in chunks. */
async function readAll(stream: ImageStream, count: number): Promise<Uint8Array> {
  const bytes = 3 * stream.size ** 2;
  const pixels = new Uint8Array(stream.paths.length * bytes);
  for await (const chunk of readChunks(stream, upTo(stream.paths.length), count)) {
    assert.is(chunk.pixels.length, chunk.images.length * bytes);
    pixels.set(chunk.pixels, chunk.images[0]! * bytes);
  }
  return pixels;
}

function assertSame(stream: ImageStream, source: LoadedSet): void {
  assert.equal(stream.paths, source.paths);
  assert.equal(stream.labels, source.labels);
  assert.equal(stream.classes, source.classes);
  assert.equal(stream.partition, source.partition);
  assert.equal(stream.omitted, source.omitted);
  assert.is(stream.size, source.size);
  assert.is(stream.description, source.description);
}

/** A CIFAR-10 file: labels in turn, pixels that differ from image to image. */
function cifarFile(count: number, shift: number): Uint8Array {
  const record = (i: number) => (k: number) => (k === 0 ? i % 10 : (i * 31 + k * 7 + shift) & 255);
  const records = upTo(count);
  return Uint8Array.from([...records].flatMap((i) => Array.from({ length: 3073 }, (_, k) => record(i)(k))));
}

test('in chunks of any length the pixels are those of the set in memory', async () => {
  const options = { files, limit: 11, testLimit: 6, seed: 3 };
  const check = async (spec: string, imageSize?: number) => {
    const source = await loadSet(spec, { ...options, imageSize });
    const stream = await openStream(spec, { ...options, imageSize });
    assertSame(stream, source);
    for (const count of [1, 5, 17, 40]) assert.equal(await readAll(stream, count), source.pixels);
  };
  await check('demo', 9);
  const batches = { 'data_batch_1.bin': cifarFile(9, 0), 'data_batch_2.bin': cifarFile(7, 50) };
  await withFiles({ ...batches, 'test_batch.bin': cifarFile(8, 99) }, async (folder) => {
    await check(`cifar10:${folder}`);
    // Resized, too.
    await check(`cifar10:${folder}`, 20);
  });
});

test('records are read in any order, across files, with the labels known beforehand', async () => {
  const content = { 'data_batch_1.bin': cifarFile(5, 0), 'data_batch_2.bin': cifarFile(4, 50) };
  await withFiles(content, async (folder) => {
    const stream = await openStream(`cifar10:${folder}`, { files });
    assert.equal([...stream.labels], [0, 1, 2, 3, 4, 0, 1, 2, 3]);
    const order = [8, 0, 4, 5, 3, 2, 6, 6];
    const pixels = new Uint8Array(order.length * 3072);
    await stream.read(Int32Array.from(order), pixels);
    order.forEach((image, at) => {
      const file = image < 5 ? content['data_batch_1.bin'] : content['data_batch_2.bin'];
      const record = file.subarray((image % 5) * 3073 + 1, (image % 5) * 3073 + 3073);
      // Stored as planes; pixel 40's three channels are enough to know an image by.
      const expected = [40, 1024 + 40, 2048 + 40].map((k) => record[k]);
      assert.equal([...pixels.subarray(at * 3072 + 120, at * 3072 + 123)], expected, `image ${image}`);
    });
  });
});

test('one chunk is decoded ahead while one is worked on, no more, in the memory of two', async () => {
  const { stream, reads } = numbered(23);
  const memory = new Set<ArrayBufferLike>();
  let chunks = 0;
  for await (const { images, pixels } of readChunks(stream, upTo(23), 5)) {
    chunks++;
    memory.add(pixels.buffer);
    const own = [...images];
    assert.equal(own, [...upTo(23).subarray((chunks - 1) * 5, chunks * 5)]);
    // Long enough for any number of reads to begin and end.
    await new Promise((resolve) => setTimeout(resolve, 15));
    assert.is(reads.length, chunks + 1);
    assert.ok(reads.every(({ done }) => done));
    assert.equal(
      [...pixels.filter((_, byte) => byte % 3 === 0)],
      own,
      'the chunk in hand is not overwritten by the one ahead',
    );
  }
  assert.is(chunks, 5);
  assert.is(memory.size, 2);
});

test('whoever stops early waits for what was being decoded, and an error comes with its own chunk', async () => {
  const { stream, reads } = numbered(20);
  for await (const { images } of readChunks(stream, upTo(20), 4)) if (images[0] === 4) break;
  assert.is(reads.length, 3);
  assert.ok(reads.every(({ done }) => done));

  const broken: ImageStream = {
    ...stream,
    read: async (images, target) => {
      if (images[0] === 8) throw new UserError('the disk is gone');
      return stream.read(images, target);
    },
  };
  let seen = 0;
  await assertUserError(async () => {
    for await (const chunk of readChunks(broken, upTo(20), 4)) seen += chunk.images.length;
  }, 'the disk is gone');
  assert.is(seen, 8);
});

test('images that cannot be read are told by their numbers, and leave no gap in memory', async () => {
  const { stream } = numbered(10, [2, 3, 9]);
  const progress: number[] = [];
  const chosen = Int32Array.of(1, 2, 3, 5, 9, 8);
  const loaded = await loadImages(stream, chosen, (done, total) => progress.push(done / total));
  assert.equal([...loaded.pixels], [1, 1, 2, 5, 1, 2, 8, 1, 2]);
  assert.equal(
    loaded.unreadable.map(({ image }) => image),
    [2, 3, 9],
  );
  assert.equal(progress, [1]);
  const told: number[] = [];
  for await (const { unreadable } of readChunks(stream, upTo(10), 3)) {
    told.push(...unreadable.map(({ image }) => image));
  }
  assert.equal(told, [2, 3, 9]);
});

test.run();
