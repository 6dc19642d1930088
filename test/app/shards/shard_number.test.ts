import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Shard } from '../../../src/app/shards/manifest.ts';
import { findShard, numberRanges } from '../../../src/app/shards/shard_number.ts';
import { assertUserError } from '../../data/temporary.ts';

const shardsOf = (...numbers: number[]): { shards: Shard[] } => ({
  shards: numbers.map((number, place) => ({ number, first: 10 * place, images: 10, rows: '' })),
});
const sixteen = shardsOf(...Array.from({ length: 16 }, (_, i) => i));

test('an array of jobs addresses shards by their numbers, whatever part of it was submitted', () => {
  // sbatch --array=3,17,18 sets a count of 3, a first of 3 and a step of 1.
  const part = {
    SLURM_ARRAY_TASK_COUNT: '3',
    SLURM_ARRAY_TASK_MIN: '3',
    SLURM_ARRAY_TASK_MAX: '18',
    SLURM_ARRAY_TASK_STEP: '1',
  };
  const many = shardsOf(...Array.from({ length: 20 }, (_, i) => i));
  for (const id of [3, 17, 18])
    assert.is(findShard(many, 'auto', { ...part, SLURM_ARRAY_TASK_ID: `${id}` }).number, id);
  // sbatch --array=1-31:2 of a plan that counts from 1 by twos.
  const odd = shardsOf(1, 3, 5, 7);
  assert.is(findShard(odd, 'auto', { SLURM_ARRAY_TASK_ID: '5' }).first, 20);
  assert.is(findShard(sixteen, 'auto', { JOB_COMPLETION_INDEX: '15' }).number, 15);
  assert.is(findShard(sixteen, 'auto', { AWS_BATCH_JOB_ARRAY_INDEX: '0' }).number, 0);
  assert.is(findShard(sixteen, '7', { SLURM_ARRAY_TASK_ID: '3' }).number, 7, 'who names a shard gets it');
  assert.is(findShard(odd, '1/4', {}).number, 1, 'the first of four');
  assert.is(findShard(odd, '4/4', {}).number, 7);
});

test('an index without a shard, or none, is refused', async () => {
  const refused = (which: string, environment: Record<string, string>, ...says: (string | RegExp)[]) =>
    assertUserError(() => findShard(sixteen, which, environment), ...says);
  await refused('auto', {}, 'SLURM_ARRAY_TASK_ID', 'shard 0');
  await refused('auto', { SLURM_ARRAY_TASK_ID: '16' }, 'SLURM_ARRAY_TASK_ID is 16', 'shards 0-15', 'first');
  await refused('auto', { SLURM_ARRAY_TASK_ID: '12345678901' }, 'which is no number');
  await refused('auto', { SLURM_ARRAY_TASK_ID: '' }, 'which is no number');
  await refused(
    'auto',
    { SLURM_ARRAY_TASK_ID: '3', JOB_COMPLETION_INDEX: '4' },
    'SLURM_ARRAY_TASK_ID is 3 and JOB_COMPLETION_INDEX is 4',
  );
  await refused('16', {}, 'the job has shards 0-15');
  await refused('-1', {}, 'no shard');
  await refused('1.5', {}, 'no shard');
  await refused('3/15', {}, 'the job has 16 shards, not 15');
  for (const which of ['0/16', '17/16']) await refused(which, {}, 'from 1 to 16');
});

test('numbers are told as arrays take them', () => {
  assert.is(numberRanges([0, 1, 2, 5, 7, 8]), '0-2,5,7-8');
  assert.is(numberRanges([]), '');
});

test.run();
