import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { labelRun } from '../../../src/app/jobs/label_run.ts';
import { missingShards } from '../../../src/app/shards/check_parts.ts';
import { mergeShards } from '../../../src/app/shards/merge_shards.ts';
import { planShards } from '../../../src/app/shards/plan_shards.ts';
import { runShard } from '../../../src/app/shards/run_shard.ts';
import { decodeSafetensors } from '../../../src/formats/safetensors.ts';
import { context, makeRun, methods, stoppedAt } from './made_run.ts';

const { folder, images, run, remove } = makeRun();
const single = join(folder, 'single');
await labelRun({ run, out: single, methods }, context);

/** Files that two labellings must have in common to the last byte; a report names the command too. */
const same = ['labels.csv', 'given.csv', 'next.csv', 'audit.csv', 'audit.json', 'head.safetensors'];
const bytes = (...path: string[]) => readFileSync(join(...path));

function assertSame(out: string): void {
  for (const name of same) assert.ok(bytes(out, name).equals(bytes(single, name)), name);
}

const featuresOf = (job: string, shard: number) =>
  decodeSafetensors(bytes(job, 'parts', `0000${shard}.safetensors`.slice(-17)), 'part').tensors.get(
    'features.0',
  )!.data as Float32Array;

/** The job of one shard, of which nothing is done. */
function copyPlan(job: string): void {
  cpSync(join(folder, 'job-1'), job, { recursive: true });
  rmSync(join(job, 'parts'), { recursive: true });
}

for (const [shards, order] of [
  [1, [0]],
  [3, [2, 0, 1]],
] as const) {
  test(`${shards} shards give the labels of one process, whatever their order`, async () => {
    const job = join(folder, `job-${shards}`);
    const out = join(folder, `merged-${shards}`);
    const { numbers } = await planShards({ run, data: images, shards, out: job }, context);
    assert.equal(numbers, [...order].sort());
    for (const shard of order) await runShard({ job, shard: `${shard}` }, context);
    await mergeShards({ job, out, methods }, context);
    assertSame(out);
  });
}

test('16 shards, stopped, crashed and run twice, give the same features to the bit', async () => {
  const job = join(folder, 'job-16');
  const out = join(folder, 'merged-16');
  const { numbers } = await planShards({ run, data: images, shards: 16, out: job }, context);
  assert.is(numbers.length, 16);
  // By the variable of an array of jobs.
  const order = numbers.map((_, place) => (place * 5) % 16);
  for (const shard of order) {
    const outcome = await runShard({ job }, context, { SLURM_ARRAY_TASK_ID: `${shard}` });
    assert.is(outcome.interrupted, false);
  }
  const before = bytes(job, 'parts', '00003.safetensors');
  const again = await runShard({ job, shard: '4/16' }, context);
  assert.ok(!again.interrupted && again.already);
  assert.ok(bytes(job, 'parts', '00003.safetensors').equals(before));
  await mergeShards({ job, out, methods }, context);
  assertSame(out);
  const all = featuresOf(join(folder, 'job-1'), 0);
  let at = 0;
  for (const shard of numbers) {
    const file = `${shard}`.padStart(5, '0');
    const { tensors } = decodeSafetensors(bytes(job, 'parts', `${file}.safetensors`), file);
    const own = tensors.get('features.0')!.data as Float32Array;
    assert.equal(own, all.subarray(at, at + own.length), file);
    at += own.length;
  }
  assert.is(at, all.length);
});

test('a shard that is stopped goes on from the rows that are done, one that crashed from those that were saved', async () => {
  for (const how of ['abort', 'crash'] as const) {
    const job = join(folder, `job-${how}`);
    copyPlan(job);
    const stopped = stoppedAt(({ done }) => done === (how === 'abort' ? 64 : 128), how);
    const attempt = runShard({ job, shard: '0', save: 1e-6 }, stopped.context);
    if (how === 'abort') {
      const outcome = await attempt;
      assert.ok(outcome.interrupted && outcome.done === 128, JSON.stringify(outcome));
    } else {
      await attempt.then(
        () => assert.unreachable(),
        (error) => assert.is(error.message, 'crashed'),
      );
    }
    assert.equal((await missingShards({ job }, context)).missing, [{ number: 0, problem: 'missing' }]);
    const heard = stoppedAt(() => false, 'abort');
    await runShard({ job, shard: '0' }, heard.context);
    const goneOn = heard.notes.find((note) => note.includes('goes on'));
    assert.is(goneOn, `shard 0 goes on: ${how === 'abort' ? 128 : 64} of 151 images`);
    assert.equal(featuresOf(job, 0), featuresOf(join(folder, 'job-1'), 0));
    assert.ok(
      bytes(job, 'parts', '00000.safetensors').equals(bytes(folder, 'job-1', 'parts', '00000.safetensors')),
    );
    assert.equal(await context.files.list(join(job, 'parts')), ['00000.safetensors']);
  }
});

test('two processes at one shard give one file', async () => {
  const job = join(folder, 'job-two');
  copyPlan(job);
  const both = await Promise.all([1, 2].map(() => runShard({ job, shard: '0' }, context)));
  assert.ok(both.every((outcome) => !outcome.interrupted));
  assert.equal(await context.files.list(join(job, 'parts')), ['00000.safetensors']);
  assert.ok(
    bytes(job, 'parts', '00000.safetensors').equals(bytes(folder, 'job-1', 'parts', '00000.safetensors')),
  );
});

test.after(remove);
test.run();
