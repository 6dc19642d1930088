import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { runKindred } from '../cli/support.ts';
import { projectRoot, python, pythonHas } from '../support.ts';

const script = join(projectRoot, 'test/app/torchvision_models.py');

/** Whether torchvision can be asked. */
export const hasTorch = pythonHas('torch', 'torchvision');

/** A folder for one test file. */
export const folder = mkdtempSync(join(tmpdir(), 'kindred-torchvision-'));

/** What torchvision_models.py prints. */
export function models(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(python, [script, ...args], { encoding: 'utf8', cwd: folder });
  assert.is(status, 0, stderr);
  return stdout;
}

/** A square of 32 pixels and torchvision's normalisation, so that nothing is tried. */
const config = JSON.stringify({
  imageSize: 32,
  shorterSide: 32,
  filter: 'bilinear',
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
});

/** A run of probes on an encoder of the folder. */
export const train = (data: string, encoder: string, out: string) =>
  runKindred(folder, [
    ...`train --data ${data} --labels folders --labels-per-class 12 --folds 3 --methods probe,majority`.split(
      ' ',
    ),
    ...['--pretext', 'none', '--encoder', encoder, '--encoder-config', config, '--out', out],
  ]);
