import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeHead, readHead } from '../../src/encoder/classifier_head.ts';
import { readWeights } from '../../src/encoder/encoder_weights.ts';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from '../../src/formats/safetensors.ts';
import { fill } from '../oracle.ts';
import { refusal, weightsFile } from './weights_fixture.ts';

const narrow = { depth: 18, width: 2, stem: 'cifar' } as const;

test('a head comes back with its classes and temperature', () => {
  const layer = { weight: Float64Array.from(fill('w', 6)), bias: Float64Array.of(0.5, -Infinity) };
  const classes = ['cat, "tabby"', 'chien'];
  const read = readHead(encodeHead(layer, classes, 1.25), 'x');
  assert.equal(read, { ...layer, classes, temperature: 1.25 });
  assert.is(readHead(encodeHead(layer, classes), 'x').temperature, 1);
  const { tensors, metadata } = decodeSafetensors(encodeHead(layer, classes), 'x');
  const head = (change: Record<string, string>) => encodeSafetensors(tensors, { ...metadata, ...change });
  assert.match(refusal(head({ classes: '["one"]' }), readHead), /names 1 classes in its metadata but has 2/);
  assert.match(refusal(head({ classes: 'cat' }), readHead), /metadata "classes"/);
  assert.match(refusal(head({ temperature: '-1' }), readHead), /metadata "temperature"/);
  assert.match(refusal(weightsFile(narrow), readHead), /holds no matrix "fc\.weight"/);
});

test('a head says what features it stands on, with the file that holds them', () => {
  const layer = { weight: Float64Array.from(fill('w', 6)), bias: Float64Array.from(fill('b', 2)) };
  const digest = 'a'.repeat(64);
  const file = { path: 'd/f.npy', digest, paths: { path: 'd/f.paths.txt', digest } };
  for (const features of [{ name: 'f.npy', file }, { name: 'f.npy' }]) {
    const bytes = encodeHead(layer, ['a', 'b'], 1, features);
    assert.equal(readHead(bytes, 'x').features, features);
  }
  assert.is(readHead(encodeHead(layer, ['a', 'b']), 'x').features, undefined);
  const { tensors, metadata } = decodeSafetensors(encodeHead(layer, ['a', 'b'], 1, { name: 'f', file }), 'x');
  const changed = encodeSafetensors(tensors, { ...metadata, featureFile: '{"path":"f"}' });
  assert.match(refusal(changed, readHead), /metadata "featureFile"/);
});

test('a head on features of length 1 says so in its file, and no other does', () => {
  const layer = { weight: Float64Array.from(fill('w', 6)), bias: Float64Array.of(0.5, 1) };
  const bytes = encodeHead({ ...layer, unitLength: true }, ['a', 'b']);
  assert.is(readHead(bytes, 'x').unitLength, true);
  assert.not('unitLength' in readHead(encodeHead(layer, ['a', 'b']), 'x'));
  const { tensors, metadata } = decodeSafetensors(bytes, 'x');
  const changed = encodeSafetensors(tensors, { ...metadata, unitLength: 'yes' });
  assert.match(refusal(changed, readHead), /metadata "unitLength"/);
});

test('encoder and head in one file, as a whole torchvision classifier, are read as each', () => {
  const layer = { weight: Float64Array.from(fill('w', 32)), bias: Float64Array.from(fill('b', 2)) };
  const head = decodeSafetensors(encodeHead(layer, ['a', 'b']), 'x');
  const add = (all: Map<string, StoredTensor>) => {
    for (const [name, tensor] of head.tensors) all.set(name, tensor);
  };
  const file = weightsFile(narrow, add, { ...head.metadata });
  assert.equal(readWeights(file, 'x').tensors, readWeights(weightsFile(narrow), 'x').tensors);
  assert.equal(readHead(file, 'x').weight, layer.weight);
});

test.run();
