import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import type { StoredHead } from '../../src/encoder/classifier_head.ts';
import { readWeights, type Weights } from '../../src/encoder/encoder_weights.ts';
import { featureExtractor } from '../../src/encoder/feature_extractor.ts';
import { loadEncoder } from '../../src/encoder/loaded_encoder.ts';
import { encodeOnnx } from '../../src/encoder/onnx_model.ts';
import { architectureOf, type EncoderOptions } from '../../src/nn/family_registry.ts';
import { imagenetScale, type Normalisation, perChannel, pixelScale } from '../../src/ops/augment.ts';
import { Random } from '../../src/random.ts';
import { fill, nhwcToNchw, relativeError } from '../oracle.ts';
import { evaluate, type OnnxModel, type OnnxTensor, readOnnx } from './onnx_reader.ts';
import { digest, weightsFile } from './weights_fixture.ts';

const engine = await Engine.create();
const count = 3;

function headOf({ encoder }: Weights): StoredHead {
  const columns = architectureOf(encoder).featureSize;
  // The last class had no labelled image: it is never predicted.
  const weight = Float64Array.from(fill('fc.weight', 3 * columns));
  weight.fill(0, 2 * columns);
  return {
    weight,
    bias: Float64Array.of(0.25, -0.5, -Infinity),
    classes: ['cat', 'dog, "wet"', 'été'],
    temperature: 1.75,
  };
}

function weightsOf(options: EncoderOptions, normalise: Normalisation): Weights {
  const stated = { mean: perChannel(normalise.mean), std: perChannel(normalise.std) };
  return readWeights(
    weightsFile(options, () => {}, {
      encoder: JSON.stringify(options),
      normalise: JSON.stringify(stated),
    }),
    'x',
  );
}

function bytesOf(side: number): Uint8Array {
  const random = new Random(7);
  return Uint8Array.from({ length: count * side * side * 3 }, () => random.integer(256));
}

/** What the file says of the images, in float64. */
function computed(model: OnnxModel, pixels: Uint8Array, side: number): Map<string, OnnxTensor> {
  const unit = Float64Array.from(pixels, (byte) => byte / 255);
  const data = Float64Array.from(nhwcToNchw(unit, [count, side, side, 3]));
  return evaluate(model, { shape: [count, 3, side, side], data });
}

async function engineFeatures(weights: Weights, pixels: Uint8Array, side: number): Promise<Float32Array> {
  const { normalise, mirror } = weights;
  const shape = { pixels, sourceSize: side, imageSize: side, batch: 2, normalise, mirror };
  const extract = await featureExtractor(engine, loadEncoder(engine, weights), shape);
  const features = await extract([0, 1, 2]);
  extract.destroy();
  return features;
}

const networks: [EncoderOptions, number, Normalisation][] = [
  [{ depth: 18, width: 2, stem: 'cifar', stemPadding: 2, epsilon: 1e-2 }, 9, pixelScale],
  [{ depth: 18, width: 3, stem: 'deep', downsample: 'average' }, 35, imagenetScale],
  [{ depth: 50, width: 2, stem: 'cifar', stride: 'v1', baseWidth: 128 }, 9, pixelScale],
  [{ family: 'cifar-resnet', depth: 20, width: 3 }, 11, pixelScale],
  [{ family: 'cifar-resnet', depth: 20, width: 2, shortcut: 'projection' }, 10, pixelScale],
  [{ depth: 34, width: 3, stem: 'imagenet' }, 33, imagenetScale],
];

for (const [options, side, normalise] of networks) {
  const { title, featureSize } = architectureOf(options);
  test(`${title}, ${JSON.stringify(options)}: the graph’s features in float64 are the engine’s`, async () => {
    const weights = weightsOf(options, normalise);
    const pixels = bytesOf(side);
    const file = encodeOnnx({ weights, head: headOf(weights), imageSize: side, version: '1.2.3' });
    const values = computed(readOnnx(file), pixels, side);
    const features = values.get('features')!;
    assert.equal(features.shape, [count, featureSize]);
    // 18 to 50 layers in float32, where PyTorch's own lie some 1e-6 from float64 (test/fixtures).
    const error = relativeError(await engineFeatures(weights, pixels, side), features.data);
    assert.ok(error < 5e-6, `features differ by ${error}`);
  });
}

test('the pixels’ mean and deviation have no side for the batch, which OpenCV would take for the batch’s', () => {
  const weights = weightsOf({ width: 2, stem: 'cifar' }, imagenetScale);
  const { constants } = readOnnx(encodeOnnx({ weights, imageSize: 8, version: '1.2.3' }));
  for (const name of ['pixel_mean', 'pixel_std']) assert.equal(constants.get(name)?.shape, [3, 1, 1]);
});

test('with its mirror image an image’s features are the mean of both, in the graph too', async () => {
  const side = 9;
  const plain = weightsOf({ width: 2, stem: 'cifar' }, pixelScale);
  const weights = { ...plain, mirror: true } as const;
  const pixels = bytesOf(side);
  const mirrored = pixels.map((_, at) => {
    const [row, column, channel] = [Math.floor(at / (3 * side)), Math.floor(at / 3) % side, at % 3];
    return pixels[3 * (row * side + side - 1 - column) + channel]!;
  });
  const both = await engineFeatures(weights, pixels, side);
  const [one, other] = [
    await engineFeatures(plain, pixels, side),
    await engineFeatures(plain, mirrored, side),
  ];
  assert.ok(relativeError(one, other) > 1e-3, 'the two sides differ');
  const mean = Float64Array.from(one, (value, at) => (value + other[at]!) / 2);
  // Each side is the same arithmetic in float32; the mean rounds once.
  assert.ok(relativeError(both, mean) < 1e-6);
  const values = computed(readOnnx(encodeOnnx({ weights, imageSize: side, version: '1.2.3' })), pixels, side);
  const features = values.get('features')!;
  assert.equal(features.shape, [count, architectureOf(weights.encoder).featureSize]);
  // As for the networks above.
  assert.ok(relativeError(both, features.data) < 5e-6);
});

test('logits are linear in the features, probabilities the softmax of logits over the temperature', () => {
  const weights = weightsOf({ width: 2, stem: 'cifar' }, pixelScale);
  const head = headOf(weights);
  const model = readOnnx(encodeOnnx({ weights, head, imageSize: 8, version: '1.2.3' }));
  const values = computed(model, bytesOf(8), 8);
  const [features, logits, probabilities] = ['features', 'logits', 'probabilities'].map(
    (name) => values.get(name)!.data,
  ) as [Float64Array, Float64Array, Float64Array];
  for (let row = 0; row < count; row++) {
    const expected = Array.from(head.bias, (bias, c) => {
      let sum = bias;
      for (let j = 0; j < 16; j++) sum += features[16 * row + j]! * head.weight[16 * c + j]!;
      return sum;
    });
    const powers = expected.map((logit) => Math.exp(logit / 1.75));
    const total = powers.reduce((a, b) => a + b);
    expected.forEach((logit, c) => {
      const at = 3 * row + c;
      if (c === 2) assert.equal([logits[at], probabilities[at]], [-Infinity, 0]);
      // Both sides are float64.
      else assert.ok(Math.abs(logits[at]! - logit) < 1e-12 * (1 + Math.abs(logit)), `logit ${at}`);
      assert.ok(Math.abs(probabilities[at]! - powers[c]! / total) < 1e-12, `probability ${at}`);
    });
  }
});

test('a head on features of length 1 has the division in the graph, and features of zeros are no trap', () => {
  const weights = weightsOf({ width: 2, stem: 'cifar' }, pixelScale);
  const head = { ...headOf(weights), unitLength: true } as const;
  const values = computed(
    readOnnx(encodeOnnx({ weights, head, imageSize: 8, version: '1.2.3' })),
    bytesOf(8),
    8,
  );
  const [features, logits] = [values.get('features')!.data, values.get('logits')!.data];
  for (let row = 0; row < count; row++) {
    const own = features.subarray(16 * row, 16 * row + 16);
    const length = Math.hypot(...own);
    for (let c = 0; c < 2; c++) {
      const product = own.reduce((sum, value, j) => sum + value * head.weight[16 * c + j]!, 0);
      // Both sides are float64.
      assert.ok(Math.abs(logits[3 * row + c]! - product / length - head.bias[c]!) < 1e-12);
    }
  }
  // An encoder whose last norm is silent gives zeros.
  const silent = new Map(weights.tensors);
  for (const name of weights.tensors.keys()) {
    if (/(bn\d|downsample\.1)\.(weight|bias)$/.test(name))
      silent.set(name, new Float32Array(weights.tensors.get(name)!.length));
  }
  const file = encodeOnnx({ weights: { ...weights, tensors: silent }, head, imageSize: 8, version: '1.2.3' });
  const flat = computed(readOnnx(file), bytesOf(8), 8);
  assert.ok(flat.get('features')!.data.every((value) => value === 0));
  assert.equal([...flat.get('logits')!.data.subarray(0, 2)], [0.25, -0.5]);
});

test('the file states opset, IR version, names, shapes and metadata', () => {
  const weights = weightsOf({ width: 2, stem: 'cifar' }, pixelScale);
  const head = headOf(weights);
  const model = readOnnx(encodeOnnx({ weights, head, imageSize: 24, version: '1.2.3' }));
  assert.equal([model.opset, model.irVersion], [17, 8]);
  assert.equal(model.inputs, [['images', ['N', 3, 24, 24]]]);
  assert.equal(model.outputs, [
    ['features', ['N', 16]],
    ['logits', ['N', 3]],
    ['probabilities', ['N', 3]],
  ]);
  assert.equal(model.metadata, {
    classes: JSON.stringify(head.classes),
    temperature: '1.75',
    image_size: '24',
    kindred_version: '1.2.3',
  });
  const names = model.nodes.map(({ name }) => name);
  assert.is(new Set(names).size, names.length, 'every node has a name of its own');
});

test('the same network makes the same file, byte for byte', async () => {
  const weights = weightsOf({ depth: 34, width: 2, stem: 'imagenet' }, imagenetScale);
  const file = encodeOnnx({ weights, head: headOf(weights), imageSize: 24, version: '1.2.3' });
  assert.is(await digest(file), '5c8ccc9ae3b36848');
});

test('without a head there are features alone', () => {
  const weights = weightsOf({ width: 2, stem: 'cifar' }, pixelScale);
  const model = readOnnx(encodeOnnx({ weights, imageSize: 8, version: '1.2.3' }));
  assert.equal(model.outputs, [['features', ['N', 16]]]);
  assert.equal(model.metadata, { image_size: '8', kindred_version: '1.2.3' });
  assert.is(model.nodes.at(-1)!.opType, 'Flatten');
});

test.after(() => engine.destroy());
test.run();
