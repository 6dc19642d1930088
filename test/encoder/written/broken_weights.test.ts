import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeHead, readHead } from '../../../src/encoder/classifier_head.ts';
import { encodeWeights, readWeights } from '../../../src/encoder/encoder_weights.ts';
import { encodeOnnx } from '../../../src/encoder/onnx_model.ts';
import { RunError } from '../../../src/errors.ts';
import { fill } from '../../oracle.ts';
import { weightsFile } from '../weights_fixture.ts';

// A network with a number that is none gives no file, in whatever format.
const weights = readWeights(weightsFile({ depth: 18, width: 2, stem: 'cifar' }), 'x');
const notes = { encoder: weights.encoder, method: 'simclr', imageSize: 8, normalise: weights.normalise };
const classes = ['a', 'b'];
const layer = { weight: Float64Array.from(fill('w', 32)), bias: Float64Array.from(fill('b', 2)) };
const head = { ...layer, classes, temperature: 1 };
const about = { imageSize: 8, version: 'test' };

const broken = (name: string, value: number) => {
  const data = weights.tensors.get(name)!;
  return new Map([...weights.tensors, [name, data.with(data.length - 1, value)]]);
};

function refused(write: () => unknown, says: RegExp): void {
  assert.throws(write, (error: Error) => error instanceof RunError && says.test(error.message));
}

test('an encoder is not written where any of its tensors has a number that is not finite', () => {
  encodeWeights(weights.tensors, notes);
  encodeOnnx({ weights, ...about });
  for (const [name, value] of [
    ['conv1.weight', Number.NaN],
    ['bn1.running_var', Infinity],
    ['layer4.1.bn2.bias', -Infinity],
    ['layer2.0.downsample.1.running_mean', Number.NaN],
  ] as const) {
    const says = new RegExp(
      `^the encoder is not written: its tensor '${name}' is broken, 1 of its \\d+ numbers is ${value}; .* lower learningRate`,
    );
    refused(() => encodeWeights(broken(name, value), notes), says);
    refused(() => encodeOnnx({ weights: { ...weights, tensors: broken(name, value) }, ...about }), says);
  }
});

test('a classifier is not written with a number that is not finite, but for the bias of a class that is never predicted', () => {
  const never = { ...layer, bias: Float64Array.of(-Infinity, 1) };
  assert.is(readHead(encodeHead(never, classes), 'x').bias[0], -Infinity);
  for (const [part, value] of [
    ['weight', Number.NaN],
    ['weight', -Infinity],
    ['bias', Number.NaN],
    ['bias', Infinity],
  ] as const) {
    const bad = { ...layer, [part]: layer[part].with(1, value) };
    const says = new RegExp(
      `^the classifier is not written: its tensor 'fc\\.${part}' is broken, 1 of its \\d+ numbers is ${value}`,
    );
    refused(() => encodeHead(bad, classes), says);
    refused(() => encodeOnnx({ weights, head: { ...head, ...bad }, ...about }), says);
  }
});

test.run();
