import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readWeights } from '../../src/encoder/encoder_weights.ts';
import { normaliseTwice } from '../../src/encoder/names/pixels.ts';
import type { StoredTensor } from '../../src/formats/safetensors.ts';
import { type Normalisation, perChannel, pixelScale } from '../../src/ops/augment.ts';
import { refusal, renamed, weightsFile } from './weights_fixture.ts';

const narrow = { depth: 18, width: 2, stem: 'cifar' } as const;
const bottlenecks = { depth: 50, width: 1, stem: 'imagenet' } as const;

const f32 = (shape: number[], values: readonly number[]): StoredTensor => ({
  dtype: 'F32',
  shape,
  data: Float32Array.from(values),
});
const ramp = (...shape: number[]) =>
  f32(
    shape,
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i / 8 - 1),
  );

test('the file’s own classifier is kept, by its name and its width', () => {
  const head = (extra: Readonly<Record<string, StoredTensor>>, prefix = '') =>
    readWeights(
      weightsFile(narrow, (all) => {
        renamed((name) => prefix + name)(all);
        for (const [name, tensor] of Object.entries(extra)) all.set(name, tensor);
      }),
      'x',
    ).head;
  const linear = head({ 'fc.weight': ramp(3, 16), 'fc.bias': f32([3], [1, 2, 3]) });
  assert.is(linear?.name, 'fc');
  assert.equal([...linear!.bias], [1, 2, 3]);
  assert.equal(linear!.weight, Float64Array.from(ramp(3, 16).data as Float32Array));
  assert.is(head({ 'module.linear.weight': ramp(3, 16) }, 'module.')?.name, 'module.linear');
  assert.equal([...head({ 'module.linear.weight': ramp(3, 16) }, 'module.')!.bias], [0, 0, 0]);
  assert.is(
    head({ 'classifier.1.weight': ramp(3, 16), 'classifier.1.bias': ramp(3) }, 'resnet.')?.name,
    'classifier.1',
  );
  assert.is(head({ 'head.fc.weight': ramp(3, 16) }, 'backbone.')?.name, 'head.fc');
  for (const none of [
    { 'fc.weight': ramp(3, 15) },
    { 'fc.0.weight': ramp(3, 16), 'fc.2.weight': ramp(3, 16) },
    { 'projector.weight': ramp(3, 16) },
    { 'fc.weight': ramp(3, 16), 'fc.bias': ramp(4) },
    { 'fc.weight': f32([2, 16], Array(32).fill(Number.NaN)) },
    { 'classifier.weight': ramp(3, 16), 'linear.weight': ramp(4, 16) },
  ])
    assert.is(head(none), undefined);
  // MoCo's fc is the projection.
  assert.is(head({ 'module.encoder_q.fc.weight': ramp(3, 16) }, 'module.encoder_q.'), undefined);
});

test('a norm of the pixels before the first convolution becomes part of their normalisation', () => {
  // nn.Sequential(BatchNorm2d(3), *resnet.children()): https://github.com/lightly-ai/lightly/pull/870
  const shifted = (name: string) =>
    `model.backbone.${name
      .replace(/^conv1/, '1')
      .replace(/^bn1/, '2')
      .replace(/^layer(\d)/, (_, k) => `${Number(k) + 2}`)}`;
  const norm = {
    weight: [2, 0.5, 1],
    bias: [0.1, -0.2, 0],
    running_mean: [0.3, 0.2, -0.1],
    running_var: [0.5, 1, 2],
  };
  const file = (values: typeof norm) =>
    weightsFile(narrow, (all) => {
      renamed(shifted)(all);
      for (const [part, numbers] of Object.entries(values))
        all.set(`model.backbone.0.${part}`, f32([3], numbers));
    });
  const { normalise, pixelNorm, tensors, encoder } = readWeights(file(norm), 'x');
  assert.equal(encoder, narrow);
  assert.equal(tensors, readWeights(weightsFile(narrow), 'x').tensors);
  const apply = ({ mean, std }: Normalisation, x: number, c: 0 | 1 | 2) =>
    (x - perChannel(mean)[c]) / perChannel(std)[c];
  for (const c of [0, 1, 2] as const) {
    for (const x of [0, 0.3, 1]) {
      const usual = (x - pixelScale.mean) / pixelScale.std;
      const normed =
        (norm.weight[c]! * (usual - norm.running_mean[c]!)) / Math.sqrt(norm.running_var[c]! + 1e-5) +
        norm.bias[c]!;
      // Both in double precision, from numbers that the file holds as float32.
      assert.ok(Math.abs(apply(normalise, x, c) - normed) < 1e-6, `channel ${c} at ${x}`);
    }
  }
  assert.equal(normaliseTwice(pixelScale, pixelNorm!), normalise);
  const turned = refusal(file({ ...norm, weight: [1, -1, 1] }), readWeights);
  assert.match(turned, /has a norm of the pixels \("model\.backbone\.0\.\w+"\)/);
});

test('a model’s own buffers of mean and deviation say how pixels are normalised', () => {
  const scale = (extra: Readonly<Record<string, StoredTensor>>) => {
    const { normalise, source } = readWeights(
      weightsFile(narrow, (all) => {
        for (const [name, tensor] of Object.entries(extra)) all.set(name, tensor);
      }),
      'x',
    );
    return { normalise, from: source.normalisation };
  };
  const [mean, std] = [
    [0.5, 0.25, 0.125],
    [0.25, 0.5, 1],
  ];
  const stated = { normalise: { mean, std }, from: 'tensors' };
  assert.equal(
    scale({ 'normalizer.new_mean': f32([1, 3, 1, 1], mean), 'normalizer.new_std': f32([1, 3, 1, 1], std) }),
    stated,
  );
  assert.equal(scale({ '0.mean': f32([3], mean), '0.std': f32([3], std) }), stated);
  const levels = {
    pixel_mean: f32(
      [3, 1, 1],
      mean.map((v) => 255 * v),
    ),
    pixel_std: f32(
      [3, 1, 1],
      std.map((v) => 255 * v),
    ),
  };
  assert.equal(scale(levels), stated);
  const usual = { normalise: pixelScale, from: 'family' };
  for (const odd of [
    { mean: f32([3], mean) },
    { mean: f32([3], mean), std: f32([3], [0, 1, 1]) },
    { mean: f32([2], [0, 1]), std: f32([2], [1, 1]) },
    { 'a.mean': f32([3], mean), 'a.std': f32([3], std), 'b.mean': f32([3], std), 'b.std': f32([3], std) },
  ])
    assert.equal(scale(odd), usual);
});

test('what shapes do not tell is said, and taken from whoever states it', () => {
  const notes = (bytes: Uint8Array, stated = {}) => readWeights(bytes, 'x', stated).source.notes.join(' ');
  const file = weightsFile(bottlenecks);
  assert.match(
    notes(file),
    /stride on the 3×3 convolution \(v1\.5\).*older weights have it on the first 1×1/,
  );
  assert.match(notes(file), /add 0\.00001 to variances/);
  const { encoder, source } = readWeights(file, 'x', { stride: 'v1', epsilon: 0.001 });
  assert.equal(encoder, { ...bottlenecks, stride: 'v1', epsilon: 0.001 });
  assert.match(source.notes.join(' '), /first 1×1 convolution \(v1\)/);
  assert.match(notes(weightsFile(narrow), { stemPadding: 2 }), /padding 2, without a max-pool/);
  const fresh = weightsFile(narrow, (all) => {
    for (const [name, { shape }] of [...all]) {
      const value = name.endsWith('.running_mean') ? 0 : 1;
      if (name.includes('running')) all.set(name, f32([...shape], Array(shape[0]!).fill(value)));
    }
  });
  assert.match(notes(fresh), /as if it was never trained/);
  assert.not.match(notes(weightsFile(narrow)), /never trained/);
  const segmented = weightsFile(narrow, (all) => {
    renamed((name) => `backbone.${name}`)(all);
    all.set('aux_classifier.0.weight', ramp(2, 8, 3, 3));
  });
  assert.match(notes(segmented), /a network for segmentation, whose last stages may have been dilated/);
  // Our own files say all.
  const ours = weightsFile({ ...bottlenecks, stride: 'v1' }, () => {}, {
    encoder: JSON.stringify({ ...bottlenecks, stride: 'v1' }),
  });
  assert.equal(readWeights(ours, 'x').source.notes, []);
  assert.is(readWeights(ours, 'x').encoder.family ?? 'resnet', 'resnet');
  assert.equal(readWeights(ours, 'x').encoder, { ...bottlenecks, stride: 'v1' });
});

test.run();
