import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readWeights } from '../../src/encoder/encoder_weights.ts';
import { encodeSafetensors, type StoredTensor } from '../../src/formats/safetensors.ts';
import { architectureOf } from '../../src/nn/family_registry.ts';
import { torchShapes } from '../../src/nn/state_dict.ts';
import named from '../fixtures/named_weights.json';
import { oihwToHwio } from '../oracle.ts';
import { behind, kuangliu, numbered, transformers } from './renames.ts';
import { renamed, weightsFile } from './weights_fixture.ts';

const basic = { depth: 18, width: 2, stem: 'cifar' } as const;

const one = (shape: number[]): StoredTensor => ({
  dtype: 'F32',
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1),
});

test('a file of torch.save: each tensor of the query encoder in its place', () => {
  const bytes = Uint8Array.from(atob(named.moco), (character) => character.charCodeAt(0));
  const { encoder, tensors, head, source } = readWeights(bytes, 'moco.pth.tar');
  assert.equal(encoder, { family: 'cifar-resnet', depth: 20, width: 1 });
  assert.is(head, undefined);
  assert.equal(source.passedOver, ['state_dict.module.encoder_k.']);
  assert.equal([...source.leftOver].sort(), ['encoder_k', 'fc', 'queue']);
  const { notes, ...rest } = source;
  assert.is(rest.format, 'pytorch');
  assert.is(rest.prefix, 'state_dict.module.encoder_q.');
  assert.match(notes.join(' '), /query encoder/);
  [...torchShapes(architectureOf(encoder))].forEach(([name, shape], t) => {
    const count = shape.reduce((a, b) => a * b, 1);
    const data = Float32Array.from({ length: count }, (_, i) => ((i + t) % 64) / 32 + 0.5);
    assert.equal(tensors.get(name), shape.length === 4 ? oihwToHwio(data, shape) : data, name);
  });
});

test('whatever stands before a whole encoder is stripped, in any order', () => {
  const expected = readWeights(weightsFile(basic), 'x').tensors;
  const wrapper = fc.oneof(
    fc.constantFrom(
      'module',
      '_orig_mod',
      'state_dict',
      'model',
      'net',
      'encoder',
      'backbone',
      'f',
      'layer1',
      '0',
      '7',
    ),
    fc.stringMatching(/^[a-z_0-9]{1,6}$/),
  );
  const naming = fc.constantFrom(...(['torchvision', 'Sequential', 'transformers', 'shortcuts'] as const));
  fc.assert(
    fc.property(fc.array(wrapper, { maxLength: 5 }), naming, (wrappers, dialect) => {
      const prefix = wrappers.map((word) => `${word}.`).join('');
      const rename = {
        torchvision: behind(prefix),
        Sequential: numbered(prefix, 0, 1, 4),
        transformers: transformers(prefix),
        shortcuts: (name: string) => prefix + kuangliu(name),
      }[dialect];
      const { tensors, source } = readWeights(weightsFile(basic, renamed(rename)), 'x');
      assert.is(source.prefix, prefix);
      assert.equal(tensors, expected);
    }),
    { numRuns: 40, seed: 11 },
  );
});

test('a file of very many encoders is refused in a moment', () => {
  const tensors = new Map<string, StoredTensor>();
  for (let i = 0; i < 20_000; i++) {
    for (const name of ['conv1', 'layer1.0.conv1', 'layer1.1.conv1'])
      tensors.set(`e${i}.${name}.weight`, one([1, 3, 1, 1]));
  }
  const start = performance.now();
  assert.throws(() => readWeights(encodeSafetensors(tensors), 'x'), /x holds more than 64 encoders/);
  // Far above what it takes on a busy machine, far below what a comparison of all with all would.
  assert.ok(performance.now() - start < 20_000);
});

test('wrappers within a network are read away, and a stem by another name is found', () => {
  const expected = readWeights(weightsFile(basic), 'x').tensors;
  const inner: ((name: string) => string)[] = [
    (name) => name.replace(/^(layer\d\.\d)/, 'module.$1._fsdp_wrapped_module._checkpoint_wrapped_module'),
    (name) =>
      name.replace(/^(layer\d)/, 'backbone.$1._orig_mod').replace(/^(conv1|bn1)/, 'backbone.$1._orig_mod'),
    (name) => name.replace(/^(\w+)/, 'f.$1.module'),
    (name) => name.replace(/^conv1/, 'layer0.conv1').replace(/^bn1/, 'layer0.bn1'),
    (name) =>
      name
        .replace(/^conv1/, 'encoder.layer0.0')
        .replace(/^bn1/, 'encoder.layer0.1')
        .replace(/^(?=layer[1-9])/, 'encoder.'),
  ];
  for (const rename of inner)
    assert.equal(readWeights(weightsFile(basic, renamed(rename)), 'x').tensors, expected);
});

test.run();
