import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { Parameters } from '../../src/autograd/parameters.ts';
import { createEncoder } from '../../src/nn/encoder.ts';
import {
  architectureOf,
  type EncoderOptions,
  families,
  familyOf,
  inferEncoder,
  parseEncoderOptions,
  withUntold,
} from '../../src/nn/family_registry.ts';
import { multiplyAdds } from '../../src/nn/multiply_adds.ts';
import { torchShapes, torchTensors } from '../../src/nn/state_dict.ts';

const engine = await Engine.create();

/** Encoders of each family; one without any does not compile. */
const examples: Record<keyof typeof families, EncoderOptions[]> = {
  resnet: [
    { depth: 18, width: 4, stem: 'cifar' },
    { depth: 34, width: 3, stem: 'cifar' },
    { depth: 18, width: 5, stem: 'imagenet' },
    { depth: 34, width: 2, stem: 'imagenet' },
    { depth: 18, width: 4, stem: 'deep', downsample: 'average' },
    { depth: 50, width: 2, stem: 'imagenet' },
    { depth: 50, width: 3, stem: 'deep', downsample: 'average' },
    { depth: 50, width: 2, stem: 'imagenet', baseWidth: 128 },
    { depth: 101, width: 1, stem: 'cifar', downsample: 'average' },
  ],
  'cifar-resnet': [
    { family: 'cifar-resnet', depth: 20, width: 3 },
    { family: 'cifar-resnet', depth: 56, width: 2 },
    { family: 'cifar-resnet', depth: 32, width: 1, shortcut: 'projection' },
  ],
  vit: [
    { family: 'vit', patch: 11, grid: 3, width: 8, depth: 2 },
    { family: 'vit', patch: 3, grid: 11, width: 12, depth: 1, mlpRatio: 2.5, registers: 3, layerScale: true },
    { family: 'vit', patch: 33, grid: 1, width: 4, depth: 1, classPosition: false, qkvBias: false },
  ],
};
const all = Object.values(examples).flat();

/** The shape of one of PyTorch's tensors in the engine. */
function engineShape(name: string, shape: readonly number[]): readonly number[] {
  const [outputs, inputs, kh, kw] = shape as [number, number, number, number];
  // A convolution by disjoint windows is a product of their rows.
  if (name === 'patch_embed.proj.weight') return [kh * kw * inputs, outputs];
  if (shape.length === 4) return [kh, kw, inputs, outputs];
  if (shape.length === 3) return shape.slice(1);
  return shape.toReversed();
}

test('what the forward pass declares are the tensors of the state dict, in its order', () => {
  for (const options of all) {
    const architecture = architectureOf(options);
    const parameters = new Parameters(engine.gpu);
    createEncoder({ parameters, seed: 0 }, architecture);
    const declared = parameters.entries.map(({ name, tensor: { shape } }) => [name, shape]);
    const expected = [...torchShapes(architecture)].map(([name, shape]) => [name, engineShape(name, shape)]);
    assert.equal(declared, expected, architecture.title);
  }
});

test('the forward pass gives as many features as the architecture says, of sides that pooling does not divide', async () => {
  for (const options of all) {
    const architecture = architectureOf(options);
    const parameters = engine.parameters();
    const encoder = createEncoder({ parameters, seed: 0 }, architecture);
    const images = engine.input([2, 33, 33, 3]);
    const program = await engine.compile(() => ({ features: encoder.forward(images) }), { training: false });
    assert.equal(program.outputs.features.shape, [2, architecture.featureSize], architecture.title);
    assert.is(encoder.featureSize, architecture.featureSize);
    program.destroy();
    parameters.destroy();
    engine.free(images);
  }
});

test('options come back from the shapes of the state dict', () => {
  for (const options of all) {
    const family = familyOf(options);
    const shapes = torchShapes(architectureOf(options));
    for (const name of shapes.keys()) assert.ok(family.owns(name), name);
    const tensors = new Map([...shapes].map(([name, shape]) => [name, { shape }]));
    const fitting = Object.values(families).filter(({ fits }) => fits(tensors));
    assert.equal(fitting, [family], 'one family alone takes them');
    assert.equal(inferEncoder(tensors, assert.unreachable as never), options);
  }
});

test('what shapes do not tell is taken from what states it, as far as the family has it', () => {
  const bottlenecks = { depth: 50, width: 2, stem: 'cifar' } as const;
  const untold = { stride: 'v1', stemPadding: 2, epsilon: 1e-3 } as const;
  const stated = { ...untold, depth: 101, width: 9, stem: 'imagenet' } as const;
  assert.equal(withUntold(bottlenecks, stated), { ...bottlenecks, ...untold });
  assert.equal(withUntold(bottlenecks, {}), bottlenecks);
  const small = { family: 'cifar-resnet', depth: 20, width: 2 } as const;
  assert.equal(withUntold(small, stated), { ...small, epsilon: 1e-3 });
  // Weights that are built either way have the same shapes, which is why they do not tell.
  const shapes = (options: EncoderOptions) => [...torchShapes(architectureOf(options))];
  assert.equal(shapes(withUntold(bottlenecks, untold)), shapes(bottlenecks));
});

test('options of unknown origin are taken as they are or not at all', () => {
  for (const options of all) assert.is(parseEncoderOptions(options), options);
  const whole = { stem: 'cifar', stride: 'v1', stemPadding: 2, epsilon: 0.001, baseWidth: 128 };
  assert.is(parseEncoderOptions(whole), whole);
  const wrong: unknown[] = [
    undefined,
    null,
    'resnet18',
    {},
    { depth: 18 },
    { stem: 'vit' },
    { stem: 'cifar', depth: 20 },
    { stem: 'cifar', width: 0 },
    { stem: 'cifar', width: 1.5 },
    { stem: 'cifar', width: 1e9 },
    { stem: 'cifar', epsilon: Number.NaN },
    { stem: 'cifar', stride: 2 },
    { stem: 'cifar', toString: 1 },
    { family: 'vit', stem: 'cifar' },
    { family: 'vit', patch: 14 },
    { family: 'vit', patch: 14, grid: 16, pooling: 'max' },
    { family: 'vit', patch: 14, grid: 16, heads: 0 },
    { family: 'swin' },
    { family: 'constructor' },
    { family: 'cifar-resnet', depth: 18 },
    { family: 'cifar-resnet', stem: 'cifar' },
    [],
  ];
  for (const value of wrong) assert.is(parseEncoderOptions(value), undefined, JSON.stringify(value));
});

test('multiply-adds at 224 pixels are those that torchvision states', () => {
  // In thousand millions, of the whole classifier: fc has a thousand for each feature.
  const stated: readonly [EncoderOptions, number][] = [
    [{ depth: 18, stem: 'imagenet' }, 1.814],
    [{ depth: 34, stem: 'imagenet' }, 3.664],
    [{ depth: 50, stem: 'imagenet' }, 4.089],
    [{ depth: 101, stem: 'imagenet' }, 7.801],
    [{ depth: 50, stem: 'imagenet', baseWidth: 128 }, 11.398],
  ];
  for (const [options, thousandMillions] of stated) {
    const architecture = architectureOf(options);
    const counted = multiplyAdds(architecture, 224) + 1000 * architecture.featureSize;
    assert.is((counted / 1e9).toFixed(3), thousandMillions.toFixed(3));
  }
});

test('multiply-adds of vision transformers at 224 pixels are those that their papers state', () => {
  // DeiT's paper (arXiv 2012.12877, table 5): 1.3, 4.6 and 17.6 thousand millions.
  for (const [width, thousandMillions] of [
    [192, 1.3],
    [384, 4.6],
    [768, 17.6],
  ] as const) {
    const architecture = architectureOf({ family: 'vit', patch: 16, grid: 14, width });
    assert.is((multiplyAdds(architecture, 224) / 1e9).toFixed(1), thousandMillions.toFixed(1));
  }
});

test('a state dict without one of the encoder’s tensors is not written', () => {
  const architecture = architectureOf({ stem: 'cifar', width: 1 });
  const tensors = new Map(
    [...torchShapes(architecture)].map(([name, shape]) => {
      return [name, new Float32Array(shape.reduce((a, b) => a * b, 1))];
    }),
  );
  assert.is(torchTensors(architecture, tensors).size, tensors.size);
  tensors.delete('layer4.1.bn2.running_var');
  assert.throws(() => torchTensors(architecture, tensors), /no tensor 'layer4\.1\.bn2\.running_var'/);
});

test.after(() => engine.destroy());
test.run();
