import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { launchOf } from '../../src/platform/mpi/launch.ts';
import { inFolder, runKindred, stripedImages } from '../cli/support.ts';
import { testIf } from '../support.ts';
import { hasMpi, type Together, together, withoutMpi } from './launched.ts';

// What goes wrong on one rank ends all of them soon, and is said once.

const cli = fileURLToPath(new URL('../../cli.mjs', pathToFileURL(process.argv[1]!)));
const images = stripedImages('images', 12);
const small = ['--width', '2', '--image-size', '16', '--batch', '8', '--no-tune'];
const pretrain = (...more: string[]) => ['pretrain', '--data', 'images', '--out', 'run', ...small, ...more];

/** What kindred itself says, without what the launcher adds. */
const sentences = ({ stderr }: Together): string[] =>
  stderr.split('\n').filter((line) => line.startsWith('kindred: '));

/** Lets ranks have other arguments: `kindred` of this rank from those of all. */
const eachRank = `
const argumentsOf = JSON.parse(process.env.EACH_RANK);
process.argv = [process.argv[0], ${JSON.stringify(cli)}, ...argumentsOf[process.env.OMPI_COMM_WORLD_RANK ?? process.env.PMI_RANK]];
await import(${JSON.stringify(pathToFileURL(cli).href)});`;

const startRanks = (folder: string, args: readonly (readonly string[])[]): Promise<Together> =>
  together(args.length, ['--input-type=module', '-e', eachRank], {
    folder,
    env: { EACH_RANK: JSON.stringify(args) },
  });

testIf(
  hasMpi,
  withoutMpi,
  'a rank with other settings is named with what differs, and nothing is written',
  () =>
    inFolder(images, async (folder) => {
      const same = pretrain('--epochs', '1');
      const ended = await startRanks(folder, [same, pretrain('--epochs', '2')]);
      assert.is(ended.code, 2, ended.stderr);
      const [sentence, ...others] = sentences(ended);
      assert.match(sentence!, /rank 1 differs from rank 0 in epochs \(2, not 1\)/);
      assert.is(others.length, 0, ended.stderr);
      assert.not.ok(existsSync(join(folder, 'run')));
    }),
);

testIf(
  hasMpi,
  withoutMpi,
  'a rank that is killed ends all, and the run goes on with another number of ranks',
  () =>
    inFolder(images, async (folder) => {
      // The second rank ends itself by a signal once the first epoch's checkpoint is there.
      const watch = `
      const { existsSync } = await import('node:fs');
      if (process.env.OMPI_COMM_WORLD_RANK === '1' || process.env.PMI_RANK === '1')
        setInterval(() => existsSync('run/checkpoint.json') && process.kill(process.pid, 'SIGKILL'), 20).unref();`;
      const many = pretrain('--epochs', '400');
      const killed = await together(2, ['--input-type=module', '-e', `${watch}${eachRank}`], {
        folder,
        env: { EACH_RANK: JSON.stringify([many, many]) },
      });
      assert.is.not(killed.code, 0);
      const { step } = JSON.parse(readFileSync(join(folder, 'run', 'checkpoint.json'), 'utf8'));
      assert.ok(step > 0);
      // On four ranks of two images each the run is gone on with, and stopped by other settings than it was started with.
      const other = [...pretrain('--resume', '--epochs', '2')];
      const refused = await startRanks(folder, [other, other, other, other]);
      assert.match(sentences(refused).join('\n'), /epochs was 400, now 2/, JSON.stringify(refused));
    }),
);

test('one that was started together and is alone says how it should be started', async () => {
  await inFolder(images, async (folder) => {
    const env = { KINDRED_MPI: '/nowhere/libmpi.so', PMI_SIZE: '2', PMI_RANK: '0' };
    const { code, stderr } = await runKindred(folder, pretrain('--epochs', '1'), env);
    assert.is(code, 2);
    assert.match(
      stderr,
      /2 processes were started together \(PMI_SIZE\).*\/nowhere\/libmpi\.so.*install Open MPI/,
    );
  });
});

test('how many were started is told by the launcher, and by a step before its job', () => {
  assert.is(launchOf({}), undefined);
  assert.is(launchOf({ SLURM_NTASKS: '1', SLURM_PROCID: '0' }), undefined);
  assert.equal(launchOf({ OMPI_COMM_WORLD_SIZE: '4', OMPI_COMM_WORLD_RANK: '3', SLURM_NTASKS: '8' }), {
    ...{ size: 4, rank: 3, variable: 'OMPI_COMM_WORLD_SIZE', by: 'openmpi' },
  });
  assert.is(launchOf({ SLURM_STEP_NUM_TASKS: '1', SLURM_NTASKS: '8', SLURM_PROCID: '0' }), undefined);
  assert.is(launchOf({ PMI_SIZE: 'many' }), undefined);
});

test.run();
