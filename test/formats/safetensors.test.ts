import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UserError } from '../../src/errors.ts';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from '../../src/formats/safetensors.ts';
import { file } from './safetensors_file.ts';

const oneTensor = (fields: string) => `{"w":{${fields}}}`;
const fourBytes = [0, 0, 0x80, 0x3f];

function refusal(bytes: Uint8Array): string {
  try {
    decodeSafetensors(bytes, 'model.safetensors');
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.message;
  }
  throw new Error('the file was accepted');
}

test('a file written by hand from the format is read', () => {
  const header =
    '{"__metadata__":{"format":"pt"},"b":{"dtype":"I64","shape":[],"data_offsets":[8,16]},"a.weight":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}  ';
  const { tensors, metadata } = decodeSafetensors(
    file(header, [...fourBytes, 0, 0, 0, 0xc0, 7, 0, 0, 0, 0, 0, 0, 0]),
    'x',
  );
  assert.equal({ ...metadata }, { format: 'pt' });
  assert.equal([...tensors.keys()], ['a.weight', 'b']);
  assert.equal(tensors.get('a.weight'), { dtype: 'F32', shape: [1, 2], data: Float32Array.of(1, -2) });
  assert.equal(tensors.get('b'), { dtype: 'I64', shape: [], data: BigInt64Array.of(7n) });
});

test('the bytes written are those of the format, wide types first, the header padded to 8', () => {
  const tensors = new Map<string, StoredTensor>([
    ['u', { dtype: 'U8', shape: [3], data: Uint8Array.of(1, 2, 3) }],
    ['f', { dtype: 'F32', shape: [1], data: Float32Array.of(1) }],
  ]);
  const json =
    '{"__metadata__":{"step":"7"},"f":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"u":{"dtype":"U8","shape":[3],"data_offsets":[4,7]}}';
  const padded = json.padEnd(Math.ceil(json.length / 8) * 8);
  assert.equal(encodeSafetensors(tensors, { step: '7' }), file(padded, [...fourBytes, 1, 2, 3]));
  const reversed = new Map([...tensors].reverse());
  assert.equal(encodeSafetensors(reversed, { step: '7' }), encodeSafetensors(tensors, { step: '7' }));
});

const isRangeError = (error: unknown) => error instanceof RangeError;

test('a tensor whose data do not fit is not written', () => {
  const encode = (name: string, tensor: StoredTensor) => () => encodeSafetensors(new Map([[name, tensor]]));
  assert.throws(encode('w', { dtype: 'F32', shape: [3], data: new Float32Array(2) }), isRangeError);
  assert.throws(encode('w', { dtype: 'F32', shape: [2], data: new Int32Array(2) }), isRangeError);
  assert.throws(encode('__metadata__', { dtype: 'U8', shape: [1], data: new Uint8Array(1) }), isRangeError);
});

test('F16 and BF16 are widened exactly', () => {
  const bytes = (words: number[]) => words.flatMap((word) => [word & 255, word >> 8]);
  const read = (dtype: string, words: number[]) => {
    const range = `"dtype":"${dtype}","shape":[${words.length}],"data_offsets":[0,${2 * words.length}]`;
    return decodeSafetensors(file(oneTensor(range), bytes(words)), 'x').tensors.get('w');
  };
  // 1, −2, the largest, the smallest normal and subnormal, nearest to 1/3, −0, ∞, NaN.
  const halves = read('F16', [0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x3555, 0x8000, 0x7c00, 0x7e00]);
  const expected = [1, -2, 65504, 2 ** -14, 2 ** -24, 1365 / 4096, -0, Infinity, Number.NaN];
  assert.is(halves?.dtype, 'F32');
  assert.ok(expected.every((value, i) => Object.is(halves?.data[i], value)));
  const brains = read('BF16', [0x3f80, 0xc000, 0x7f7f, 0x0001, 0x3eab, 0x8000, 0xff80, 0x7fc0]);
  const largest = (2 - 2 ** -7) * 2 ** 127;
  const wide = [1, -2, largest, 2 ** -133, 171 / 512, -0, -Infinity, Number.NaN];
  assert.ok(wide.every((value, i) => Object.is(brains?.data[i], value)));
});

test('a file inside a larger buffer at an odd place is read, and the result does not share its memory', () => {
  const bytes = encodeSafetensors(
    new Map([['w', { dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) }]]),
  );
  const around = Buffer.alloc(bytes.length + 3);
  around.set(bytes, 1);
  const { tensors } = decodeSafetensors(around.subarray(1, 1 + bytes.length), 'x');
  around.fill(0xff);
  assert.equal(tensors.get('w')?.data, Float32Array.of(1, 2));
});

const good = '"dtype":"F32","shape":[1],"data_offsets":[0,4]';
const violations: [string, Uint8Array, RegExp][] = [
  ['no header length', new Uint8Array(7), /7 bytes, too few/],
  [
    'a header beyond the file',
    file(oneTensor(good), fourBytes, 4000),
    /4000 bytes reaches beyond the file's/,
  ],
  ['a header over 100 MB', file('{}', [], 100_000_001), /over the format's 100 MB/],
  ['a header length of 2^64 − 1', file('{}', [], 2n ** 64n - 1n), /over the format's 100 MB/],
  ['a header that is a list', file('[]'), /does not begin with '\{'/],
  ['an empty header', file(''), /does not begin with '\{'/],
  ['a header after a byte order mark', file('\ufeff{}'), /does not begin with '\{'/],
  ['broken JSON', file('{"w":'), /not JSON/],
  ['an unfinished string', file('{"w'), /not JSON/],
  ['broken UTF-8', file('{}', []).map((byte, i) => (i === 9 ? 0xff : byte)), /not JSON in UTF-8/],
  ['text after the header', file('{}{}'), /not JSON/],
  ['a name twice', file(`{"w":{${good}},"w":{${good}}}`, fourBytes), /the key "w" twice/],
  [
    'a name twice, once escaped',
    file(`{"w":{${good}},"\\u0077" :{${good}}}`, fourBytes),
    /the key "w" twice/,
  ],
  ['a field twice', file(oneTensor(`${good},"shape":[1]`), fourBytes), /the key "shape" twice/],
  ['deep nesting', file(`{"w":${'['.repeat(100_000)}${']'.repeat(100_000)}}`), /nested too deeply/],
  ['metadata that is no object', file('{"__metadata__":[]}'), /__metadata__ is not an object/],
  ['metadata that is no text', file('{"__metadata__":{"step":1}}'), /value of "step" .* not text/],
  ['a tensor that is no object', file('{"w":null}'), /"w" has no description/],
  ['no dtype', file(oneTensor('"shape":[1],"data_offsets":[0,4]'), fourBytes), /no dtype/],
  ['an unknown dtype', file(oneTensor(good.replace('F32', 'F8_E5M2')), fourBytes), /dtype "F8_E5M2", which/],
  [
    'an inherited name as dtype',
    file(oneTensor(good.replace('F32', 'toString')), fourBytes),
    /dtype "toString"/,
  ],
  [
    'no shape',
    file(oneTensor('"dtype":"F32","data_offsets":[0,4]'), fourBytes),
    /not a list of whole numbers/,
  ],
  [
    'a negative side',
    file(oneTensor(good.replace('[1]', '[-1,-1]')), fourBytes),
    /not a list of whole numbers/,
  ],
  ['half a side', file(oneTensor(good.replace('[1]', '[0.5]')), fourBytes), /not a list of whole numbers/],
  [
    'a shape that overflows',
    file(oneTensor(good.replace('[1]', '[4294967296,4294967296,0]'))),
    /larger than any/,
  ],
  ['one offset', file(oneTensor(good.replace('[0,4]', '[4]')), fourBytes), /no begin and end offset/],
  [
    'a negative offset',
    file(oneTensor(good.replace('[0,4]', '[-4,0]')), fourBytes),
    /no begin and end offset/,
  ],
  ['an end before the begin', file(oneTensor(good.replace('[0,4]', '[4,0]')), fourBytes), /before it begins/],
  [
    'a size unlike the shape',
    file(oneTensor(good.replace('[1]', '[2]')), fourBytes),
    /needs 8 bytes .* has 4/,
  ],
  [
    'an overlap',
    file(`{"a":{${good}},"b":{${good.replace('[0,4]', '[2,6]')}}}`, [0, 0, 0, 0, 0, 0]),
    /"b" overlaps/,
  ],
  ['the same bytes twice', file(`{"a":{${good}},"b":{${good}}}`, fourBytes), /"b" overlaps/],
  [
    'a hole',
    file(oneTensor(good.replace('[0,4]', '[4,8]')), [...fourBytes, ...fourBytes]),
    /bytes 0 to 4 before/,
  ],
  ['a truncated file', file(oneTensor(good), [0, 0]), /need 4 bytes but 2 are there/],
  [
    'terabytes of tensor in a short file',
    file(oneTensor('"dtype":"U8","shape":[9000000000000],"data_offsets":[0,9000000000000]')),
    /need 9000000000000 bytes but 0/,
  ],
  ['bytes at the end', file(oneTensor(good), [...fourBytes, 0]), /1 bytes after the last tensor/],
];

for (const [name, bytes, reason] of violations) {
  test(`refused in one sentence that names the file: ${name}`, () => {
    const message = refusal(bytes);
    assert.match(message, reason);
    assert.match(
      message,
      /^model\.safetensors is not a valid safetensors file \([^\n]+\): download or export it again$/,
    );
  });
}

test('a name out of the file cannot write control characters or a wall of text to the terminal', () => {
  const message = refusal(file(`{"\\u001b[31m\\u009b\\n${'x'.repeat(1000)}":0}`));
  assert.ok(message.length < 200);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  assert.not.match(message, /[\u0000-\u001f\u007f-\u009f]/);
});

test.run();
