import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UserError } from '../../src/errors.ts';
import { encodeSafetensors } from '../../src/formats/safetensors.ts';
import { decodeTensorFile } from '../../src/formats/tensor_file.ts';
import { torchFile, torchFiles } from './torch_files.ts';
import { zipFile } from './zip_file.ts';

const text = (content: string) => Uint8Array.from(content, (character) => character.charCodeAt(0) & 255);

function refuses(bytes: Uint8Array, message: RegExp): void {
  try {
    decodeTensorFile(bytes, 'net.pth');
  } catch (error) {
    assert.instance(error, UserError, String((error as Error).stack));
    assert.match((error as Error).message, message);
    assert.match((error as Error).message, /^net\.pth .*: [^\n]+$/);
    return;
  }
  assert.unreachable('it was read');
}

test('files that people take for weights each have their sentence', () => {
  const lfs = 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 46807446\n';
  refuses(
    text(lfs),
    /is a Git LFS pointer and not the file of 46807446 bytes that it stands for: run git lfs pull/,
  );
  for (const page of [
    '<!DOCTYPE html><html>',
    '\n  <html lang="en">',
    '\xef\xbb\xbf<!doctype HTML>',
    '<?xml version',
  ]) {
    refuses(text(page), /is a web page saved under this name/);
  }
  refuses(new Uint8Array(), /is empty/);
  refuses(new Uint8Array(5000), /nothing but zeros/);
  refuses(text('\x1f\x8b\x08...'), /is compressed \(gzip\): unpack it/);
  refuses(text(`${'\0'.repeat(257)}ustar  \0`), /is an archive \(tar\)/);
  refuses(text('\x89HDF\r\n\x1a\n'), /is an HDF5 file, as Keras writes/);
  refuses(text("\x93NUMPY\x01\0v\0{'descr'"), /is a NumPy array \(\.npy\)/);
  refuses(text('\x08\x07\x12\x07pytorch'), /is an ONNX model/);
  refuses(text('{"weight_map": {"a": "b"}}'), /is the list of a model in several parts/);
  refuses(text('{"architecture": "resnet18"}'), /is a JSON text/);
  refuses(
    text('just notes'),
    /is neither a safetensors file nor one that torch\.save wrote \(it begins with "just notes"\)/,
  );
  refuses(text('\x80\x04\x95\x05\0\0\0\0\0\0\0}.'), /is a Python pickle that torch\.save did not write/);
  refuses(text('\xff\xd8\xff\xe0'), /is an image \(JPEG\)/);
});

test('a zip archive of something else is told apart', () => {
  refuses(
    zipFile([
      ['m/data.pkl', text('')],
      ['m/constants.pkl', text('')],
    ]),
    /is a TorchScript program/,
  );
  refuses(zipFile([['m/model.json', text('')]]), /is a TorchScript program/);
  refuses(
    zipFile([
      ['a.npy', text('')],
      ['b.npy', text('')],
    ]),
    /is an archive of NumPy arrays/,
  );
  refuses(
    zipFile([
      ['config.json', text('')],
      ['model.weights.h5', text('')],
    ]),
    /is a Keras model/,
  );
  refuses(
    zipFile([['a/x.pth', text('')]]),
    /not one that torch\.save wrote \(it holds "a\/x\.pth"\): unpack it/,
  );
  refuses(zipFile([]), /is a zip archive, and not one that torch\.save wrote \(it is empty\)/);
});

test('whole modules, and files without a tensor, are refused with the way out', () => {
  for (const container of ['zip', 'legacy']) {
    const { bytes } = torchFile(`a whole module, ${container}`);
    refuses(bytes, /is a whole pickled module \("__main__\.Block"\): .*torch\.save\(model\.state_dict\(\)/);
  }
  refuses(
    zipFile([['m/data.pkl', text('\x80\x02}(U\x05epochK\x01U\x04argsNu.')]]),
    /holds no tensor \(it holds "epoch", "args"\)/,
  );
  refuses(zipFile([['m/data.pkl', text('\x80\x02].')]]), /holds no tensor \(it holds a list of 0\)/);
  refuses(zipFile([['m/data.pkl', text('\x80\x02N.')]]), /holds no tensor \(it holds a single value\)/);
});

test('a file cut off anywhere is refused, and the older container says how much is there', () => {
  for (const name of ['every dtype, zip', 'every dtype, legacy', 'Lightning, zip', 'Lightning, legacy']) {
    const { bytes } = torchFile(name);
    for (let length = 0; length < bytes.length; length += 1 + (length % 7)) {
      refuses(bytes.subarray(0, length), /net\.pth/);
    }
  }
  const zip = torchFile('Lightning, zip').bytes;
  refuses(
    zip.subarray(0, 2000),
    /only the beginning of a zip archive, as PyTorch's files are \(2000 bytes are there/,
  );
  const legacy = torchFile('Lightning, legacy').bytes;
  const half = legacy.subarray(0, legacy.length - 9);
  refuses(
    half,
    new RegExp(`beginning of a PyTorch file \\(${half.length} of ${legacy.length} bytes are there\\)`),
  );
  refuses(legacy.subarray(0, 300), /its 300 bytes end within the list of its tensors/);
  const stored = encodeSafetensors(
    new Map([['w', { dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) }]]),
  );
  refuses(stored.subarray(0, stored.length - 3), /its tensors need 8 bytes but 5 are there/);
});

test('bytes added behind a whole file do not matter, as they do not to PyTorch', () => {
  for (const { bytes, tensors } of torchFiles) {
    if (Object.keys(tensors).length === 0) continue;
    const longer = Uint8Array.from([...bytes, 0x50, 0x4b, 5, 6, 1]);
    assert.equal([...decodeTensorFile(longer, 'x').tensors.keys()], Object.keys(tensors));
  }
});

/** A pickle in PyTorch's container with one storage of six floats. */
const saved = (pickle: string, method = 0, flags = 0x808) =>
  zipFile(
    [
      ['m/data.pkl', text(`\x80\x02${pickle}.`)],
      ['m/data/0', new Uint8Array(24)],
    ],
    method,
    flags,
  );
const storage = '(U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuK\x06tQ';
const tensor = (rest: string) => `}U\x01wctorch._utils\n_rebuild_tensor\n(${storage}${rest}tRs`;

test('tensors that do not lie within their storage, or claim to be huge, are refused', () => {
  assert.equal(decodeTensorFile(saved(tensor('K\x00K\x06\x85K\x01\x85')), 'x').tensors.get('w')!.shape, [6]);
  refuses(
    saved(tensor('K\x01K\x06\x85K\x01\x85')),
    /a tensor of shape \[6\] needs 28 bytes of storage 0, which has 24/,
  );
  refuses(saved(tensor('K\x00K\x02K\x03\x86K\x04K\x01\x86')), /a tensor of shape \[2,3\] needs 28 bytes/);
  refuses(saved(tensor('J\xff\xff\xff\xffK\x01\x85K\x01\x85')), /a tensor has no place, size or stride/);
  refuses(saved(tensor('K\x00K\x02\x85K\x01K\x01\x86')), /a tensor has no place, size or stride/);
  refuses(
    saved(tensor('K\x00J\xff\xff\xff\x7f\x85K\x00\x85')),
    /claim far more elements than the file has bytes/,
  );
  const huge = 'J\xff\xff\xff\x7f'.repeat(40);
  refuses(saved(tensor(`K\x00(${huge}t(${huge}t`)), /claim far more elements/);
  refuses(
    saved(tensor('K\x00K\x06\x85K\x01\x85').replace('\x010', '\x011')),
    /its archive has no storage "m\/data\/1"/,
  );
  refuses(
    saved(tensor('K\x00K\x06\x85K\x01\x85').replace('K\x06tQ', 'K\x07tQ')),
    /storage 0 should have 28 bytes and has 24/,
  );
});

test('a pickle that is no well-formed program is refused', () => {
  const bad: Record<string, RegExp> = {
    '': /takes more than it has put down/,
    t: /takes more than it has put down/,
    'h\x05': /recalls value 5, which it never stored/,
    Na: /takes more than/,
    NNa: /appends to what is no list/,
    NNNs: /fills what is no dictionary/,
    '}(Nu': /fills what is no dictionary/,
    NQ: /refers to something unknown outside itself/,
    '(U\x07storageNNNK\x01tQ': /outside itself that is no storage/,
    cos: /ends too early/,
    'X\xff\xff\xff\xff': /ends too early/,
    '\x8b\xff\xff\xff\xff': /ends too early/,
    'Fnan\n': /holds the instruction "F"/,
    '\x82\x01': /holds the instruction/,
    '\x80\x09': /is of protocol 9/,
    'NN\x93': /names a class by no text/,
  };
  for (const [pickle, message] of Object.entries(bad)) refuses(saved(pickle), message);
  refuses(saved('('.repeat(2000)), /nested too deeply/);
  refuses(saved(`]${'2'.repeat(8_000_001)}`), /more instructions than weights need/);
  refuses(saved('}'.repeat(1_000_001)), /more containers than weights need/);
});

test('names that grow without end, and containers in one another, stay in bounds', () => {
  // Each dictionary holds the one before it twice: a million million paths lead to the tensor.
  const weight = tensor('K\x00K\x06\x85K\x01\x85');
  const nested = Array.from(
    { length: 40 },
    (_, i) =>
      `q${String.fromCharCode(i)}0}(U\x01ah${String.fromCharCode(i)}U\x01bh${String.fromCharCode(i)}u`,
  );
  const { tensors } = decodeTensorFile(saved(weight + nested.join('')), 'x');
  assert.equal([...tensors.keys()], [`${'a.'.repeat(40)}w`]);
  const deep = `}(U\x04deep${'}U\x01x'.repeat(900)}N${'s'.repeat(900)}${weight.slice(1, -1)}u`;
  assert.equal([...decodeTensorFile(saved(deep), 'x').tensors.keys()], ['w']);
  const long = `}X\x00\x02\x00\x00${'n'.repeat(512)}${weight}s`;
  refuses(saved(long), /has a name of more than 500 characters/);
});

test('two keys that read alike give no tensor that could be the wrong one', () => {
  const one = tensor('K\x00K\x06\x85K\x01\x85').slice(1, -1).replace('U\x01w', '');
  const { tensors, unread } = decodeTensorFile(saved(`}(U\x017${one}K\x07${one}U\x01a${one}u`), 'x');
  assert.equal([...tensors.keys()], ['a']);
  assert.equal(unread.get('7'), 'is there twice');
});

test('archives that are compressed, encrypted or damaged are refused', () => {
  const fine = tensor('K\x00K\x06\x85K\x01\x85');
  refuses(saved(fine, 8), /holds "m\/data\.pkl" compressed, as PyTorch does not write it/);
  refuses(saved(fine, 0, 1), /its entry "m\/data\.pkl" is encrypted/);
  refuses(
    zipFile([
      ['a', text('')],
      ['a', text('')],
    ]),
    /it holds "a" twice/,
  );
  const moved = saved(fine).slice();
  moved[0] = 0x50;
  refuses(Uint8Array.from([0x50, 0x4b, 3, 4, ...moved]), /damaged zip archive/);
});

test.run();
