import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RunError } from '../../../src/errors.ts';
import type { StoredTensor } from '../../../src/formats/safetensors.ts';
import { requireSameWeights } from '../../../src/pretext/ranks/same_weights.ts';
import { ranksInOneProcess } from '../../ranks_in_one_process.ts';

const tensor = (...values: number[]): StoredTensor => ({
  dtype: 'F32',
  shape: [values.length],
  data: Float32Array.from(values),
});

/** What each rank says of its own weights and the others'. @param odd rank 2's second number of `b` */
const compare = (odd: number): Promise<PromiseSettledResult<void>[]> =>
  Promise.allSettled(
    ranksInOneProcess(3).map((line, rank) =>
      requireSameWeights(
        line,
        new Map([
          ['a', tensor(1, 2, 3)],
          ['b', tensor(0.5, rank === 2 ? odd : 0.25)],
        ]),
      ),
    ),
  );

test('a rank whose weights are no longer those of rank 0 is named by all, a single bit apart', async () => {
  for (const result of await compare(0.25 + 2 ** -25)) {
    assert.is(result.status, 'rejected');
    const { reason } = result as PromiseRejectedResult;
    assert.instance(reason, RunError);
    assert.match(reason.message, /rank 2 no longer has the weights of rank 0 \('b' differs\)/);
  }
});

test('ranks with the same weights, and a process alone, go on', async () => {
  for (const { status } of await compare(0.25)) assert.is(status, 'fulfilled');
  await requireSameWeights(undefined, new Map([['a', tensor(Number.NaN)]]));
});

test.run();
