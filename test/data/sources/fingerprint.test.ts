import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Fingerprint, fingerprintOf } from '../../../src/data/sources/fingerprint.ts';

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

test.run();
