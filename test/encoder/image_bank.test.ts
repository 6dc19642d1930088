import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { presets } from '../../src/data/policy.ts';
import { ImageBank } from '../../src/encoder/image_bank.ts';
import { augment } from '../../src/ops/augment.ts';

const engine = await Engine.create();
const size = 5;
const images = 7;
const pixels = Uint8Array.from({ length: images * 3 * size * size }, (_, i) => (37 * i) & 255);

async function batchOf(bank: ImageBank, chosen: readonly number[]) {
  const counter = engine.input([2], 'u32');
  const shape = { policy: presets.none, sourceSize: size, imageSize: size };
  const program = await engine.compile(() => ({ views: augment(bank.images, bank.indices, counter, shape) }));
  bank.select(chosen);
  program.run();
  const { views } = await program.read();
  program.destroy();
  return views;
}

test('a set larger than the adapter allows in one buffer is uploaded batch by batch, with the same pixels', async () => {
  const chosen = [6, 0, 3, 3];
  const resident = await batchOf(new ImageBank(engine, pixels, size, 4), chosen);
  const capabilities = engine.gpu.capabilities as { maxBindingBytes: number };
  const limit = capabilities.maxBindingBytes;
  // One byte less than the set, and far more than a batch of four.
  capabilities.maxBindingBytes = pixels.length - 1;
  const streamed = new ImageBank(engine, pixels, size, 4);
  capabilities.maxBindingBytes = limit;
  assert.ok(streamed.images.size * 4 < pixels.length);
  assert.equal(await batchOf(streamed, chosen), resident);
  const first = (pixels[6 * 3 * size * size]! / 255 - 0.5) / 0.25;
  assert.ok(Math.abs(resident[0]! - first) < 1e-6, 'image 6 comes first');
});

test('without a set each batch is uploaded; a run sees the pixels it was submitted with', async () => {
  const bank = new ImageBank(engine, undefined, size, 3);
  const counter = engine.input([2], 'u32');
  const shape = { policy: presets.none, sourceSize: size, imageSize: size };
  const program = await engine.compile(() => ({ views: augment(bank.images, bank.indices, counter, shape) }));
  const bytes = 3 * size * size;
  // From an odd byte on; then fewer than a batch.
  bank.upload(pixels.subarray(bytes, 4 * bytes));
  program.run();
  const first = program.read();
  bank.upload(pixels.subarray(5 * bytes, 7 * bytes));
  program.run();
  const second = program.read();
  const all = new ImageBank(engine, pixels, size, 3);
  assert.equal((await first).views, await batchOf(all, [1, 2, 3]));
  const views = (await second).views.subarray(0, 2 * size * size * 4);
  assert.equal(views, (await batchOf(all, [5, 6, 6])).subarray(0, views.length));
  program.destroy();
  bank.destroy();
});

test('images have their own numbers to draw random choices by, resident or not', async () => {
  const capabilities = engine.gpu.capabilities as { maxBindingBytes: number };
  const limit = capabilities.maxBindingBytes;
  for (const bytes of [limit, pixels.length - 1]) {
    capabilities.maxBindingBytes = bytes;
    const bank = new ImageBank(engine, pixels, size, 3);
    capabilities.maxBindingBytes = limit;
    bank.select([6, 0, 5]);
    const [numbers] = await engine.read(bank.numbers);
    assert.equal(numbers, Uint32Array.of(6, 0, 5));
    const before = engine.gpu.allocated.bytes;
    bank.destroy();
    // The resident images stay, for other programs.
    assert.is(before - engine.gpu.allocated.bytes, bytes === limit ? 256 : 3 * 256);
  }
});

test('a batch of another length is refused', () => {
  assert.throws(() => new ImageBank(engine, pixels, size, 4).select([1, 2]), /takes 4 images, not 2/);
});

test.after(() => engine.destroy());
test.run();
