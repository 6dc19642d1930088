import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hubFolder } from '../../src/app/exports/hub_folder.ts';
import { encodeWeights, readWeights } from '../../src/encoder/encoder_weights.ts';
import { runKindred, stripedImages, writeFiles } from '../cli/support.ts';
import { testIf } from '../support.ts';
import { folder, hasTorch, models, train } from './torchvision.ts';

if (hasTorch) models('make', folder, 'resnet18', 'resnet50');

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

test.after(() => rmSync(folder, { recursive: true }));
test.run();
