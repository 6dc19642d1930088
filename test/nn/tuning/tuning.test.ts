import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.ts';
import { backward } from '../../../src/autograd/tape.ts';
import { createEncoder } from '../../../src/nn/encoder.ts';
import { resnet } from '../../../src/nn/resnet/resnet.ts';
import { layerDistances } from '../../../src/nn/tuning/layer_rates.ts';
import { isOfAdapter, mergeAdapters } from '../../../src/nn/tuning/low_rank.ts';
import { adapterOfRank, type Tuning, tunedContext } from '../../../src/nn/tuning/tuning.ts';
import { type ViTOptions, vit } from '../../../src/nn/vit/vit.ts';
import { sgd } from '../../../src/optim/sgd.ts';
import { upstream } from '../../autograd/upstream.ts';
import fixture from '../../fixtures/tuning.json';
import { fill, nchwToNhwc, summaryError } from '../../oracle.ts';
import { engineTensors, inTorchOrder } from '../vit/fixture.ts';

const engine = await Engine.create();

const options = fixture.options as unknown as ViTOptions;
const architecture = vit(options);
const [images, side] = [5, 15];
const start = engineTensors(options);

/** The small network as a tuning declares it, on the fixture's weights. */
function tuned(tuning: Tuning) {
  const parameters = engine.parameters();
  const network = createEncoder(tunedContext({ parameters, seed: 0 }, architecture, tuning), architecture);
  for (const { name, tensor } of parameters.entries) {
    const first = name.endsWith('.lora_B') ? new Float32Array(tensor.size) : fill(name, tensor.size, 0.3);
    parameters.write(name, start.get(name) ?? first);
  }
  return { parameters, network };
}

const pixelsOf = (stream: string) =>
  nchwToNhwc(fill(stream, images * 3 * side * side, 1.5), [images, 3, side, side]);
const x = engine.input([images, side, side, 3]);

for (const { part, layerDecay, losses, moved } of fixture.cases) {
  const tuning = { part: part as Tuning['part'], layerDecay };
  test(`${JSON.stringify(part)}: what learns goes as PyTorch’s, block by block at its own rate, and nothing else moves`, async () => {
    const { parameters, network } = tuned(tuning);
    const first = await parameters.read();
    const target = fill('targets', images * network.featureSize);
    const weights = engine.input(
      [images, network.featureSize],
      'f32',
      target.map((value) => value / images),
    );
    const optimizer = sgd(engine, parameters, { momentum: 0.9, weightDecay: 0 });
    const program = await engine.compile(() => {
      const features = network.forward(x);
      backward(upstream(features, weights));
      optimizer.update();
      return { features };
    });
    const largest = Math.max(...losses.map(Math.abs));
    for (const [t, expected] of losses.entries()) {
      engine.write(x, pixelsOf(`step ${t}`));
      optimizer.prepare(t, 3e-3);
      program.run();
      const { features } = await program.read();
      const loss = (features as Float32Array).reduce(
        (sum, value, i) => sum + (value * target[i]!) / images,
        0,
      );
      // PyTorch's own float32 run lies within 1e-6; sums in another order come to a few times as much.
      assert.ok(
        Math.abs(loss - expected) / largest < 1e-5,
        `step ${t}: the loss is ${loss}, not ${expected}`,
      );
    }
    const last = await parameters.read();
    for (const { name, tensor, trainable } of parameters.entries) {
      const difference = last.get(name)!.map((value, i) => value - first.get(name)![i]!);
      const expected = moved.find((one) => one.name === name);
      assert.is(trainable, expected !== undefined, name);
      if (!expected)
        assert.ok(
          difference.every((value) => value === 0),
          `${name} moved`,
        );
      else {
        const torch = isOfAdapter(name) ? difference : inTorchOrder(name, difference, tensor.shape);
        const error = summaryError(`moved:${name}`, torch, expected);
        assert.ok(error < Math.max(1e-5, 10 * expected.float32), `${name} went elsewhere, by ${error}`);
      }
    }
    program.destroy();
    optimizer.destroy();
    parameters.destroy();
  });
}

test('weights with their adapters merged give the features of weights beside adapters', async () => {
  const { parameters, network } = tuned({ part: { rank: 3 } });
  parameters.write('blocks.1.attn.qkv.lora_B', fill('b', 3 * 72, 0.5));
  engine.write(x, pixelsOf('step 0'));
  const merged = mergeAdapters(await parameters.read(), adapterOfRank(3));
  assert.equal([...merged.keys()].sort(), [...start.keys()].sort());
  const plain = engine.parameters();
  const same = createEncoder({ parameters: plain, seed: 0 }, architecture);
  for (const [name, data] of merged) plain.write(name, data);
  const program = await engine.compile(() => ({ beside: network.forward(x), merged: same.forward(x) }));
  program.run();
  const features = await program.read();
  const largest = Math.max(...(features.beside as Float32Array).map(Math.abs));
  const error = Math.max(
    ...(features.beside as Float32Array).map((value, i) => Math.abs(value - features.merged[i]!)),
  );
  // One product of rounded sums in place of three.
  assert.ok(error < 2e-6 * largest, `features differ by ${error}`);
  program.destroy();
  parameters.destroy();
  plain.destroy();
});

test('branches are left out in training alone, and more often the later they come', async () => {
  const { parameters, network } = tuned({ part: 'whole', dropPath: 0.9 });
  engine.write(x, pixelsOf('step 0'));
  const counter = engine.input([2], 'u32', Uint32Array.of(1, 2));
  const program = await engine.compile(() => ({
    training: network.forward(x, counter),
    used: network.forward(x),
  }));
  program.run();
  const one = await program.read();
  engine.write(counter, Uint32Array.of(1, 3));
  program.run();
  const other = await program.read();
  assert.equal(other.used, one.used);
  assert.not.equal(one.training, one.used);
  assert.not.equal(other.training, one.training);
  program.destroy();
  parameters.destroy();

  const rates = (last: number) => {
    const context = tunedContext(
      { parameters: engine.parameters(), seed: 0 },
      vit({ ...options, depth: 3 }),
      {
        part: 'whole',
        dropPath: last,
      },
    );
    return ['attn', 'mlp'].map((branch) =>
      [0, 1, 2].map((block) => context.tuning!.drop!(`blocks.${block}.${branch}`)?.rate ?? 0),
    );
  };
  assert.equal(rates(0.4), [
    [0, 0.2, 0.4],
    [0, 0.2, 0.4],
  ]);
  assert.equal(rates(0), [
    [0, 0, 0],
    [0, 0, 0],
  ]);
});

test('a tensor’s distance from the classifier counts blocks, of transformers and of ResNets', () => {
  const transformer = layerDistances(start.keys());
  assert.is(transformer.blocks, 2);
  assert.equal(
    [
      'norm.weight',
      'blocks.1.mlp.fc1.bias',
      'blocks.0.norm1.weight',
      'pos_embed',
      'patch_embed.proj.bias',
    ].map(transformer.of),
    [0, 1, 2, 3, 3],
  );
  const names = ['conv1.weight', 'layer1.0.conv1.weight', 'layer1.1.conv1.weight', 'layer2.0.conv1.weight'];
  assert.equal(names.map(layerDistances(names).of), [4, 3, 2, 1]);
});

test('parts of a network with batch norm are refused: its statistics would move beside weights that stay', () => {
  const context = { parameters: engine.parameters(), seed: 0 };
  const architecture = resnet({ depth: 18, width: 2, stem: 'cifar' });
  assert.throws(
    () => tunedContext(context, architecture, { part: { last: 1 } }),
    /ResNet-18 .* only as a whole/,
  );
});

test.after(() => engine.destroy());
test.run();
