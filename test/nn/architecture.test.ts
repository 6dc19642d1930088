import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { Parameters } from '../../src/autograd/parameters.ts';
import { createEncoder } from '../../src/nn/encoder.ts';
import { architectureOf, type EncoderOptions, families } from '../../src/nn/family_registry.ts';
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
  ],
};
const all = Object.values(examples).flat();

test('what the forward pass declares are the tensors of the state dict, in its order', () => {
  for (const options of all) {
    const architecture = architectureOf(options);
    const parameters = new Parameters(engine.gpu);
    createEncoder({ parameters, seed: 0 }, architecture);
    const declared = parameters.entries.map(({ name, tensor: { shape } }) => {
      const [kh, kw, inputs, outputs] = shape;
      return [name, shape.length === 4 ? [outputs, inputs, kh, kw] : shape];
    });
    assert.equal(declared, [...torchShapes(architecture)], architecture.title);
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
    const family = families[options.family ?? 'resnet'];
    const shapes = torchShapes(architectureOf(options));
    assert.ok(shapes.has(family.landmark));
    for (const name of shapes.keys()) assert.ok(family.owns(name), name);
    const tensors = new Map([...shapes].map(([name, shape]) => [name, { shape }]));
    assert.equal(family.infer(tensors, assert.unreachable as never), options);
  }
});

test('multiply-adds at 224 pixels are those that torchvision states', () => {
  // In thousand millions, of the whole classifier: fc has 512·1000 of them.
  for (const [depth, stated] of [
    [18, 1.814],
    [34, 3.664],
  ] as const) {
    const counted = multiplyAdds(architectureOf({ depth, stem: 'imagenet' }), 224);
    assert.is(((counted + 512_000) / 1e9).toFixed(3), stated.toFixed(3));
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
