import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hubFolder } from '../../src/app/exports/hub_folder.ts';
import { encodeWeights, readWeights } from '../../src/encoder/encoder_weights.ts';
import { Random } from '../../src/random.ts';
import { runKindred, stripedImages, writeFiles } from '../cli/support.ts';
import { projectRoot, testIf } from '../support.ts';

const python = '/usr/bin/python3';
const script = join(projectRoot, 'test/app/torchvision_models.py');
const hasTorch = existsSync(python) && spawnSync(python, ['-c', 'import torch, torchvision']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'kindred-torchvision-'));

function models(...args: string[]): string {
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
const train = (data: string, encoder: string, out: string) =>
  runKindred(folder, [
    ...`train --data ${data} --labels folders --labels-per-class 12 --folds 3 --methods probe,majority`.split(
      ' ',
    ),
    ...['--pretext', 'none', '--encoder', encoder, '--encoder-config', config, '--out', out],
  ]);

/** Images of noise in two folders, which nothing can tell apart. */
function noiseImages(name: string, perClass: number): Record<string, Uint8Array> {
  const files: Record<string, Uint8Array> = {};
  const random = new Random(5);
  for (let image = 0; image < 2 * perClass; image++) {
    const png = new PNG({ width: 16, height: 16 });
    png.data.set(Uint8Array.from({ length: 4 * 256 }, (_, at) => (at % 4 === 3 ? 255 : random.integer(256))));
    files[`${name}/${image % 2 ? 'heads' : 'tails'}/${image}.png`] = PNG.sync.write(png);
  }
  return files;
}

if (hasTorch) models('make', folder);

testIf(
  hasTorch,
  'python3 has no torch and torchvision',
  'a ResNet-18 of torchvision comes back from a run’s hub folder with strict=True',
  async () => {
    writeFiles(folder, stripedImages('images', 14));
    const run = await train('images', 'resnet18.pth', 'run');
    assert.is(run.code, 0, run.stderr);
    const made = await runKindred(folder, 'export --run run --format hub --out exported'.split(' '));
    assert.is(made.code, 0, made.stderr);
    // 20 convolutions, 20 norms of five tensors each.
    assert.is(models('load', 'resnet18', 'exported/hub/model.safetensors', 'resnet18.pth').trim(), '120');
  },
);

testIf(
  hasTorch,
  'python3 has no torch and torchvision',
  'so does a ResNet-50, whose bottlenecks have torchvision’s stride',
  () => {
    const { encoder, tensors, normalise } = readWeights(
      readFileSync(join(folder, 'resnet50.pth')),
      'resnet50.pth',
    );
    const bytes = encodeWeights(tensors, { encoder, normalise, imageSize: 224, method: 'probe' });
    const hub = hubFolder({ encoder: bytes, report: null, licence: undefined, version: '1' }, 'resnet50');
    writeFiles(folder, { 'r50.safetensors': hub.get('model.safetensors')! });
    assert.is(models('load', 'resnet50', 'r50.safetensors', 'resnet50.pth').trim(), '318');
  },
);

testIf(
  hasTorch,
  'python3 has no torch and torchvision',
  'a ResNet-50 with random weights on images that nothing tells apart ends with nothing promised',
  async () => {
    writeFiles(folder, noiseImages('noise', 20));
    const { code, stderr } = await train('noise', 'resnet50.pth', 'random');
    assert.is(code, 0, stderr);
    assert.match(
      stderr,
      /resnet50\.pth: Its norms have the statistics .*: it looks as if it was never trained/,
    );
    const { counts, riskCoverage, warnings } = JSON.parse(
      readFileSync(join(folder, 'random/report.json'), 'utf8'),
    );
    assert.is(counts.auto, 0);
    assert.is(riskCoverage.chosen, null);
    assert.match(warnings.join('\n'), /so nothing was labelled automatically/);
  },
);

test.after(() => rmSync(folder, { recursive: true }));
test.run();
