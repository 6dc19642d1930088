import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.ts';
import { openStream } from '../../../src/data/sources/open_stream.ts';
import type { InputRecipe } from '../../../src/encoder/recipe.ts';
import { bestRecipe, scoreRecipes } from '../../../src/label/scan/choose_recipe.ts';
import { createEncoder } from '../../../src/nn/encoder.ts';
import { resnet } from '../../../src/nn/resnet/resnet.ts';
import { pixelScale } from '../../../src/ops/augment.ts';
import { nodeFiles as files } from '../../../src/platform/node_files.ts';
import { stripedImages } from '../../cli/support.ts';
import { withFiles } from '../../data/temporary.ts';

const recipe = (imageSize: number): InputRecipe => ({ imageSize, normalise: pixelScale });
const score = (imageSize: number, ...hits: number[]) => ({
  recipe: recipe(imageSize),
  accuracy: hits.reduce((a, b) => a + b, 0) / hits.length,
  hits: Uint8Array.from(hits),
});

test('the likeliest recipe is taken unless another is better by more than chance', () => {
  assert.is(bestRecipe([]), undefined);
  const likeliest = score(8, 1, 1, 0, 0, 0, 0);
  // One label more on one that differs is what a coin does; four more of four are not.
  assert.is(bestRecipe([likeliest, score(9, 1, 1, 1, 0, 0, 0)]), likeliest);
  const better = score(10, 1, 1, 1, 1, 1, 1);
  assert.is(bestRecipe([likeliest, score(9, 1, 1, 1, 0, 0, 0), better]), better);
  // Better in sum, but on labels where it loses nearly as many as it gains.
  assert.is(bestRecipe([likeliest, score(11, 0, 0, 1, 1, 1, 0)]), likeliest);
});

test('a recipe under which every image looks alike scores near chance, one that shows the images better', async () => {
  const engine = await Engine.create();
  const architecture = { depth: 18, width: 4, stem: 'cifar' } as const;
  const parameters = engine.parameters();
  createEncoder({ parameters, seed: 4 }, resnet(architecture));
  const tensors = parameters.initial();
  parameters.destroy();
  await withFiles(stripedImages('images', 15), async (folder) => {
    const stream = await openStream(`${folder}/images`, { files, imageSize: 16 });
    const images = Int32Array.from(stream.paths.keys());
    const labels = Int32Array.from(stream.paths, (path) => (path.startsWith('lying') ? 0 : 1));
    const resized: InputRecipe = { ...recipe(12), resize: { filter: 'bilinear', shorterSide: 12 } };
    // Of two pixels a side every stripe is the same grey.
    const blind: InputRecipe = { ...recipe(2), resize: { filter: 'bilinear', shorterSide: 2 } };
    const scores = await scoreRecipes(engine, [recipe(16), resized, blind], {
      encoder: { architecture, tensors },
      stream,
      labelled: { images, labels },
      classes: 2,
      seed: 1,
    });
    const [own, other, none] = scores.map(({ accuracy }) => accuracy) as [number, number, number];
    assert.is(scores[0]!.hits.length, images.length);
    // Random features tell stripes apart; 30 guesses are over 70% right once in 40 times.
    assert.ok(own > 0.7 && other > none && none < 0.7, `${own} ${other} ${none}`);
  });
  engine.destroy();
});

test('labels of which no fold can be made try nothing', async () => {
  const engine = await Engine.create();
  const stream = await openStream('demo', { files, imageSize: 16, limit: 20, testLimit: 1 });
  const labelled = { images: Int32Array.of(0), labels: Int32Array.of(0) };
  const encoder = { architecture: { depth: 18, width: 4, stem: 'cifar' }, tensors: new Map() } as const;
  const trial = { encoder, stream, labelled, classes: 2, seed: 1 };
  assert.equal(await scoreRecipes(engine, [recipe(16), recipe(8)], trial), []);
  engine.destroy();
});

test.run();
