import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { Parameters } from '../../src/autograd/parameters.ts';
import { evaluating } from '../../src/autograd/tape.ts';
import { encodingBatch, featureExtractor } from '../../src/encoder/feature_extractor.ts';
import type { Architecture } from '../../src/nn/architecture.ts';
import { createEncoder } from '../../src/nn/encoder.ts';
import { basicBlock, convolution, normRelu, projection } from '../../src/nn/residual_blocks.ts';
import { resnet } from '../../src/nn/resnet/resnet.ts';
import { Random } from '../../src/random.ts';
import { relativeError } from '../oracle.ts';

const engine = await Engine.create();
const epsilon = 1e-5;
const sizes = { outputs: 32, epsilon };

/** A stem and a residual block of each kind, with channels enough for Winograd's tiles. */
const architecture: Architecture = {
  name: 'tiny',
  title: 'Tiny',
  blocks: [
    convolution('conv1', { inputs: 3, outputs: 32, kernel: 3, stride: 1 }),
    normRelu('bn1', 32, epsilon),
    { kind: 'maxPool', name: 'maxpool', kernel: 3, stride: 2, pad: 1 },
    basicBlock('layer1.0', { ...sizes, inputs: 32, stride: 1 }, []),
    basicBlock(
      'layer1.1',
      { ...sizes, inputs: 32, stride: 2 },
      projection('layer1.1.downsample', { ...sizes, inputs: 32, stride: 2 }),
    ),
    { kind: 'globalAveragePool', name: 'avgpool' },
  ],
  featureSize: 32,
};

const side = 21;
const images = 5;
const random = new Random(5);
const pixels = Uint8Array.from({ length: images * side * side * 3 }, () => 256 * random.next());
const parameters = engine.parameters();
const encoder = createEncoder({ parameters, seed: 1 }, architecture);
const extractor = (batch: number) =>
  featureExtractor(engine, encoder, { pixels, sourceSize: side, imageSize: side, batch });

/** Gives every norm numbers that a trained one could have. */
function renew(seed: number): void {
  const draw = new Random(seed);
  for (const { name, tensor } of parameters.entries)
    if (tensor.shape.length === 1)
      parameters.write(
        name,
        Float32Array.from({ length: tensor.size }, () => 0.5 + draw.next()),
      );
}
renew(1);
const all = Array.from({ length: images }, (_, i) => i);
const extract = await extractor(2);

test('an extractor reads the weights as they are at each call, in batches of any size', async () => {
  const first = await extract(all);
  assert.equal(await extract(all), first, 'the same weights give the same bytes');
  renew(2);
  const second = await extract(all);
  assert.ok(relativeError(second, first) > 0.01);
  const fresh = await extractor(2);
  assert.equal(await fresh(all), second);
  fresh.destroy();
});

test('a batch that the adapter’s buffers do not hold becomes smaller, and the features stay what they are', async () => {
  renew(3);
  const whole = await extract(all);
  const capabilities = engine.gpu.capabilities as { maxBindingBytes: number };
  const limit = capabilities.maxBindingBytes;
  // The stem's activation of one image, 32 channels of 21×21, is the largest thing but for Winograd's tiles.
  capabilities.maxBindingBytes = 3 * 4 * 32 * side ** 2;
  try {
    const options = { sourceSize: side, imageSize: side };
    const chosen = encodingBatch(engine, encoder, { ...options, batch: 64 });
    assert.ok(chosen >= 1 && chosen <= 3, `${chosen}`);
    assert.is(encodingBatch(engine, encoder, { ...options, batch: 1 }), 1);
    const narrow = await extractor(64);
    assert.ok(relativeError(await narrow(all), whole) < 1e-6);
    narrow.destroy();
  } finally {
    capabilities.maxBindingBytes = limit;
  }
});

test('images of 224 pixels pass in batches whose buffers are those of llvmpipe, 128 MiB', () => {
  const capabilities = engine.gpu.capabilities as { maxBindingBytes: number };
  const limit = capabilities.maxBindingBytes;
  capabilities.maxBindingBytes = 2 ** 27;
  for (const options of [
    { depth: 18, stem: 'imagenet' },
    { depth: 50, stem: 'imagenet' },
    { depth: 18, stem: 'cifar' },
  ] as const) {
    // No memory is given to them: plans are all that is asked for.
    const store = new Parameters(engine.gpu);
    const large = createEncoder({ parameters: store, seed: 0 }, resnet(options));
    const batchOf = (batch: number) =>
      encodingBatch(engine, large, { sourceSize: 224, imageSize: 224, batch });
    const batch = batchOf(64);
    assert.ok(batch < 64 && batch >= (options.stem === 'cifar' ? 3 : 30), `${options.depth}: ${batch}`);
    assert.is(batchOf(batch), batch, 'it fits');
    assert.is(batchOf(batch + 1), batch, 'and no more do');
  }
  capabilities.maxBindingBytes = limit;
});

test('folded features are those of convolutions with norms behind them', async () => {
  const x = engine.input(
    [images, side, side, 3],
    'f32',
    Float32Array.from(pixels, (byte) => byte / 64 - 2),
  );
  const folded = await engine.compile(() => ({ features: encoder.forward(x) }), { training: false });
  // Where gradients may be asked for, each layer has its own kernels.
  const plain = await engine.compile(() => ({ features: evaluating(() => encoder.forward(x)) }));
  for (const program of [folded, plain]) program.run();
  const [a, b] = [(await folded.read()).features, (await plain.read()).features];
  const error = relativeError(a, b);
  // Five layers, of which two by tiles with a few times the rounding errors of sums.
  assert.ok(error > 0 && error < 3e-6, `${error}`);
  for (const program of [folded, plain]) program.destroy();
});

test.after(() => engine.destroy());
test.run();
