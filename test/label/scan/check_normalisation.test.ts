import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.ts';
import { openStream } from '../../../src/data/sources/open_stream.ts';
import { loadImages } from '../../../src/data/sources/read_images.ts';
import { knownNormalisations } from '../../../src/encoder/known_recipes.ts';
import { betterNormalisation } from '../../../src/label/scan/check_normalisation.ts';
import { imagenetScale, type Normalisation } from '../../../src/ops/augment.ts';
import { nodeFiles as files } from '../../../src/platform/node_files.ts';
import { stripedImages } from '../../cli/support.ts';
import { withFiles } from '../../data/temporary.ts';
import { seenThrough, statisticsOf } from '../../encoder/first_norm/first_norm_fixture.ts';

const imageSize = 16;
const others = Object.values(knownNormalisations).map(({ normalise }) => normalise);

test('a normalisation that the encoder was not trained with is told, the right one and its like are not', async () => {
  const engine = await Engine.create();
  await withFiles(stripedImages('images', 12), async (folder) => {
    const stream = await openStream(`${folder}/images`, { files, imageSize });
    const images = Int32Array.from(stream.paths.keys());
    // Labels that no features tell apart: a network of random weights might see more by the wrong normalisation.
    const labels = images.map((image) => image % 2);
    const { pixels } = await loadImages(stream, images);
    const { encoder: architecture, tensors } = seenThrough(imagenetScale, statisticsOf(pixels));
    const encoder = { architecture, tensors };
    const ask = (normalise: Normalisation, labelled = { images, labels }) =>
      betterNormalisation(engine, { imageSize, normalise }, others, {
        encoder,
        stream,
        labelled,
        classes: 2,
        seed: 1,
      });
    assert.is(await ask(imagenetScale), undefined);
    assert.is(await ask(knownNormalisations.cifar10.normalise), undefined);
    const found = await ask(knownNormalisations.unit.normalise);
    assert.equal(found?.normalise, imagenetScale);
    const [asked, least] = found!.misfits;
    assert.ok(least < 0.05 && asked > 0.5, `${asked} ${least}`);
    // Too few labels to ask: the norm alone speaks, where it is this clear.
    const one = { images: images.subarray(0, 1), labels: labels.subarray(0, 1) };
    const alone = await ask(knownNormalisations.unit.normalise, one);
    assert.equal([alone?.normalise, alone?.accuracies], [imagenetScale, undefined]);
  });
  engine.destroy();
});

test('images unlike those of the training, which no normalisation brings near them, say nothing alone', async () => {
  const engine = await Engine.create();
  await withFiles(stripedImages('images', 2), async (folder) => {
    const stream = await openStream(`${folder}/images`, { files, imageSize });
    // Trained on pixels far brighter and of far less contrast than these.
    const statistics = { mean: [0.95, 0.95, 0.95], variance: [1e-3, 1e-3, 1e-3] } as const;
    const { encoder: architecture, tensors } = seenThrough(imagenetScale, statistics);
    const labelled = { images: Int32Array.of(0), labels: Int32Array.of(0) };
    const trial = { encoder: { architecture, tensors }, stream, labelled, classes: 2, seed: 1 };
    const recipe = { imageSize, normalise: imagenetScale };
    assert.is(await betterNormalisation(engine, recipe, others, trial), undefined);
  });
  engine.destroy();
});

test.run();
