import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { UserError } from '../../src/errors.ts';
import { chooseChunk, plannedBuffers } from '../../src/pretext/chunk_size.ts';
import { PretextTrainer } from '../../src/pretext/pretext_trainer.ts';
import { side, tinyData, tinyOptions } from './tiny.ts';

const engine = await Engine.create();
const gibibyte = 2 ** 30;
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** So many images, which no test here looks at. */
const images = (count: number) => ({
  images: Int32Array.from({ length: count }, (_, i) => i),
  labels: new Int32Array(count).fill(-1),
  size: 32,
});

/** The published network and image size of SimCLR on CIFAR-10. */
const published = {
  ...tinyOptions,
  encoder: { depth: 18, width: 64, stem: 'cifar' },
  projection: [512, 128],
  imageSize: 32,
} as const;

function refusal(choose: () => number): string {
  try {
    return `${choose()}`;
  } catch (error) {
    assert.instance(error, UserError);
    return (error as Error).message;
  }
}

test('a chunk that was asked for is taken or refused', () => {
  const choose = (chunk: number, batch = 12) =>
    refusal(() => chooseChunk(engine, images(300), { ...tinyOptions, batch, chunk }));
  assert.is(choose(4), '4');
  assert.is(choose(1), '1');
  assert.is(choose(12), '12');
  assert.is(choose(500), '12');
  assert.is(choose(5), 'chunk 5 does not divide the batch of 12 images: take 4 or 6, or another batch');
  assert.match(choose(64, 127), 'take 1 or 127');
});

test('the batch that supcon can fill counts, not the one asked for', () => {
  const data = tinyData(40);
  const labels = data.labels.map((label, i) => (i < 20 ? label : -1));
  const choose = (chunk: number) =>
    refusal(() =>
      chooseChunk(engine, { ...data, labels }, { ...tinyOptions, method: 'supcon', batch: 32, chunk }),
    );
  assert.is(choose(10), '10');
  assert.is(choose(32), '20');
  assert.match(choose(8), 'the batch of 20 images: take 5 or 10');
});

test('a batch that fits is taken whole; of one that does not, the largest divisor that fits', () => {
  assert.is(chooseChunk(engine, images(20), tinyOptions), tinyOptions.batch);
  for (const batch of [4096, 3000]) {
    const options = { ...published, batch };
    const chunk = chooseChunk(engine, images(batch), options);
    assert.ok(chunk > 30 && chunk < 300, `${chunk}`);
    assert.is(batch % chunk, 0);
    assert.ok(sum(plannedBuffers(engine, 32, options, chunk)) <= gibibyte);
    let next = chunk + 1;
    while (batch % next !== 0) next++;
    assert.ok(sum(plannedBuffers(engine, 32, options, next)) > gibibyte);
  }
});

test('a large batch of a narrow network is divided already where a usual one of as many bytes stays whole', () => {
  const bytes = (options: typeof published, batch: number) =>
    sum(plannedBuffers(engine, 32, { ...options, batch }, batch));
  const narrow = { ...published, encoder: { ...published.encoder, width: 4 }, projection: [32, 128] };
  for (const [options, batch] of [
    [published, 256],
    [narrow, 4096],
  ] as const) {
    const size = bytes(options as typeof published, batch);
    assert.ok(size > 2 * gibibyte && size < 3 * gibibyte, `${batch}: ${size / gibibyte} GiB`);
  }
  assert.is(chooseChunk(engine, images(256), { ...published, batch: 256 }), 256);
  const chunk = chooseChunk(engine, images(4096), { ...narrow, batch: 4096 });
  assert.ok(chunk < 4096);
  assert.ok(sum(plannedBuffers(engine, 32, { ...narrow, batch: 4096 }, chunk)) <= gibibyte);
  // 500 of them are more bytes than a chunk may have, and stay whole. (512 are 65,536 workgroups of a kernel of SwiftShader's,
  // one more than it allows.)
  const usual = { ...published, encoder: { ...published.encoder, width: 32 }, batch: 500 };
  assert.ok(sum(plannedBuffers(engine, 32, usual, 500)) > gibibyte);
  assert.is(chooseChunk(engine, images(500), usual), 500);
});

test('a batch that only its own size divides is left whole', () => {
  assert.is(chooseChunk(engine, images(4099), { ...published, batch: 4099 }), 4099);
});

test('no intermediate of a chunk is larger than the adapter’s buffers', () => {
  const capabilities = engine.gpu.capabilities as { maxBindingBytes: number };
  const limit = capabilities.maxBindingBytes;
  // So many that images are larger than the transformed weights, which smaller buffers do without.
  const options = { ...published, batch: 128 };
  const largest = (chunk: number) => Math.max(...plannedBuffers(engine, 32, options, chunk));
  assert.is(chooseChunk(engine, images(128), options), 128);
  capabilities.maxBindingBytes = largest(128) - 1;
  const chunk = chooseChunk(engine, images(128), options);
  const wanted = refusal(() => chooseChunk(engine, images(128), { ...options, chunk: 128 }));
  const small = refusal(() => chooseChunk(engine, images(128), { ...options, chunk: 64 }));
  capabilities.maxBindingBytes = limit;
  assert.is(
    wanted,
    `chunk 128 needs ${largest(128)} bytes in one buffer and this adapter allows ${largest(128) - 1}: take a smaller chunk, imageSize or width`,
  );
  assert.is(small, '64');
  assert.is(chunk, 64);
  assert.ok(largest(64) < largest(128));
});

test('no grid of workgroups of a chunk is longer than the adapter allows, nor its memory larger than what is free', () => {
  // So narrow that the longest grid is one over pixels, not one over weights.
  const options = {
    ...published,
    encoder: { ...published.encoder, width: 8 },
    projection: [64, 32],
    batch: 64,
  };
  const { gpu } = engine;
  const limited = (name: 'largestGrid' | 'room', value: number, choose: () => number) => {
    const owner = name === 'room' ? gpu.memory : gpu;
    Object.defineProperty(owner, name, { get: () => value, configurable: true });
    const chosen = refusal(choose);
    delete (owner as unknown as Record<string, unknown>)[name];
    return chosen;
  };
  const whole = () => chooseChunk(engine, images(64), options);
  assert.is(whole(), 64);
  const needsOf = (chunk: number) => {
    const says = limited('largestGrid', 1, () => chooseChunk(engine, images(64), { ...options, chunk }));
    return Number(/^chunk \d+ needs (\d+) workgroups/.exec(says)![1]);
  };
  assert.ok(needsOf(32) < needsOf(64));
  for (const [grid, chunk] of [
    [needsOf(64) - 1, 32],
    [needsOf(64), 64],
  ] as const) {
    assert.is(limited('largestGrid', grid, whole), `${chunk}`);
    if (chunk === 64) continue;
    const asked = limited('largestGrid', grid, () =>
      chooseChunk(engine, images(64), { ...options, chunk: 64 }),
    );
    assert.match(
      asked,
      new RegExp(
        `^chunk 64 needs \\d+ workgroups along one axis and this adapter allows ${grid}: take a smaller chunk`,
      ),
    );
  }
  const needed = sum(plannedBuffers(engine, 32, options, 64));
  assert.is(limited('room', needed - 1, whole), '32');
  const asked = limited('room', needed - 1, () => chooseChunk(engine, images(64), { ...options, chunk: 64 }));
  assert.match(
    asked,
    /MiB of memory are needed at once and \d+ MiB are free on this machine: lower batch, chunk/,
  );
});

test('the estimate is what programs then take, and takes nothing itself', async () => {
  const before = { ...engine.gpu.allocated };
  const whole = plannedBuffers(engine, side, tinyOptions, tinyOptions.batch);
  assert.equal(engine.gpu.allocated, before);
  const pretext = await PretextTrainer.create(engine, tinyData(), tinyOptions);
  // Beside what the optimizer and the sums may add: scalars, in buffers of 256 bytes.
  const more = pretext.program.program.plannedBytes - sum(whole);
  assert.ok(more >= 0 && more < 256 * (whole.length + 4), `${more} of ${sum(whole)} bytes`);
  pretext.destroy();
});

test.after(() => engine.destroy());
test.run();
