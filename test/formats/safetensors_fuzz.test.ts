import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UserError } from '../../src/errors.ts';
import {
  decodeSafetensors,
  encodeSafetensors,
  type StoredDtype,
  type StoredTensor,
} from '../../src/formats/safetensors.ts';
import { file } from './safetensors_file.ts';

const kinds: Record<StoredDtype, (bytes: ArrayBuffer) => StoredTensor['data']> = {
  F64: (bytes) => new Float64Array(bytes),
  F32: (bytes) => new Float32Array(bytes),
  I64: (bytes) => new BigInt64Array(bytes),
  U64: (bytes) => new BigUint64Array(bytes),
  I32: (bytes) => new Int32Array(bytes),
  U32: (bytes) => new Uint32Array(bytes),
  I16: (bytes) => new Int16Array(bytes),
  U16: (bytes) => new Uint16Array(bytes),
  I8: (bytes) => new Int8Array(bytes),
  U8: (bytes) => new Uint8Array(bytes),
  BOOL: (bytes) => new Uint8Array(bytes),
};

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
const tensor = fc
  .tuple(fc.constantFrom(...(Object.keys(kinds) as StoredDtype[])), shapes)
  .chain(([dtype, shape]) => {
    const size = 8 * shape.reduce((product, side) => product * side, 1);
    return fc.uint8Array({ minLength: size, maxLength: size }).map((bytes): StoredTensor => {
      const width = kinds[dtype](new ArrayBuffer(0)).BYTES_PER_ELEMENT;
      return { dtype, shape, data: kinds[dtype](bytes.slice(0, (size / 8) * width).buffer as ArrayBuffer) };
    });
  });
const hardNames = fc.constantFrom(
  '__proto__',
  'constructor',
  'hasOwnProperty',
  '0',
  '17',
  '',
  '"',
  '\\',
  '\ud800',
);
const name = fc.oneof(hardNames, fc.string({ unit: 'binary' })).filter((text) => text !== '__metadata__');
const content = fc.array(fc.tuple(name, tensor), { maxLength: 6 }).map((entries) => new Map(entries));
const metadata = fc
  .array(fc.tuple(name, fc.string({ unit: 'binary' })))
  .map((entries) => Object.fromEntries(entries));

const raw = ({ data }: StoredTensor) => [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];

test('what is encoded is decoded: any names, shapes and bits, NaN payloads included', () => {
  fc.assert(
    fc.property(content, metadata, (tensors, notes) => {
      const bytes = encodeSafetensors(tensors, notes);
      const read = decodeSafetensors(bytes, 'x');
      assert.equal(new Map(Object.entries(read.metadata)), new Map(Object.entries(notes)));
      assert.equal([...read.tensors.keys()].sort(), [...tensors.keys()].sort());
      for (const [key, stored] of tensors) {
        const back = read.tensors.get(key)!;
        assert.equal([back.dtype, back.shape, raw(back)], [stored.dtype, stored.shape, raw(stored)]);
        assert.is(back.data.constructor, stored.data.constructor);
      }
      assert.equal(encodeSafetensors(read.tensors, notes), bytes);
    }),
  );
});

/** Accepts or refuses with a UserError; what is accepted lies within the file (F16 doubles). */
function survives(bytes: Uint8Array): void {
  try {
    const { tensors } = decodeSafetensors(bytes, 'x');
    let total = 0;
    for (const { data } of tensors.values()) total += data.byteLength;
    assert.ok(total <= 2 * bytes.length);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    assert.not.match(error.message, /\n/);
  }
}

test('random bytes are read or refused, never a crash', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), survives), { numRuns: 2000 });
});

test('random JSON as a header is read or refused, never a crash', () => {
  const entry = fc.record(
    {
      dtype: fc.oneof(fc.constantFrom('F32', 'F16', 'BF16', 'U8', '__proto__'), fc.jsonValue()),
      shape: fc.oneof(fc.array(fc.maxSafeInteger()), shapes, fc.jsonValue()),
      data_offsets: fc.oneof(fc.tuple(fc.nat(40), fc.nat(40)), fc.array(fc.maxSafeInteger()), fc.jsonValue()),
    },
    { requiredKeys: [] },
  );
  const header = fc.dictionary(fc.oneof(name, fc.constant('__metadata__')), fc.oneof(entry, fc.jsonValue()));
  const whole = fc.tuple(header, fc.uint8Array({ maxLength: 40 }));
  fc.assert(
    fc.property(whole, ([json, rest]) => survives(file(JSON.stringify(json), rest))),
    { numRuns: 2000 },
  );
});

test('a valid file with bytes changed, cut or added is read or refused, never a crash', () => {
  const changes = fc.array(
    fc.tuple(
      fc.nat(),
      fc.oneof(fc.nat(255), fc.constantFrom(...'{}[]",:0-9e\\'.split('').map((c) => c.charCodeAt(0)))),
    ),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(
      content,
      metadata,
      changes,
      fc.integer({ min: -8, max: 8 }),
      (tensors, notes, edits, extra) => {
        const bytes = encodeSafetensors(tensors, notes);
        for (const [at, value] of edits) bytes[at % bytes.length] = value;
        survives(
          extra <= 0 ? bytes.subarray(0, bytes.length + extra) : Buffer.concat([bytes, Buffer.alloc(extra)]),
        );
      },
    ),
    { numRuns: 2000 },
  );
});

test.run();
