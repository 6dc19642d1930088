// What starts from a given encoder is trained on, and asked about, what that encoder's recipe makes of the images.
import { PNG } from 'pngjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.ts';
import { presets } from '../../../src/data/policy.ts';
import { openStream } from '../../../src/data/sources/open_stream.ts';
import { createMethods } from '../../../src/label/methods/method_registry.ts';
import { poolAtRecipe } from '../../../src/label/methods/recipe_pool.ts';
import { encodeImages, encoderOrigin } from '../../../src/label/scan/encoder_scan.ts';
import { type EncoderOrigin, rowsOf } from '../../../src/label/scan/features.ts';
import { chooseTask, labelledSet } from '../../../src/label/task.ts';
import { createEncoder } from '../../../src/nn/encoder.ts';
import { resnet } from '../../../src/nn/resnet/resnet.ts';
import { headLogits } from '../../../src/numerics/linear_head.ts';
import { imagenetScale } from '../../../src/ops/augment.ts';
import { nodeFiles as files } from '../../../src/platform/node_files.ts';
import { withFiles } from '../../data/temporary.ts';
import { fillBits } from '../../oracle.ts';

const engine = await Engine.create();
const architecture = { depth: 18, width: 2, stem: 'cifar' } as const;
const parameters = engine.parameters();
createEncoder({ parameters, seed: 4 }, resnet(architecture));
const tensors = parameters.initial();
parameters.destroy();
const resize = { filter: 'bicubic', shorterSide: 11 } as const;
const given = encoderOrigin('net', { encoder: architecture, tensors, normalise: imagenetScale, resize }, 9);

function png(name: string): Buffer {
  const image = new PNG({ width: 30, height: 18 });
  for (let i = 0; i < image.data.length; i++) image.data[i] = i % 4 === 3 ? 255 : fillBits(name, i) >>> 24;
  return PNG.sync.write(image);
}

const count = 12;
const content = Object.fromEntries(
  Array.from({ length: count }, (_, i) => [`${String.fromCharCode(97 + i)}.png`, png(`${i}`)]),
);
const labels = Int32Array.from({ length: count }, (_, i) => i % 2);

test('the squares are those of the recipe, decoded from the files; without a resize the run’s own', async () => {
  await withFiles(content, async (folder) => {
    const stream = await openStream(folder, { files, imageSize: 16 });
    const own = { pixels: new Uint8Array(), size: 16, positions: new Int32Array(count) };
    assert.is(await poolAtRecipe(stream, own, { imageSize: 9 }, Int32Array.of(3)), own);
    const pool = await poolAtRecipe(stream, own, { imageSize: 9, resize }, Int32Array.of(3, 7));
    const expected = new Uint8Array(2 * 3 * 9 ** 2);
    await stream.resized(9, resize).read(Int32Array.of(3, 7), expected);
    assert.equal(pool.pixels, expected);
    assert.equal([pool.size, pool.positions[3], pool.positions[7], pool.positions[0]], [9, 0, 1, -1]);
  });
});

test('fine-tuning trains and answers at the recipe: its logits are those of its model on freshly read images', async () => {
  await withFiles(content, async (folder) => {
    const stream = await openStream(folder, { files, imageSize: 16 });
    const start = await encodeImages(engine, given, stream);
    const task = chooseTask(
      { classes: ['a', 'b'], labels },
      { given: labels.map((label, i) => (i < 8 ? label : -1)), seed: 0 },
    );
    const networks = {
      engine,
      // The run's own squares are of no use here: nothing of them can be read.
      pool: { pixels: new Uint8Array(), size: 16, positions: new Int32Array(count).fill(-1) },
      architecture,
      imageSize: 16,
      policy: presets.weak,
      batch: 4,
      steps: 4,
      heldOutOnly: false,
      fineTuning: { part: 'whole' } as const,
    };
    const groups = Int32Array.from(labels.keys());
    const [method] = await createMethods({ stream, task, starts: [start], groups, networks, seed: 0 }, [
      'finetune',
    ]);
    const queries = Int32Array.of(8, 9, 10, 11);
    const logits = (await method!.fit(labelledSet(task.given), { queries, seed: 0 })).at(-1)!;
    const { head, origin } = await method!.model!();
    assert.is(origin.recipe, given.recipe);
    const features = await encodeImages(engine, origin as EncoderOrigin, stream);
    assert.not.equal(features.values, start.values);
    const expected = headLogits(head, rowsOf(features, queries));
    // The same products in float32 and float64.
    logits.forEach((logit, i) => {
      assert.ok(Math.abs(logit - expected[i]!) < 1e-4 * (1 + Math.abs(logit)), `${logit} ${expected[i]}`);
    });
    method!.destroy();
  });
});

test.after(() => engine.destroy());
test.run();
