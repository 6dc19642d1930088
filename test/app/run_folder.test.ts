import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { labelRun } from '../../src/app/jobs/label_run.ts';
import { nextRun } from '../../src/app/jobs/next_run.ts';
import { silentReporter } from '../../src/app/reporter.ts';
import { chooseFolder, writing } from '../../src/app/run/folder.ts';
import { encodeWeights } from '../../src/encoder/encoder_weights.ts';
import { architectureOf } from '../../src/nn/family_registry.ts';
import { torchShapes } from '../../src/nn/state_dict.ts';
import { nodeFiles } from '../../src/platform/node_files.ts';
import { assertUserError, withFiles } from '../data/temporary.ts';
import { runConfigText } from './run_config.ts';

const context = { files: nodeFiles, reporter: silentReporter, command: [], versions: {} };

test('only a job that can go on with a run advises to', async () => {
  await withFiles({ 'run/checkpoint.safetensors': '' }, async (folder) => {
    const out = join(folder, 'run');
    const refusal = (wish: { resume?: boolean }) => chooseFolder(context, { out, ...wish }).catch(String);
    assert.match(String(await refusal({ resume: false })), 'add resume to go on with it');
    assert.match(String(await refusal({})), 'is not empty: name another folder');
  });
});

test('what the system refuses to write is the place’s fault, and anything else the program’s', async () => {
  const refused = Object.assign(new Error("EROFS: read-only file system, open 'x.tmp'"), { code: 'EROFS' });
  await assertUserError(
    () => writing('x', () => Promise.reject(refused)),
    'x cannot be written (EROFS: read-only file system): name another place',
  );
  const fault = new TypeError('labels is undefined');
  assert.is(await writing('x', () => Promise.reject(fault)).catch((error) => error), fault);
});

/** The weights of an encoder that nothing was learned by. */
function emptyEncoder(): Uint8Array {
  const encoder = { depth: 18, width: 4, stem: 'cifar' } as const;
  const shapes = [...torchShapes(architectureOf(encoder))];
  const tensors = shapes.map(
    ([name, shape]) =>
      [name, new Float32Array(shape.reduce((product, side) => product * side, 1)).fill(1)] as const,
  );
  return encodeWeights(new Map(tensors), { encoder, imageSize: 8, method: 'simclr' });
}

test('a run is given back where no device can be opened', async () => {
  const run = { 'run/config.json': runConfigText('demo'), 'run/encoder.safetensors': emptyEncoder() };
  const { KINDRED_DRIVER: before } = process.env;
  process.env.KINDRED_DRIVER = 'none';
  try {
    await withFiles(run, async (folder) => {
      const settings = { run: join(folder, 'run') };
      await assertUserError(() => labelRun(settings, context), 'KINDRED_DRIVER is "none"');
      assert.not(existsSync(join(folder, 'run', 'run.lock')));
      await assertUserError(() => nextRun(settings, context), 'KINDRED_DRIVER is "none"');
      assert.not(existsSync(join(folder, 'run', 'run.lock')));
    });
  } finally {
    if (before === undefined) delete process.env.KINDRED_DRIVER;
    else process.env.KINDRED_DRIVER = before;
  }
});

test.run();
