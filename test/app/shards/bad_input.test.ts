import {
  appendFileSync,
  cpSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { missingShards } from '../../../src/app/shards/check_parts.ts';
import { manifestText, readManifest } from '../../../src/app/shards/manifest.ts';
import { mergeShards } from '../../../src/app/shards/merge_shards.ts';
import { planShards } from '../../../src/app/shards/plan_shards.ts';
import { runShard } from '../../../src/app/shards/run_shard.ts';
import { assertUserError } from '../../data/temporary.ts';
import { context, makeRun, methods } from './made_run.ts';

const { folder, images, run, remove } = makeRun(14);
const job = join(folder, 'job');
const { numbers } = await planShards({ run, data: images, shards: 3, out: job }, context);
for (const shard of numbers) await runShard({ job, shard: `${shard}` }, context);
const out = join(folder, 'merged');
const part = (shard: number) => join(job, 'parts', `0000${shard}.safetensors`);
const merge = () => mergeShards({ job, out, methods }, context);

/** Changes files of a copy, lets `check` look, and puts all back. */
async function withChange(path: string, change: (path: string) => void, check: () => Promise<void>) {
  const kept = `${path}.kept`;
  cpSync(path, kept);
  try {
    change(path);
    await check();
  } finally {
    rmSync(path, { force: true });
    renameSync(kept, path);
  }
}

const refusesMerge = async (...says: (string | RegExp)[]) => {
  await assertUserError(merge, ...says);
  assert.is(await context.files.stat(out), undefined, 'nothing is written');
};

test('a merge refuses while a part is missing, names it and says what to do', () =>
  withChange(
    part(1),
    (path) => rmSync(path),
    async () => {
      await refusesMerge('shard 1 is missing', 'run it again');
      const state = await missingShards({ job }, context);
      assert.equal(state, { shards: 3, missing: [{ number: 1, problem: 'missing' }], ranges: '1' });
    },
  ));

test('a truncated part is found by its length, and computed anew', () =>
  withChange(
    part(2),
    (path) => truncateSync(path, 900),
    async () => {
      await refusesMerge('shard 2 is truncated or damaged');
      const outcome = await runShard({ job, shard: '2' }, context);
      assert.ok(!outcome.interrupted && !outcome.already);
      assert.equal((await missingShards({ job }, context)).missing, []);
    },
  ));

test('a part with one changed byte is found when it is merged', () =>
  withChange(
    part(0),
    (path) => {
      const bytes = readFileSync(path);
      bytes[bytes.length - 5]! ^= 1;
      writeFileSync(path, bytes);
    },
    () => refusesMerge('shard 0 is truncated or damaged', 'run it again'),
  ));

test('a part of another checkpoint or of other images is told from the rest', async () => {
  const other = join(folder, 'other');
  cpSync(job, other, { recursive: true });
  const manifest = await readManifest(context.files, other);
  const [encoder] = manifest.encoders;
  const changed = { ...manifest, encoders: [{ ...encoder!, recipe: { ...encoder!.recipe, imageSize: 8 } }] };
  writeFileSync(join(other, 'job.json'), await manifestText(changed));
  const state = await missingShards({ job: other }, context);
  assert.equal([...new Set(state.missing.map(({ problem }) => problem))], ['of another checkpoint']);
  assert.is(state.ranges, '0-2');
  await withChange(
    part(0),
    (path) => cpSync(part(1), path),
    () => refusesMerge('shard 0 is of other images'),
  );
});

test('the checkpoint of the run, or of the job, that is another one by now is refused', async () => {
  await withChange(
    join(folder, 'encoder.safetensors'),
    (path) => {
      const bytes = readFileSync(path);
      // The lowest bits of some weights.
      bytes[bytes.length - 8]! ^= 1;
      writeFileSync(path, bytes);
    },
    () => refusesMerge('is not the one that the shards were planned with'),
  );
  await withChange(
    join(job, 'encoder-0.safetensors'),
    (path) => truncateSync(path, 100),
    async () => {
      rmSync(part(1));
      await assertUserError(
        () => runShard({ job, shard: '1' }, context),
        'another checkpoint',
        'plan the shards anew',
      );
    },
  );
  await runShard({ job, shard: '1' }, context);
});

test('a manifest or rows that were edited by hand are refused', async () => {
  const edit = (from: string, to: string) => (path: string) =>
    writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
  await withChange(join(job, 'job.json'), edit('"batch": 64', '"batch": 32'), async () => {
    await refusesMerge('is not as kindred wrote it', 'plan the shards anew');
    await assertUserError(() => runShard({ job, shard: '0' }, context), 'edited by hand');
  });
  await withChange(
    join(job, 'job.json'),
    (path) => appendFileSync(path, 'x'),
    () => refusesMerge('damaged'),
  );
  await withChange(join(job, 'job.json'), edit('"version": 1', '"version": 7'), () =>
    refusesMerge('another version'),
  );
  await withChange(join(job, 'rows/00001.csv'), edit('lying', 'lyinG'), () =>
    refusesMerge('00001.csv', 'is not as kindred wrote it'),
  );
  await assertUserError(() => runShard({ job: images }, context), 'holds no job.json');
});

test('images that changed since the plan are named', async () => {
  const image = join(images, 'lying/1.png');
  await withChange(
    image,
    (path) => appendFileSync(path, 'x'),
    async () => {
      rmSync(part(0));
      await assertUserError(
        () => runShard({ job, shard: '0' }, context),
        'lying/1.png has',
        'plan the shards anew',
      );
    },
  );
  await withChange(
    image,
    (path) => rmSync(path),
    () => assertUserError(() => runShard({ job, shard: '0' }, context), 'lying/1.png is not there'),
  );
  await runShard({ job, shard: '0' }, context);
  const added = join(images, 'lying/1a.png');
  cpSync(image, added);
  await refusesMerge('have changed since the shards were planned');
  rmSync(added);
});

test('a plan does not go over an old one, and needs an encoder that sees images', async () => {
  await assertUserError(
    () => planShards({ run, data: images, shards: 2, out: job }, context),
    'is there already',
  );
  await assertUserError(() => planShards({ run, data: images, shards: 0, out: 'x' }, context), 'shards');
});

test.after(remove);
test.run();
