import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.ts';
import { Parameters } from '../../../src/autograd/parameters.ts';
import { backward } from '../../../src/autograd/tape.ts';
import { createEncoder } from '../../../src/nn/encoder.ts';
import { type ResNetOptions, resnet } from '../../../src/nn/resnet/resnet.ts';
import { torchShapes } from '../../../src/nn/state_dict.ts';
import { upstream } from '../../autograd/upstream.ts';
import cifar from '../../fixtures/resnet18_cifar.json';
import imagenet from '../../fixtures/resnet18_imagenet.json';
import { fill, nchwToNhwc, relativeError, summaryError } from '../../oracle.ts';
import { fillParameters, readGradients } from '../fixture.ts';

const engine = await Engine.create();

// PyTorch's own float32 run lies some 1e-6 (features) and 5e-5 (the worst gradient) from float64 after 18 layers. It
// adds in blocks; the engine adds the products of a pixel one by one, which rounds up to a few times as much.
const accepted = 4;

/** Images of a fixture in the engine's layout, with `channels` a pixel: three, or a fourth that is 0. */
function images({ imagesStream, imagesShape, imagesScale }: typeof cifar, channels: 3 | 4) {
  const [n, c, h, w] = imagesShape as [number, number, number, number];
  const values = nchwToNhwc(fill(imagesStream, n * c * h * w, imagesScale), [n, c, h, w]);
  if (channels === 3) return engine.input([n, h, w, 3], 'f32', values);
  const padded = new Float32Array(n * h * w * 4);
  for (let pixel = 0; pixel < n * h * w; pixel++)
    padded.set(values.subarray(3 * pixel, 3 * pixel + 3), 4 * pixel);
  return engine.input([n, h, w, 4], 'f32', padded);
}

const norm = (values: ArrayLike<number>) => Math.hypot(...Array.from(values));

async function compareWithPyTorch(fixture: typeof cifar, stem: ResNetOptions['stem'], channels: 3 | 4) {
  const { float32 } = fixture;
  const parameters = engine.parameters();
  const encoder = createEncoder({ parameters, seed: 0 }, resnet({ stem }));
  fillParameters(parameters, fixture.parameters);
  const x = images(fixture, channels);
  const shape = [x.shape[0]!, encoder.featureSize];
  const weights = fill('loss.weights', fixture.features.length);
  const gradient = engine.input(shape, 'f32', weights);

  const training = await engine.compile(() => {
    const features = encoder.forward(x);
    backward(upstream(features, gradient));
    return { features };
  });
  training.run();
  const { features } = await training.read();
  assert.equal(training.outputs.features.shape, shape);
  const error = relativeError(features, fixture.features);
  assert.ok(error < accepted * float32.featuresRelativeL2, `features differ by ${error}`);
  const loss = Float64Array.from(features).reduce((sum, value, i) => sum + value * weights[i]!, 0);
  // Independent errors in the features move their weighted sum so far; PyTorch's own sum came out nearer by chance.
  const expected = norm(fixture.features) * (norm(weights) / Math.sqrt(weights.length));
  const moved = Math.abs(loss - fixture.loss);
  assert.ok(moved < accepted * float32.featuresRelativeL2 * expected, `the loss is ${loss}`);

  const gradients = await readGradients(engine, parameters);
  for (const { name, gradient } of fixture.parameters) {
    const error = summaryError(`grad:${name}`, gradients.get(name)!, gradient);
    assert.ok(
      error < accepted * float32.worstGradientSummaryError,
      `gradient of ${name} differs by ${error}`,
    );
  }
  const trained = await parameters.read();
  for (const { name, value } of fixture.running) {
    const error = summaryError(name, trained.get(name)!, value);
    assert.ok(error < accepted * float32.worstRunningSummaryError, `${name} differs by ${error}`);
  }

  const evaluation = await engine.compile(() => ({ features: encoder.forward(x) }), { training: false });
  evaluation.run();
  const evaluated = (await evaluation.read()).features;
  const difference = summaryError('evaluationFeatures', evaluated, fixture.evaluationFeatures);
  // The features are positive: their sum, which counts here, is some thirty times their norm.
  assert.ok(difference < 30 * accepted * float32.evaluationFeaturesRelativeL2, `evaluation: ${difference}`);
  assert.equal(await parameters.read(), trained, 'evaluation changes no parameter and no running statistic');
  training.destroy();
  evaluation.destroy();
}

test('ResNet-18, CIFAR stem: features, every gradient, running statistics and evaluation are PyTorch’s', () =>
  compareWithPyTorch(cifar, 'cifar', 3));

test('ResNet-18, ImageNet stem, images padded to four channels: the same', () =>
  compareWithPyTorch(imagenet, 'imagenet', 4));

/** Names and shapes, in PyTorch's order of axes, and the number of trainable elements. */
function describe(options: ResNetOptions) {
  const parameters = new Parameters(engine.gpu);
  const { featureSize } = createEncoder({ parameters, seed: 0 }, resnet(options));
  const size = parameters.entries.reduce(
    (sum, { trainable, tensor }) => sum + (trainable ? tensor.size : 0),
    0,
  );
  return { featureSize, size, entries: parameters.entries };
}

test('tensors carry torchvision’s names', () => {
  const { entries } = describe({ stem: 'imagenet' });
  const named = new Set(entries.map(({ name }) => name));
  const expected = [...imagenet.parameters, ...imagenet.running].map(({ name }) => name);
  assert.equal(named, new Set(expected));
  const decaying = entries.filter(({ decay }) => decay).map(({ name }) => name);
  assert.equal(
    decaying,
    imagenet.parameters.filter(({ shape }) => shape.length === 4).map(({ name }) => name),
  );
});

test('convolutions start with variance 2/(K²·outputs), norms as the identity', async () => {
  const parameters = new Parameters(engine.gpu);
  createEncoder({ parameters, seed: 0 }, resnet({ stem: 'cifar', width: 16 }));
  const start = await parameters.read();
  const weights = start.get('layer2.0.conv1.weight')!;
  const variance = weights.reduce((sum, value) => sum + value ** 2, 0) / weights.length;
  // From 16 channels to 32. The variance of n normal numbers has a relative standard error of √(2/n); four of them.
  assert.ok(
    Math.abs((variance * 9 * 32) / 2 - 1) < 4 * Math.sqrt(2 / weights.length),
    `variance ${variance}`,
  );
  const expected = { weight: 1, bias: 0, running_mean: 0, running_var: 1 };
  for (const [part, value] of Object.entries(expected))
    assert.ok(
      start.get(`layer2.0.bn2.${part}`)!.every((element) => element === value),
      part,
    );
});

test('the shapes of ResNet-18’s tensors are torchvision’s', () => {
  const shapes = torchShapes(resnet({ stem: 'imagenet' }));
  for (const { name, shape } of imagenet.parameters) assert.equal(shapes.get(name), shape, name);
  // torchvision's resnet18 has 122 entries: 20 counters of batches and two tensors of fc are none of the encoder's.
  assert.is(shapes.size, 100);
});

test('ResNet-34 has torchvision’s number of parameters', () => {
  // 21,797,672 with fc, which has 513,000.
  assert.is(describe({ depth: 34, stem: 'imagenet' }).size, 21_797_672 - 513_000);
});

test('the width multiplies every stage', () => {
  const narrow = describe({ width: 16, stem: 'cifar' });
  assert.is(narrow.featureSize, 128);
  const wide = describe({ width: 64, stem: 'cifar' });
  narrow.entries.forEach(({ name, tensor }, i) => {
    const sides = wide.entries[i]!.tensor.shape.map((side) => (side < 64 ? side : side / 4));
    assert.equal(tensor.shape, sides, name);
  });
});

test.after(() => engine.destroy());
test.run();
