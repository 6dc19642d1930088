import { createHash } from 'node:crypto';
import { PNG } from 'pngjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.ts';
import type { ImageStream } from '../../../src/data/sources/image_stream.ts';
import { openStream } from '../../../src/data/sources/open_stream.ts';
import { featureExtractor } from '../../../src/encoder/feature_extractor.ts';
import { loadEncoder } from '../../../src/encoder/loaded_encoder.ts';
import { CensusReader, takeCensus, thumbnailPixels } from '../../../src/label/scan/census.ts';
import { encodeImages, encoderOrigin, scanImages } from '../../../src/label/scan/encoder_scan.ts';
import { readThrough } from '../../../src/label/scan/read_through.ts';
import { createEncoder } from '../../../src/nn/encoder.ts';
import { resnet } from '../../../src/nn/resnet/resnet.ts';
import { pixelScale } from '../../../src/ops/augment.ts';
import { nodeFiles as files } from '../../../src/platform/node_files.ts';
import { loadSet } from '../../data/loaded_set.ts';
import { withFiles } from '../../data/temporary.ts';

const engine = await Engine.create();
const encoder = { depth: 18, width: 2, stem: 'cifar' } as const;
const parameters = engine.parameters();
createEncoder({ parameters, seed: 4 }, resnet(encoder));
const weights = { encoder, tensors: parameters.initial(), normalise: pixelScale, metadata: {} };
parameters.destroy();
const origin = (imageSize: number) => encoderOrigin('test', weights, imageSize);

/** 3·33·33 bytes are no multiple of 4, and 37 images no multiple of a batch. */
const size = 33;
const options = { files, imageSize: size, limit: 30, testLimit: 7 };
const source = await loadSet('demo', options);
const stream = await openStream('demo', options);
const count = source.paths.length;
const imageBytes = 3 * size * size;

/** Features as training computes them, from pixels in memory. */
async function extract(batch: number, imageSize: number): Promise<Float32Array> {
  const loaded = loadEncoder(engine, weights);
  const all = await featureExtractor(engine, loaded, {
    pixels: source.pixels,
    sourceSize: size,
    imageSize,
    batch,
  });
  const features = await all(Array.from({ length: count }, (_, i) => i));
  all.destroy();
  loaded.parameters.destroy();
  return features;
}

test('features are the same bytes from pixels in memory, on the GPU or uploaded in batches, and from a stream', async () => {
  for (const [batch, imageSize] of [
    [8, 9],
    [20, 12],
  ] as const) {
    const resident = await extract(batch, imageSize);
    assert.ok(new Set(resident).size > count, 'the features differ from image to image');
    const { features } = await scanImages(engine, origin(imageSize), stream, { batch });
    assert.is(features.columns, 16);
    assert.equal(features.values, resident);
    const alone = await encodeImages(engine, origin(imageSize), stream, { batch });
    assert.equal(alone.values, resident);
    const capabilities = engine.gpu.capabilities as { maxBindingBytes: number };
    const limit = capabilities.maxBindingBytes;
    // One byte less than the set; the network's own buffers are smaller.
    capabilities.maxBindingBytes = source.pixels.length - 1;
    const uploaded = await extract(batch, imageSize);
    capabilities.maxBindingBytes = limit;
    assert.equal(uploaded, resident);
  }
});

test('hashes are of the pixels, and images the same only where these are', async () => {
  const twins: ImageStream = {
    ...stream,
    read: (images, target) =>
      stream.read(
        images.map((i) => i % 20),
        target,
      ),
  };
  const reader = new CensusReader(twins);
  await readThrough([{ stream: twins, readers: [reader] }], { batch: 16 });
  const { squares } = reader.seen;
  twins.paths.forEach((_, image) => {
    const own = source.pixels.subarray((image % 20) * imageBytes, ((image % 20) + 1) * imageBytes);
    const hash = createHash('sha256').update(own).digest('hex').slice(0, 32);
    assert.is(
      Buffer.from(squares.subarray(16 * image, 16 * image + 16)).toString('hex'),
      hash,
      `image ${image}`,
    );
  });
  const { sameAs } = await takeCensus(twins, { batch: 16 });
  assert.equal(
    sameAs,
    sameAs.map((_, image) => image % 20),
  );
});

test('unreadable images are listed, have no features and no hash, and disturb no other', async () => {
  const png = (level: number) => {
    const image = new PNG({ width: 16, height: 16 });
    image.data.fill(level);
    for (let alpha = 3; alpha < image.data.length; alpha += 4) image.data[alpha] = 255;
    return PNG.sync.write(image);
  };
  const content = { 'a.png': png(10), 'b.png': 'torn', 'c.png': png(90), 'd.jxl': 'x', 'e.png': png(200) };
  await withFiles(content, async (folder) => {
    const folderOptions = { files, imageSize: 16 };
    const opened = await openStream(folder, folderOptions);
    const { census, features } = await scanImages(engine, origin(8), opened, { batch: 3 });
    assert.equal([...census.readable], [1, 0, 1, 1]);
    assert.equal(
      census.unreadable.map(({ path }) => path),
      ['b.png', 'd.jxl'],
    );
    assert.ok(features.values.subarray(16, 32).every((value) => value === 0));
    assert.ok(
      [0, 2, 3].every((row) =>
        features.values.subarray(16 * row, 16 * row + 16).some((value) => value !== 0),
      ),
    );
    assert.equal(census.sameAs, Int32Array.of(0, -1, 2, 3));
    const greys = [10, 0, 90, 200];
    assert.ok(census.thumbnails.every((grey, i) => grey === greys[Math.floor(i / thumbnailPixels)]));
    assert.equal(await takeCensus(opened), census);
  });
});

test('memory on the GPU does not depend on how many images there are, and is given back', async () => {
  const before = { ...engine.gpu.allocated };
  const peaks: number[] = [];
  for (const limit of [20, 200]) {
    const many = await openStream('demo', { files, imageSize: size, limit, testLimit: 0 });
    let peak = 0;
    await scanImages(engine, origin(8), many, {
      batch: 4,
      onProgress: () => {
        peak = Math.max(peak, engine.gpu.allocated.bytes);
      },
    });
    peaks.push(peak - before.bytes);
    assert.equal(engine.gpu.allocated, before);
  }
  // None, one or two batches may be on their way back, each in 256 bytes; a leak would add that for every batch of 45.
  assert.ok(Math.abs(peaks[1]! - peaks[0]!) <= 2 * 256, `${peaks}`);
});

test('the next batch is decoded and submitted before the one before has come back, and no third', async () => {
  const log: string[] = [];
  let under = 0;
  let most = 0;
  const read = engine.gpu.read.bind(engine.gpu);
  let batches = 0;
  engine.gpu.read = async (storages) => {
    const batch = batches++;
    log.push(`run ${batch}`);
    most = Math.max(most, ++under);
    const arrays = await read(storages);
    // Held back until the next batch was submitted, so that the order does not hang on how fast the GPU is; a scan that
    // waited for this one would submit it too late.
    const patience = performance.now() + 2000;
    while (batches === batch + 1 && batch < 4 && performance.now() < patience) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    // Long enough for a third to be submitted, if it were not to wait.
    await new Promise((resolve) => setTimeout(resolve, 40));
    under--;
    log.push(`back ${batch}`);
    return arrays;
  };
  const watched: ImageStream = {
    ...stream,
    read: (images, target) => {
      if (images.length > 0) log.push(`decode ${images[0]! / 8}`);
      return stream.read(images, target);
    },
  };
  await scanImages(engine, origin(8), watched, { batch: 8 });
  engine.gpu.read = read;
  assert.is(batches, 5);
  assert.is(most, 2);
  for (let batch = 0; batch + 1 < batches; batch++) {
    const back = log.indexOf(`back ${batch}`);
    assert.ok(log.indexOf(`decode ${batch + 1}`) < back, `decoding ${batch + 1} waits for ${batch}`);
    assert.ok(log.indexOf(`run ${batch + 1}`) < back, `running ${batch + 1} waits for ${batch}`);
  }
});

test('progress is told after each batch, and throwing there stops the scan with all memory given back', async () => {
  const told: number[] = [];
  await scanImages(engine, origin(8), stream, {
    batch: 10,
    onProgress: (done, total, { imagesPerSecond, secondsLeft }) => {
      told.push(done / total);
      assert.ok(imagesPerSecond > 0);
      assert.is(secondsLeft, (total - done) / imagesPerSecond);
    },
  });
  assert.equal(
    told,
    [10, 20, 30, 37].map((done) => done / count),
  );
  const before = { ...engine.gpu.allocated };
  let calls = 0;
  const stop = new Error('stopped');
  const caught = await scanImages(engine, origin(8), stream, {
    batch: 10,
    onProgress: () => {
      if (++calls === 2) throw stop;
    },
  }).catch((error: unknown) => error);
  assert.is(caught, stop);
  assert.is(calls, 2);
  assert.equal(engine.gpu.allocated, before);
});

test.after(() => engine.destroy());
test.run();
