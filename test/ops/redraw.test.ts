import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { Tensor } from '../../src/autograd/tensor.ts';
import { presets } from '../../src/data/policy.ts';
import { augment, drawChoices, redrawFirst, renderViews, uploadImages } from '../../src/ops/augment.ts';
import { Random } from '../../src/random.ts';

const engine = await Engine.create();

test('views of two policies in one tensor are the very views that each policy makes alone', async () => {
  const [sourceSize, imageSize] = [9, 8];
  const random = new Random(1);
  const images = uploadImages(
    engine,
    Uint8Array.from({ length: 5 * sourceSize ** 2 * 3 }, () => random.integer(256)),
  );
  const indices = engine.input([5], 'u32', Uint32Array.of(4, 2, 0, 3, 1));
  const first = new Tensor({ shape: [3], dtype: 'u32' }, indices.storage);
  const rest = engine.input([2], 'u32', Uint32Array.of(3, 1));
  const counters = [7, 8].map((seed) => engine.input([2], 'u32', Uint32Array.of(seed, 40)));
  const weak = { policy: presets.weak, sourceSize, imageSize };
  const strong = { policy: presets['simclr-imagenet'], sourceSize, imageSize };
  const program = await engine.compile(() => {
    const draws = drawChoices(indices, counters[0]!, weak);
    redrawFirst(draws, first, counters[1]!, strong);
    return {
      together: renderViews(images, indices, draws, strong),
      strong: augment(images, first, counters[1]!, strong),
      weak: augment(images, rest, counters[0]!, weak),
    };
  });
  program.run();
  const result = await program.read();
  assert.equal([...result.together], [...result.strong, ...result.weak]);
  program.destroy();
});

test.after(() => engine.destroy());
test.run();
