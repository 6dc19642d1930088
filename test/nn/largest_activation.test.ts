import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { batchWithin } from '../../src/encoder/batch_within.ts';
import { architectureOf, type EncoderOptions } from '../../src/nn/family_registry.ts';
import { largestActivation } from '../../src/nn/largest_activation.ts';

const large = (depth: 18 | 50): EncoderOptions => ({ depth, width: 64, stem: 'imagenet' });
const small: EncoderOptions = { depth: 18, width: 2, stem: 'cifar' };

test('the largest activation is that of the stem, of the widest block, or the image itself', () => {
  assert.is(largestActivation(architectureOf(large(18)), 224), 64 * 112 ** 2);
  // An odd side: the stem's output is 113 wide, the first stage's, of four times the channels, 57.
  assert.is(largestActivation(architectureOf(large(50)), 225), Math.max(64 * 113 ** 2, 256 * 57 ** 2));
  assert.is(largestActivation(architectureOf(small), 9), 3 * 9 ** 2);
});

test('images of 224 pixels pass in batches whose activations fit the buffers of llvmpipe', () => {
  const buffer = 2 ** 27;
  for (const depth of [18, 50] as const) {
    const batch = batchWithin(buffer, large(depth), 224, 64);
    assert.ok(batch * 4 * 64 * 112 ** 2 <= buffer);
    assert.ok((batch + 1) * 4 * 64 * 112 ** 2 > buffer);
  }
  assert.is(batchWithin(buffer, small, 32, 64), 64, 'small ones in the usual batch');
  assert.is(batchWithin(buffer, small, 32, 7), 7, 'never more than asked for');
  assert.is(batchWithin(1000, large(50), 224, 64), 1, 'one at least, whatever the adapter then says');
});

test.run();
