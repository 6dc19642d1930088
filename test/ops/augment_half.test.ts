import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { presets } from '../../src/data/policy.ts';
import { augment, uploadImages } from '../../src/ops/augment.ts';
import { Random } from '../../src/random.ts';

const engine = await Engine.create();
const perhaps = engine.gpu.capabilities.features.has('shader-f16') ? test : test.skip;

/** Views of nine images of noise, 11 pixels wide. */
async function views(policy: keyof typeof presets, dtype: 'f32' | 'f16') {
  const [sourceSize, imageSize, batch] = [13, 11, 9];
  const random = new Random(5);
  const pixels = Uint8Array.from({ length: batch * sourceSize ** 2 * 3 }, () => random.integer(256));
  const images = uploadImages(engine, pixels);
  const indices = engine.input(
    [batch],
    'u32',
    Uint32Array.from({ length: batch }, (_, i) => i),
  );
  const counter = engine.input([2], 'u32', Uint32Array.of(3, 4));
  const options = { policy: presets[policy], sourceSize, imageSize, views: 2, dtype } as const;
  const program = await engine.compile(() => ({ y: augment(images, indices, counter, options) }));
  program.run();
  const { y } = await program.read();
  program.destroy();
  assert.is(program.outputs.y.dtype, dtype);
  return y;
}

// A view is rounded when it is cropped, coloured and blurred along either axis. Behind the first rounding, of a colour
// up to 1, come factors that enlarge it up to 46 times (augment.test.ts); behind the others, of numbers up to 2, none.
const worst = 46 * 2 ** -11 + 3 * 2 ** -9;
const typical = 2 ** -10;

for (const policy of ['simclr-imagenet', 'simclr-cifar', 'none'] as const) {
  perhaps(`${policy}: views in f16 are those in f32 to its rounding`, async () => {
    const [exact, half] = [await views(policy, 'f32'), await views(policy, 'f16')];
    const errors = Array.from(exact, (value, i) => Math.abs(value - half[i]!));
    assert.ok(Math.max(...errors) < worst, `off by ${Math.max(...errors)}`);
    const square = errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length;
    assert.ok(Math.sqrt(square) < typical, `off by ${Math.sqrt(square)} in the mean`);
    assert.ok(Math.max(...errors) > 0);
  });
}

test.after(() => engine.destroy());
test.run();
