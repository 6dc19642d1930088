import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { zipEntries } from '../../../src/formats/torch/zip_entries.ts';
import { torchFile, torchFiles } from '../torch_files.ts';
import { zipFile } from '../zip_file.ts';

const archives = torchFiles.filter(({ bytes }) => bytes[0] === 0x50);
const list = (bytes: Uint8Array) =>
  [...zipEntries(bytes, 'x')].map(([name, entry]) => [name, entry.method, [...entry.bytes]]);

test('entries are those of the directory, in its order, whatever stands in front of the data', () => {
  const archive = zipFile([
    ['b/c', Uint8Array.of(1, 2)],
    ['empty', new Uint8Array()],
    ['Größe', Uint8Array.of(3)],
  ]);
  assert.equal(list(archive), [
    ['b/c', 0, [1, 2]],
    ['empty', 0, []],
    ['Größe', 0, [3]],
  ]);
});

test('the data of every storage of PyTorch begin at a multiple of 64 bytes: the padding is skipped', () => {
  const { bytes } = torchFile('every dtype, zip');
  for (const entry of zipEntries(bytes, 'x').values()) assert.is(entry.bytes.byteOffset % 64, 0);
});

test("where 32 bits do not say, zip64's end record does: PyTorch writes it always", () => {
  for (const { name, bytes } of archives) {
    const end = bytes.length - 22;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    if (view.getUint32(end - 20, true) !== 0x07064b50) continue;
    const wide = bytes.slice();
    wide.fill(0xff, end + 8, end + 20);
    assert.equal(list(wide), list(bytes), name);
  }
});

test('a comment behind the archive, and an end that only looks like one, are no matter', () => {
  const archive = zipFile([['a', Uint8Array.of(0x50, 0x4b, 5, 6)]]);
  const expected = [['a', 0, [0x50, 0x4b, 5, 6]]];
  assert.equal(list(Buffer.concat([archive, Buffer.from('a comment of the archive')])), expected);
  assert.equal(list(Buffer.concat([archive, Buffer.alloc(0xffff)])), expected);
});

test('an archive that was cut, also at its front, or that points outside itself, is refused', () => {
  const archive = torchFile('a single tensor, zip').bytes;
  const refuses = (bytes: Uint8Array, message: RegExp) =>
    assert.throws(() => zipEntries(bytes, 'net.pth'), message);
  refuses(archive.subarray(100), /net\.pth is a damaged zip archive/);
  refuses(archive.subarray(0, archive.length - 1), /the directory that ends an archive is not/);
  const changed = (at: number, ...values: number[]) => {
    const bytes = archive.slice();
    bytes.set(values, bytes.length - 22 + at);
    return bytes;
  };
  refuses(changed(10, 200), /its directory ends after 3 of 200 entries/);
  refuses(changed(12, 0, 0, 0, 1), /its directory should end at byte \d+, beyond/);
  refuses(changed(16, 0, 0, 0, 0), /its directory ends after 0 of 3 entries/);
  const noEnd64 = changed(8, 255, 255, 255, 255);
  noEnd64.fill(0, noEnd64.length - 42, noEnd64.length - 30);
  refuses(noEnd64, /its directory ends after 0 of 0 entries|names a directory that is not there/);
});

test.run();
