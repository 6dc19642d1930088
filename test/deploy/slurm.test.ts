import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { labelRun } from '../../src/app/jobs/label_run.ts';
import { missingShards } from '../../src/app/shards/check_parts.ts';
import { partFile, partialFile, readManifest } from '../../src/app/shards/manifest.ts';
import { mergeShards } from '../../src/app/shards/merge_shards.ts';
import { planShards } from '../../src/app/shards/plan_shards.ts';
import { configOf, context, encoderFile, makeRun, methods } from '../app/shards/made_run.ts';
import { writeFiles } from '../cli/support.ts';
import { projectRoot, sharedData, testIf } from '../support.ts';
import { noSlurm, SlurmCluster } from './slurm_cluster.ts';

/*
 * A Slurm of our own runs an array of shards by the script in deploy/. KINDRED_SLURM_TEST=full takes 16 shards of 20,000
 * images of CIFAR-10 through an encoder of twelve blocks; otherwise it is a few images.
 */
const cli = fileURLToPath(new URL('../../cli.mjs', pathToFileURL(process.argv[1]!)));
const cifar = process.env.KINDRED_SLURM_TEST === 'full' && sharedData && join(sharedData, 'cifar10');
const reason = noSlurm();
const script = join(projectRoot, 'deploy/shards.sbatch');

testIf(
  reason === undefined,
  reason ?? '',
  'Slurm runs an array, one task requeued, one killed, one run twice: the labels are those of one process',
  async () => {
    const { folder, images, run, remove } = makeRun(14);
    const cluster = new SlurmCluster();
    try {
      if (cifar)
        writeFiles(folder, {
          'encoder.safetensors': encoderFile(12, 48),
          'run/config.json': configOf(
            `cifar10:${cifar}`,
            undefined,
            join(folder, 'encoder.safetensors'),
            20_000,
          ),
        });
      const [job, single, merged] = ['job', 'single', 'merged'].map((name) => join(folder, name)) as [
        string,
        string,
        string,
      ];
      const shards = cifar ? 16 : 4;
      // As an array that counts from 1 by twos does.
      const data = cifar ? `cifar10:${cifar}` : images;
      const { numbers } = await planShards({ run, data, shards, first: 1, step: 2, out: job }, context);
      const manifest = await readManifest(context.files, job);
      const fileOf = (number: number, name: typeof partFile) =>
        join(job, name(manifest.shards.find((shard) => shard.number === number)!));
      await cluster.start(2);
      const env = { KINDRED: `${process.execPath} ${cli}` };
      const array = cluster.submit(`1-${numbers.at(-1)}:2`, script, job, env);
      const [requeued, killed, twice] = [numbers[0]!, numbers[1]!, numbers[2]!];
      const runs = (index: number) => cluster.states(array).get(index) === 'RUNNING';
      const log = (index: number) => {
        const file = join(cluster.folder, `kindred-${array}_${index}.log`);
        return existsSync(file) ? readFileSync(file, 'utf8') : '';
      };
      const begun = (index: number) => runs(index) && (!cifar || log(index).includes('adapter: '));
      const told = () =>
        readdirSync(cluster.folder)
          .filter((name) => name.endsWith('.log') && name.startsWith('kindred'))
          .map((name) => `${name}\n${readFileSync(join(cluster.folder, name), 'utf8')}`)
          .join('\n');
      await cluster.until(() => begun(killed), 'the second task', 120);
      if (cifar) await new Promise((later) => setTimeout(later, 1500));
      await cluster.until(() => cluster.kill(array, killed) > 0, 'a process of the second task');
      // Where the first task has ended by now it runs again and finds its file there.
      if (cifar) await cluster.until(() => begun(requeued), 'the first task', 120);
      const { code, stderr } = cluster.call('scontrol', 'requeue', `${array}_${requeued}`);
      assert.is(code, 0, stderr);
      const partial = () => existsSync(fileOf(requeued, partialFile));
      if (cifar) await cluster.until(partial, `what the requeued task had:\n${told()}`, 60);
      // Slurm would let it wait for two minutes.
      await cluster.until(() => cluster.states(array).get(requeued) === 'PENDING', 'the requeued task', 60);
      cluster.call('scontrol', 'update', `JobId=${array}_${requeued}`, 'StartTime=now');
      await cluster.ended(array);
      assert.match(cluster.call('scontrol', 'show', 'job', `${array}_${requeued}`).stdout, /Restarts=1/);
      const state = await missingShards({ job }, context);
      assert.equal(state.missing, [{ number: killed, problem: 'missing' }], told());
      if (cifar) assert.match(log(requeued), /goes on: [1-9]\d* of 1\d{3} images/);
      const before = readFileSync(fileOf(twice, partFile));
      const again = cluster.submit(`${state.ranges},${twice}`, script, job, env);
      await cluster.ended(again);
      assert.equal((await missingShards({ job }, context)).missing, [], told());
      assert.ok(readFileSync(fileOf(twice, partFile)).equals(before), 'a second run does nothing');
      assert.equal(
        readdirSync(join(job, 'parts')).filter((name) => !name.endsWith('.tmp')).length,
        shards,
        'one file each',
      );
      await labelRun({ run, out: single, methods }, context);
      await mergeShards({ job, out: merged, methods }, context);
      for (const name of ['labels.csv', 'head.safetensors', 'next.csv'])
        assert.ok(readFileSync(join(merged, name)).equals(readFileSync(join(single, name))), name);
      if (cifar) console.log(told());
    } finally {
      await cluster.stop();
      remove();
    }
  },
);

test.run();
