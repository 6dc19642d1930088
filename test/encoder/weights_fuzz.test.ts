import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeHead, readHead } from '../../src/encoder/classifier_head.ts';
import { readWeights } from '../../src/encoder/encoder_weights.ts';
import { UserError } from '../../src/errors.ts';
import type { StoredTensor } from '../../src/formats/safetensors.ts';
import { stateDict, weightsFile } from './weights_fixture.ts';

const options = { depth: 18, width: 1, stem: 'cifar' } as const;

/** Reads or refuses with a UserError of one line; anything else fails. What is read is whole and finite. */
function survives(bytes: Uint8Array): void {
  for (const read of [readWeights, readHead]) {
    try {
      const result = read(bytes, 'x');
      if ('tensors' in result) {
        assert.ok([...result.tensors.values()].every((data) => data.every(Number.isFinite)));
      }
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      assert.not.match(error.message, /\n/);
    }
  }
}

const whole = weightsFile(options);
const head = encodeHead({ weight: new Float32Array(6), bias: new Float32Array(2) }, ['a', 'b'], 2);

test('files with bytes changed, cut or added are read or refused, never a crash', () => {
  const headerLength = Number(new DataView(whole.buffer).getBigUint64(0, true));
  const place = fc.oneof(fc.nat(), fc.nat(headerLength), fc.nat(8));
  const value = fc.oneof(fc.nat(255), fc.constantFrom(...[...'{}[]",:0-9e\\'].map((c) => c.charCodeAt(0))));
  const edits = fc.array(fc.tuple(place, value), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(
      fc.constantFrom(whole, head),
      edits,
      fc.integer({ min: -8, max: 8 }),
      (file, changes, extra) => {
        const bytes = new Uint8Array(file.length + Math.max(0, extra));
        bytes.set(file);
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        survives(bytes.subarray(0, file.length + extra));
      },
    ),
    { numRuns: 500 },
  );
});

test('well-formed files of odd tensors and metadata are read or refused, never a crash', () => {
  const name = fc.oneof(
    fc.constantFrom(
      ...stateDict(options).keys(),
      'fc.weight',
      'fc.bias',
      'layer9.0.conv1.weight',
      '__proto__',
    ),
    fc
      .constantFrom('module.', 'encoder.model.', '')
      .chain((prefix) =>
        fc.constantFrom('conv1.weight', 'layer1.2.conv1.weight').map((rest) => prefix + rest),
      ),
    fc.string(),
  );
  const shape = fc.array(fc.constantFrom(0, 1, 2, 3, 7), { maxLength: 5 });
  const tensor = fc
    .tuple(fc.constantFrom('F32', 'F64', 'I32'), shape, fc.float())
    .map(([dtype, sides, value]) => {
      const count = sides.reduce<number>((a, b) => a * b, 1);
      const data =
        dtype === 'F32'
          ? new Float32Array(count).fill(value)
          : dtype === 'F64'
            ? new Float64Array(count).fill(1e300)
            : new Int32Array(count);
      return { dtype, shape: sides, data } as StoredTensor;
    });
  const text = fc.oneof(fc.string(), fc.json(), fc.constant('{"mean":[0,0,0],"std":[1,1,1]}'));
  const metadata = fc.dictionary(
    fc.oneof(fc.constantFrom('normalise', 'imageSize', 'classes', 'temperature', 'encoder'), fc.string()),
    text,
  );
  const changes = fc.array(fc.tuple(name, fc.option(tensor)), { maxLength: 3 });
  fc.assert(
    fc.property(changes, metadata, (edits, notes) => {
      const file = weightsFile(
        options,
        (tensors) => {
          for (const [key, replacement] of edits.filter(([key]) => key !== '__metadata__')) {
            if (replacement) tensors.set(key, replacement);
            else tensors.delete(key);
          }
        },
        notes,
      );
      survives(file);
    }),
    { numRuns: 300 },
  );
});

test.run();
