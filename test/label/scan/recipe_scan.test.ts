// Features at an encoder's own recipe, whatever side the run's images have.
import { PNG } from 'pngjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.ts';
import type { Resize } from '../../../src/data/resize/resize.ts';
import type { ImageStream } from '../../../src/data/sources/image_stream.ts';
import { openStream } from '../../../src/data/sources/open_stream.ts';
import type { ImageChunk } from '../../../src/data/sources/read_images.ts';
import { takeCensus } from '../../../src/label/scan/census.ts';
import { encodeImages, encoderOrigin, scanImages } from '../../../src/label/scan/encoder_scan.ts';
import { readThrough } from '../../../src/label/scan/read_through.ts';
import { createEncoder } from '../../../src/nn/encoder.ts';
import { resnet } from '../../../src/nn/resnet/resnet.ts';
import { imagenetScale } from '../../../src/ops/augment.ts';
import { nodeFiles as files } from '../../../src/platform/node_files.ts';
import { withFiles } from '../../data/temporary.ts';
import { fillBits } from '../../oracle.ts';

const engine = await Engine.create();
const encoder = { depth: 18, width: 2, stem: 'cifar' } as const;
const parameters = engine.parameters();
createEncoder({ parameters, seed: 4 }, resnet(encoder));
const weights = { encoder, tensors: parameters.initial(), normalise: imagenetScale, metadata: {} };
parameters.destroy();

const resize: Resize = { filter: 'bicubic', shorterSide: 11 };
const own = encoderOrigin('test', { ...weights, resize }, 9);
/** The same encoder without a recipe for the square: what it gets is the stream's. */
const plain = encoderOrigin('test', weights, 9);

function png(width: number, height: number, name: string): Buffer {
  const image = new PNG({ width, height });
  for (let i = 0; i < image.data.length; i++) image.data[i] = i % 4 === 3 ? 255 : fillBits(name, i) >>> 24;
  return PNG.sync.write(image);
}

const content = {
  'a.png': png(40, 23, 'a'),
  'b.png': png(12, 12, 'b'),
  'c.png': 'torn',
  'd.png': png(9, 30, 'd'),
  'e.png': png(64, 64, 'e'),
};

test("an encoder sees its own squares, decoded from the files; the census is of the run's", async () => {
  assert.equal(own.recipe, { imageSize: 9, resize, normalise: imagenetScale });
  await withFiles(content, async (folder) => {
    const results = [];
    for (const imageSize of [16, 33]) {
      const run = await openStream(folder, { files, imageSize });
      const { features, census } = await scanImages(engine, own, run, { batch: 2 });
      const alone = await encodeImages(engine, own, run, { batch: 3 });
      assert.equal(alone.values, features.values);
      // The same squares, passed to the encoder as they are.
      const seen = await encodeImages(engine, plain, run.resized(9, resize), { batch: 2 });
      assert.equal(features.values, seen.values);
      assert.equal(census, await takeCensus(run));
      const other = await encodeImages(engine, plain, run, { batch: 2 });
      assert.not.equal(other.values, features.values);
      results.push(features.values);
    }
    assert.equal(results[0], results[1]);
  });
});

test("whether images are cut, padded or squashed holds for an encoder's own squares too, which differ from the run's", async () => {
  const third = (x: number) => Math.floor(x / 30);
  const image = new PNG({ width: 90, height: 30 });
  for (let i = 0; i < 90 * 30; i++)
    image.data.set([...[0, 1, 2].map((c) => (c === third(i % 90) ? 200 : 40)), 255], 4 * i);
  await withFiles({ 'long.png': PNG.sync.write(image) }, async (folder) => {
    const features = new Set<string>();
    for (const fit of ['crop', 'pad', 'squash'] as const) {
      const run = await openStream(folder, { files, imageSize: 16, fit });
      const square = run.resized(9, { filter: 'bilinear', shorterSide: 9 });
      const pixels = new Uint8Array(3 * 9 * 9);
      assert.equal(await square.read(Int32Array.of(0), pixels), []);
      const colour = (x: number, y: number) =>
        [0, 1, 2].map((c) => Math.round(pixels[3 * (9 * y + x) + c]! / 40));
      const [red, green, blue, black] = [
        [5, 1, 1],
        [1, 5, 1],
        [1, 1, 5],
        [0, 0, 0],
      ];
      const [middle, left, right] = [colour(4, 4), colour(0, 4), colour(8, 4)];
      const shown = { crop: [green, green], pad: [red, blue], squash: [red, blue] }[fit];
      assert.equal([middle, left, right], [green, ...shown], fit);
      assert.equal(colour(4, 0), fit === 'pad' ? black : green, `above: ${fit}`);
      const seen = await encodeImages(engine, own, run, { batch: 1 });
      const passed = await encodeImages(engine, plain, run.resized(9, resize), { batch: 1 });
      assert.equal(seen.values, passed.values);
      features.add(seen.values.join());
    }
    assert.is(features.size, 3);
  });
});

test('an image that is unreadable at one of the squares has neither features nor a place in the census', async () => {
  await withFiles(content, async (folder) => {
    const run = await openStream(folder, { files, imageSize: 16 });
    // As if a file vanished between the passes.
    const torn = (stream: ImageStream, lost: number): ImageStream => ({
      ...stream,
      read: async (images, target) => {
        const skipped = await stream.read(images, target);
        const found = images.includes(lost)
          ? [{ image: lost, path: stream.paths[lost]!, reason: 'gone' }]
          : [];
        return [...skipped, ...found].sort((a, b) => a.image - b.image);
      },
      resized: (size, how) => stream.resized(size, how),
    });
    const later: ImageStream = { ...torn(run, 0), resized: (size, how) => torn(run.resized(size, how), 3) };
    const { features, census } = await scanImages(engine, own, later, { batch: 2 });
    assert.equal([...census.readable], [0, 1, 0, 0, 1]);
    assert.equal(
      census.unreadable.map(({ path, reason }) => `${path} ${reason}`),
      ['a.png gone', 'c.png not an image', 'd.png gone'],
    );
    const { columns, values } = features;
    const isZero = (image: number) =>
      values.subarray(image * columns, (image + 1) * columns).every((x) => x === 0);
    assert.equal([0, 1, 2, 3, 4].map(isZero), [true, false, true, true, false]);
  });
});

test('two passes go chunk by chunk, each in the memory of two chunks, and stop together', async () => {
  const run = await openStream('demo', { files, imageSize: 12, limit: 20, testLimit: 0 });
  const buffers = [new Set<ArrayBufferLike>(), new Set<ArrayBufferLike>()];
  const seen: string[] = [];
  const watch = (pass: number) => ({
    take: async ({ images, pixels }: ImageChunk) => {
      buffers[pass]!.add(pixels.buffer);
      seen.push(`${pass}:${images[0]}`);
    },
  });
  const passes = [
    { stream: run, readers: [watch(0)] },
    { stream: run.resized(9, resize), readers: [watch(1)] },
  ];
  const told: number[] = [];
  await readThrough(passes, { batch: 6, onProgress: (done, total) => told.push(done / total) });
  assert.equal(seen, ['0:0', '1:0', '0:6', '1:6', '0:12', '1:12', '0:18', '1:18']);
  assert.equal(told, [6 / 20, 12 / 20, 18 / 20, 1]);
  assert.equal(
    buffers.map(({ size }) => size),
    [2, 2],
  );

  let reading = 0;
  const slow = (stream: ImageStream): ImageStream => ({
    ...stream,
    read: async (images, target) => {
      reading++;
      await new Promise((resolve) => setTimeout(resolve, 5));
      reading--;
      return stream.read(images, target);
    },
  });
  const stop = new Error('stopped');
  const stopping = passes.map(({ stream, readers }) => ({ stream: slow(stream), readers }));
  const caught = await readThrough(stopping, {
    batch: 6,
    onProgress: () => {
      throw stop;
    },
  }).catch((error: unknown) => error);
  assert.is(caught, stop);
  assert.is(reading, 0, 'nothing is decoded once the scan has stopped');
});

test('memory on the GPU is that of one batch at the recipe, and is given back', async () => {
  const before = { ...engine.gpu.allocated };
  const peaks: number[] = [];
  for (const limit of [20, 120]) {
    const run = await openStream('demo', { files, imageSize: 12, limit, testLimit: 0 });
    let peak = 0;
    const onProgress = () => {
      peak = Math.max(peak, engine.gpu.allocated.bytes);
    };
    await scanImages(engine, own, run, { batch: 4, onProgress });
    peaks.push(peak - before.bytes);
    assert.equal(engine.gpu.allocated, before);
  }
  // None, one or two batches may be on their way back, each in 256 bytes.
  assert.ok(Math.abs(peaks[1]! - peaks[0]!) <= 2 * 256, `${peaks}`);
});

test.after(() => engine.destroy());
test.run();
