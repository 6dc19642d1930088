import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.ts';
import { openStream } from '../../../src/data/sources/open_stream.ts';
import { scorePoolings, scoreRecipes } from '../../../src/label/scan/choose_recipe.ts';
import { pixelScale } from '../../../src/ops/augment.ts';
import { nodeFiles as files } from '../../../src/platform/node_files.ts';
import { stripedImages } from '../../cli/support.ts';
import { withFiles } from '../../data/temporary.ts';
import { engineTensors } from '../../nn/vit/fixture.ts';

test('one pass scores class token, mean and both as three encoders would, at a side that is not the positions’ own', async () => {
  const engine = await Engine.create();
  const options = { patch: 4, grid: 5, width: 16, depth: 2, heads: 2, layerScale: true } as const;
  const tensors = engineTensors(options);
  const recipe = { imageSize: 16, normalise: pixelScale };
  await withFiles(stripedImages('images', 15), async (folder) => {
    const stream = await openStream(`${folder}/images`, { files, imageSize: 16 });
    const images = Int32Array.from(stream.paths.keys());
    const labels = Int32Array.from(stream.paths, (path) => (path.startsWith('lying') ? 0 : 1));
    const trial = { stream, labelled: { images, labels }, classes: 2, seed: 1 };
    const architecture = { family: 'vit', ...options } as const;
    const poolings = await scorePoolings(engine, recipe, { ...trial, encoder: { architecture, tensors } });
    assert.equal(
      poolings.map(({ pooling }) => pooling),
      ['class', 'mean', 'both'],
    );
    for (const { pooling, hits, accuracy } of poolings) {
      const encoder = { architecture: { ...architecture, pooling }, tensors };
      const [alone] = await scoreRecipes(engine, [recipe], { ...trial, encoder });
      assert.equal(hits, alone!.hits, pooling);
      assert.is(accuracy, alone!.accuracy);
    }
    // Random features tell stripes apart; 30 guesses are over 70% right once in 40 times.
    assert.ok(Math.max(...poolings.map(({ accuracy }) => accuracy)) > 0.7);
    const few = { images: images.subarray(0, 1), labels: labels.subarray(0, 1) };
    const none = { ...trial, labelled: few, encoder: { architecture, tensors } };
    assert.equal(await scorePoolings(engine, recipe, none), [], 'too few labels for folds');
  });
  engine.destroy();
});

test.run();
