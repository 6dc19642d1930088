import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { encodeWeights, readWeights } from '../../src/encoder/encoder_weights.ts';
import { loadEncoder } from '../../src/encoder/loaded_encoder.ts';
import { encoderMetadata } from '../../src/encoder/metadata.ts';
import { decodeSafetensors, type StoredTensor } from '../../src/formats/safetensors.ts';
import { createEncoder } from '../../src/nn/encoder.ts';
import { architectureOf, type EncoderOptions } from '../../src/nn/family_registry.ts';
import { projectionHead } from '../../src/nn/projection_head.ts';
import { type ResNetOptions, resnet } from '../../src/nn/resnet/resnet.ts';
import { torchShapes } from '../../src/nn/state_dict.ts';
import { imagenetScale, pixelScale } from '../../src/ops/augment.ts';
import cifar from '../fixtures/resnet18_cifar.json';
import { fill, nchwToNhwc, oihwToHwio, relativeError, summaryError } from '../oracle.ts';
import { digest, refusal, renamed, weightsFile } from './weights_fixture.ts';

const engine = await Engine.create();
const narrow = { depth: 18, width: 2, stem: 'cifar' } as const;

test('weights that PyTorch would save give PyTorch’s features', async () => {
  const bytes = weightsFile({ stem: 'cifar' }, (tensors) => {
    for (const { name, shape, scale, offset } of cifar.parameters) {
      const count = shape.reduce((a, b) => a * b, 1);
      const data = fill(name, count, scale, offset) as Float32Array<ArrayBuffer>;
      tensors.set(name, { dtype: 'F32', shape, data });
    }
    for (const { name } of cifar.running) {
      const { shape, data } = tensors.get(name)!;
      const start = new Float32Array(data.length).fill(name.endsWith('var') ? 1 : 0);
      tensors.set(name, { dtype: 'F32', shape, data: start });
    }
  });
  const weights = readWeights(bytes, 'x');
  assert.equal(weights.encoder, { depth: 18, width: 64, stem: 'cifar' });
  const encoder = loadEncoder(engine, weights);
  const [n, c, h, w] = cifar.imagesShape as [number, number, number, number];
  const pixels = nchwToNhwc(fill(cifar.imagesStream, n * c * h * w, cifar.imagesScale), [n, c, h, w]);
  const x = engine.input([n, h, w, c], 'f32', pixels);
  const featuresOf = async (training: boolean) => {
    const program = await engine.compile(() => ({ features: encoder.forward(x) }), { training });
    program.run();
    const { features } = await program.read();
    program.destroy();
    return features;
  };
  // Tolerances as in test/nn/resnet.test.ts: four times what PyTorch's own float32 run differs from float64 by.
  const trained = relativeError(await featuresOf(true), cifar.features);
  assert.ok(trained < 4 * cifar.float32.featuresRelativeL2, `features differ by ${trained}`);
  const evaluated = summaryError('evaluationFeatures', await featuresOf(false), cifar.evaluationFeatures);
  assert.ok(evaluated < 120 * cifar.float32.evaluationFeaturesRelativeL2, `evaluation: ${evaluated}`);
});

const architectures: EncoderOptions[] = [
  narrow,
  // What shapes do not tell comes back from the metadata.
  { depth: 50, width: 2, stem: 'cifar', stride: 'v1', stemPadding: 2, epsilon: 1e-3 },
  { depth: 18, width: 2, stem: 'deep', downsample: 'average' },
  { family: 'cifar-resnet', depth: 20, width: 3, epsilon: 1e-3 },
  { depth: 34, width: 3, stem: 'imagenet' },
  { depth: 18, width: 5, stem: 'imagenet' },
];

test('export → import → export gives the same bytes; import gives back every tensor', async () => {
  for (const encoder of architectures) {
    const parameters = engine.parameters();
    createEncoder({ parameters, seed: 5 }, architectureOf(encoder));
    // Beside the encoder a store may hold others, of which the file has none.
    projectionHead({ parameters, seed: 5 }, 'projector', { sizes: [8, 4], batchNorm: true });
    const notes = { encoder, imageSize: 8, method: 'simclr' };
    const tensors = await parameters.read();
    const bytes = encodeWeights(tensors, notes);
    const weights = readWeights(bytes, 'x');
    assert.equal(weights.encoder, encoder);
    for (const [name, data] of tensors)
      assert.equal(weights.tensors.get(name), name.startsWith('projector.') ? undefined : data, name);
    assert.equal(weights.imageSize, 8);
    assert.equal(encodeWeights(await loadEncoder(engine, weights).parameters.read(), notes), bytes);
  }
});

test('the same weights make the same file, byte for byte', async () => {
  const encoder = { depth: 34, width: 2, stem: 'imagenet' } as const;
  const { tensors } = readWeights(weightsFile(encoder), 'x');
  const file = encodeWeights(tensors, { encoder, imageSize: 24, method: 'simclr', normalise: imagenetScale });
  assert.is(await digest(file), '4a70fa1388f708a5');
});

test('every tensor lands in its place: PyTorch’s O, I, H, W read as H, W, I, O', () => {
  const { tensors } = readWeights(weightsFile(narrow), 'x');
  const stored = decodeSafetensors(weightsFile(narrow), 'x').tensors;
  for (const [name, shape] of torchShapes(resnet(narrow))) {
    const data = stored.get(name)!.data as Float32Array;
    assert.equal(tensors.get(name), shape.length === 4 ? oihwToHwio(data, shape) : data, name);
  }
});

test('prefixes of wrappers are read away; heads and projectors are left alone', () => {
  const expected = readWeights(weightsFile(narrow), 'x').tensors;
  const extra: StoredTensor = { dtype: 'F32', shape: [1], data: Float32Array.of(1) };
  for (const prefix of ['module.', 'encoder.', 'backbone.', 'model.', 'module.backbone.']) {
    const file = weightsFile(narrow, (tensors) => {
      renamed((name) => prefix + name)(tensors);
      for (const name of [`${prefix}fc.weight`, 'projector.0.weight', 'head.bias', 'momentum.conv1.weight'])
        tensors.set(name, extra);
      const counted = { dtype: 'I64', shape: [], data: BigInt64Array.of(3n) } as const;
      tensors.set(`${prefix}layer1.0.bn1.num_batches_tracked`, counted);
    });
    assert.equal(readWeights(file, 'x').tensors, expected, prefix);
  }
});

test('half and double precision are read', () => {
  const expected = readWeights(weightsFile(narrow), 'x').tensors.get('layer1.0.bn1.weight')!;
  const file = weightsFile(narrow, (tensors) => {
    const { shape, data } = tensors.get('layer1.0.bn1.weight')!;
    tensors.set('layer1.0.bn1.weight', {
      dtype: 'F64',
      shape,
      data: Float64Array.from(data as Float32Array),
    });
  });
  assert.equal(readWeights(file, 'x').tensors.get('layer1.0.bn1.weight'), expected);
  // By hand, since our writer writes no half floats: 1.5 is 3E00 in binary16 and 3FC0 in bfloat16.
  for (const [dtype, bits] of [
    ['F16', 0x3e00],
    ['BF16', 0x3fc0],
  ] as const) {
    const whole = weightsFile(narrow, (tensors) => {
      tensors.set('bn1.weight', { dtype: 'U16', shape: [2], data: Uint16Array.of(bits, bits) });
    });
    const view = new DataView(whole.buffer);
    const length = Number(view.getBigUint64(0, true));
    const header = new TextDecoder().decode(whole.subarray(8, 8 + length)).replace('"U16"', `"${dtype}"`);
    const json = new TextEncoder().encode(header.padEnd(length + 8));
    const file = new Uint8Array(8 + json.length + whole.length - 8 - length);
    new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
    file.set(json, 8);
    file.set(whole.subarray(8 + length), 8 + json.length);
    assert.equal(readWeights(file, 'x').tensors.get('bn1.weight'), Float32Array.of(1.5, 1.5), dtype);
  }
});

const refused = (bytes: Uint8Array) => refusal(bytes, readWeights);

test('what does not fit is refused, with the tensor and what was expected', () => {
  const set =
    (name: string, shape: number[], value = 1) =>
    (tensors: Map<string, StoredTensor>) => {
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value);
      tensors.set(name, { dtype: 'F32', shape, data });
    };
  const cases: [RegExp, (tensors: Map<string, StoredTensor>) => void][] = [
    [/lacks "layer3\.1\.bn2\.running_var" of shape \[8\]/, (all) => all.delete('layer3.1.bn2.running_var')],
    [
      /has "layer1\.0\.conv1\.weight" of shape \[2, 2, 5, 5\], not \[2, 2, 3, 3\]/,
      set('layer1.0.conv1.weight', [2, 2, 5, 5]),
    ],
    [/has "conv1\.weight" of shape \[2, 1, 3, 3\], not \[2, 3, 3, 3\]/, set('conv1.weight', [2, 1, 3, 3])],
    [/"conv1\.weight" of shape \[2,3,5,5\], not \[width, 3, 7, 7\]/, set('conv1.weight', [2, 3, 5, 5])],
    [/"conv1\.weight" of shape \[0,3,3,3\]/, set('conv1.weight', [0, 3, 3, 3])],
    [
      /has 2, 2, 2, 2 bottleneck blocks in layer1 to layer4, not 3, 4, 6, 3 or 3, 4, 23, 3/,
      set('layer1.0.conv3.weight', [8, 2, 1, 1]),
    ],
    [
      /has 3, 2, 2, 2 basic blocks in layer1 to layer4, not 2, 2, 2, 2 or 3, 4, 6, 3/,
      set('layer1.2.conv1.weight', [2, 2, 3, 3]),
    ],
    [/holds "layer1\.0\.se\.weight", which a ResNet-18 does not have/, set('layer1.0.se.weight', [2])],
    [/holds "conv1\.bias", which/, set('conv1.bias', [2])],
    [/"bn1\.weight" that are not finite/, set('bn1.weight', [2], Number.NaN)],
    [/"bn1\.running_var" that are no variances/, set('bn1.running_var', [2], -1)],
    [
      /holds blocks of a ResNet \("layer1\.0\.conv1\.weight"\) and no first convolution/,
      (all) => all.delete('conv1.weight'),
    ],
    [
      /lacks "bn1\.weight" of shape \[2\]; has "bn1\.bias" of shape \[3\], not \[2\]; holds "bn9\.bias", which/,
      (all) => {
        all.delete('bn1.weight');
        set('bn1.bias', [3])(all);
        set('bn9.bias', [3])(all);
      },
    ],
    [
      /lacks "layer3\.0\.bn1\.weight" of shape \[8\], "layer3\.0\.bn1\.bias" of shape \[8\] and 12 more/,
      (all) => {
        for (const name of [...all.keys()]) if (/^layer3\.0\.(?!conv1)/.test(name)) all.delete(name);
      },
    ],
    [
      /"bn1\.bias" of dtype I32, not floating point/,
      (all) => all.set('bn1.bias', { dtype: 'I32', shape: [2], data: Int32Array.of(1, 2) }),
    ],
  ];
  for (const [message, change] of cases) assert.match(refused(weightsFile(narrow, change)), message);
});

test('normalisation: as the metadata says, else ImageNet’s for foreign weights of its stem, else our own', () => {
  const large = { ...narrow, stem: 'imagenet' } as const;
  const scale = (options: ResNetOptions, metadata?: Record<string, string>) =>
    readWeights(
      weightsFile(options, () => {}, metadata),
      'x',
    ).normalise;
  assert.equal(scale(large, { format: 'pt' }), imagenetScale);
  assert.equal(scale(narrow, { format: 'pt' }), pixelScale);
  assert.equal(scale(large, { encoder: JSON.stringify(large) }), pixelScale);
  const stated = { mean: [0.1, 0.2, 0.3], std: [1, 2, 3] } as const;
  for (const normalise of [stated, imagenetScale])
    assert.equal(
      scale(large, encoderMetadata({ encoder: large, imageSize: 32, method: 'simclr', normalise })),
      normalise,
    );
  for (const normalise of ['', '{}', '{"mean":[0,0,0],"std":[0,1,1]}', '{"mean":[0,0],"std":[1,1]}'])
    assert.match(refused(weightsFile(narrow, () => {}, { normalise })), /metadata "normalise"/);
});

test.after(() => engine.destroy());
test.run();
