import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeSafetensors, type StoredTensor } from '../../src/formats/safetensors.ts';
import { decodeTensorFile } from '../../src/formats/tensor_file.ts';
import { sharedData, testIf } from '../support.ts';
import { torchFiles } from './torch_files.ts';

const hex = ({ data }: StoredTensor) =>
  [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');

for (const { name, bytes, tensors, opaque } of torchFiles) {
  if (Object.keys(tensors).length === 0) continue;
  test(`${name}: names, shapes and bits are PyTorch's`, () => {
    const read = decodeTensorFile(bytes, 'x.pth');
    const found = [...read.tensors].map(([path, tensor]) => [path, [tensor.dtype, tensor.shape, hex(tensor)]]);
    assert.equal(found, Object.entries(tensors));
    assert.is(read.format, 'pytorch');
    assert.equal([...read.unread.keys()].sort(), Object.keys(opaque).sort());
    for (const [path, part] of Object.entries(opaque)) assert.match(read.unread.get(path)!, part);
  });
}

test.run();
