import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeSafetensors, type StoredTensor } from '../../src/formats/safetensors.ts';
import { decodeTensorFile } from '../../src/formats/tensor_file.ts';
import { sharedData, testIf } from '../support.ts';
import { torchFile, torchFiles } from './torch_files.ts';

const bytesOf = ({ data }: StoredTensor) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
const hex = (tensor: StoredTensor) =>
  [...bytesOf(tensor)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

for (const { name, bytes, tensors, opaque } of torchFiles) {
  if (Object.keys(tensors).length === 0) continue;
  test(`${name}: names, shapes and bits are PyTorch's`, () => {
    const read = decodeTensorFile(bytes, 'x.pth');
    const found = [...read.tensors].map(([path, tensor]) => [
      path,
      [tensor.dtype, tensor.shape, hex(tensor)],
    ]);
    assert.equal(found, Object.entries(tensors));
    assert.is(read.format, 'pytorch');
    assert.equal([...read.unread.keys()].sort(), Object.keys(opaque).sort());
    for (const [path, part] of Object.entries(opaque)) assert.match(read.unread.get(path)!, part);
  });
}

test('a file is read at any offset of its memory, from a Node buffer too', () => {
  for (const { bytes, tensors } of torchFiles) {
    if (Object.keys(tensors).length === 0) continue;
    const shifted = new Uint8Array(bytes.length + 8);
    shifted.set(bytes, 3);
    for (const moved of [shifted.subarray(3, 3 + bytes.length), Buffer.from(bytes)]) {
      const read = decodeTensorFile(moved, 'x');
      assert.equal(
        [...read.tensors.values()].map(hex),
        [...Object.values(tensors)].map(([, , bits]) => bits),
      );
    }
  }
});

test('what is read shares no memory with the file', () => {
  const bytes = torchFile('Python 2, OrderedDict of pairs').bytes.slice();
  const { tensors } = decodeTensorFile(bytes, 'x');
  const before = [...tensors.values()].map(hex);
  bytes.fill(0xff);
  assert.equal([...tensors.values()].map(hex), before);
});

test('a tensor that stands under two names is read once', () => {
  const { tensors } = decodeTensorFile(torchFile('views of one storage, zip').bytes, 'x');
  assert.is(tensors.get('tied'), tensors.get('whole'));
});

test('safetensors files come through as they are, with their metadata', () => {
  const stored: StoredTensor = { dtype: 'F32', shape: [2], data: Float32Array.of(1, -0) };
  const read = decodeTensorFile(encodeSafetensors(new Map([['w', stored]]), { format: 'pt' }), 'x');
  assert.equal([read.format, read.metadata.format, read.unread.size], ['safetensors', 'pt', 0]);
  assert.is(hex(read.tensors.get('w')!), hex(stored));
});

// The digest is of each name and its bytes as torch.load and numpy's tobytes give them, in the file's order.
const published = {
  'resnet20-12fca82f.th': [97, '325c3392c7fdf40160a6d05b264926f1c0bd25b40dcecaccf752fcf75caa1a8f'],
  'resnet44-014dd654.th': [217, 'da73fe497dfef1ae1cda84e98f2f291992b64149558455d1b1a8ab162d50777f'],
} as const;
for (const [name, [count, digest]] of Object.entries(published)) {
  testIf(sharedData, 'no shared data', `${name}, as published: every bit is what PyTorch reads`, () => {
    const { tensors } = decodeTensorFile(readFileSync(join(sharedData!, 'weights', name)), name);
    const hash = createHash('sha256');
    for (const [path, tensor] of tensors) hash.update(path).update(bytesOf(tensor));
    assert.equal([tensors.size, hash.digest('hex')], [count, digest]);
  });
}

test.run();
