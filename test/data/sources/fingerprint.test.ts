import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Fingerprint, fingerprintOf, fingerprintOfSquares } from '../../../src/data/sources/fingerprint.ts';

test('a fingerprint is the same however the pixels come, and as ever', async () => {
  // Three pieces of 16 MiB, the last of 5 bytes.
  const pixels = new Uint8Array(2 ** 25 + 5).map((_, i) => (i * 7) ^ (i >> 9));
  const described = {
    size: 1,
    paths: ['ä', 'b'],
    partition: ['train', 'test'] as const,
    labels: Int32Array.of(0, -1),
    classes: ['x'],
  };
  const sha = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest();
  const pieces = [0, 2 ** 24, 2 ** 25].map((start) => sha(pixels.subarray(start, start + 2 ** 24)));
  const words = '{"size":1,"paths":["ä","b"],"partition":["train","test"],"labels":[0,-1],"classes":["x"]}';
  const expected = sha(Buffer.concat([sha(words), ...pieces])).toString('hex');
  assert.is(await fingerprintOf(described, pixels), expected);
  for (const length of [3_000_001, 2 ** 24, 20_000_000]) {
    const fingerprint = new Fingerprint();
    for (let start = 0; start < pixels.length; start += length) {
      await fingerprint.add(pixels.subarray(start, start + length));
    }
    assert.is(await fingerprint.finish(described), expected, `in parts of ${length} bytes`);
  }
});

test('of hashes alone: readable images count, with all that is said of them', async () => {
  const set = {
    size: 8,
    paths: ['a', 'b', 'c'],
    partition: ['train', 'train', 'test'],
    labels: Int32Array.of(0, -1, 1),
    classes: ['x', 'y'],
  };
  const hashes = Uint8Array.from({ length: 12 }, (_, i) => i);
  const all = Uint8Array.of(1, 1, 1);
  const print = await fingerprintOfSquares(set, hashes, all);
  const others = [
    fingerprintOfSquares(set, hashes, Uint8Array.of(1, 0, 1)),
    fingerprintOfSquares(set, hashes.with(5, 99), all),
    fingerprintOfSquares({ ...set, paths: ['a', 'b2', 'c'] }, hashes, all),
    fingerprintOfSquares({ ...set, labels: Int32Array.of(0, 0, 1) }, hashes, all),
    fingerprintOfSquares({ ...set, partition: ['train', 'test', 'test'] }, hashes, all),
    fingerprintOfSquares({ ...set, classes: ['x', 'z'] }, hashes, all),
    fingerprintOfSquares({ ...set, size: 9 }, hashes, all),
  ];
  assert.is(new Set([print, ...(await Promise.all(others))]).size, 8);
  // What cannot be read has no say.
  const without = Uint8Array.of(1, 0, 1);
  const changed = { ...set, paths: ['a', 'other', 'c'] };
  assert.is(
    await fingerprintOfSquares(set, hashes, without),
    await fingerprintOfSquares(changed, hashes.with(5, 99), without),
  );
});

test.run();
