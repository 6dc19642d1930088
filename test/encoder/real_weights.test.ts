import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { readWeights } from '../../src/encoder/encoder_weights.ts';
import { featureExtractor } from '../../src/encoder/feature_extractor.ts';
import { loadEncoder } from '../../src/encoder/loaded_encoder.ts';
import { headLogits } from '../../src/numerics/linear_head.ts';
import { projectRoot, python, pythonHas, sharedData, testIf } from '../support.ts';

testIf(
  pythonHas('torch', 'torchvision'),
  'python3 has no torch and torchvision',
  'PyTorch’s own wrappers: every tensor lands in its place',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'kindred-names-'));
    try {
      const made = spawnSync(python, [join(projectRoot, 'test/encoder/torch_names.py'), folder], {
        encoding: 'utf8',
      });
      assert.is(made.status, 0, made.stderr);
      const read = (name: string) => readWeights(readFileSync(join(folder, name)), name);
      const names: string[] = JSON.parse(readFileSync(join(folder, 'names.json'), 'utf8'));
      assert.is(names.length, 18);
      for (const name of names) {
        const { tensors, encoder, source } = read(`${name}.pth`);
        const plain = read(`${name}.plain.pth`);
        assert.is(source.format, 'pytorch');
        assert.equal(encoder, plain.encoder, name);
        assert.equal(tensors, plain.tensors, name);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

for (const [file, depth, least] of [
  ['resnet20-12fca82f.th', 20, 88],
  ['resnet44-014dd654.th', 44, 89],
] as const) {
  const path = join(sharedData ?? '', 'weights', file);
  testIf(
    existsSync(path),
    '../shared/data is absent',
    `${file} labels CIFAR-10 as its own classifier says`,
    async () => {
      const weights = readWeights(readFileSync(path), file);
      assert.equal(weights.encoder, { family: 'cifar-resnet', depth, width: 16 });
      assert.is(weights.source.prefix, 'state_dict.module.');
      assert.is(weights.head!.bias.length, 10);
      const images = 200;
      const records = readFileSync(join(sharedData!, 'cifar10/test_batch.bin'));
      const pixels = new Uint8Array(images * 3072);
      // Planes of red, green and blue, one behind the other.
      for (let at = 0; at < pixels.length; at++) {
        const [image, place, channel] = [Math.floor(at / 3072), Math.floor(at / 3) % 1024, at % 3];
        pixels[at] = records[image * 3073 + 1 + channel * 1024 + place]!;
      }
      const engine = await Engine.create();
      const encoder = loadEncoder(engine, weights);
      const extract = await featureExtractor(engine, encoder, {
        pixels,
        sourceSize: 32,
        imageSize: 32,
        batch: 50,
        normalise: weights.normalise,
      });
      const features = await extract(Array.from({ length: images }, (_, i) => i));
      const logits = headLogits(weights.head!, features);
      let right = 0;
      for (let i = 0; i < images; i++) {
        const row = logits.subarray(10 * i, 10 * i + 10);
        if (row.indexOf(Math.max(...row)) === records[3073 * i]) right++;
      }
      extract.destroy();
      engine.destroy();
      // Its authors report 91.7 and 93.1% of all 10,000; a third of a standard deviation of 200 images is 0.7 points.
      assert.ok((100 * right) / images >= least, `${right} of ${images} right`);
      console.log(`${file}: ${right} of ${images}`);
    },
  );
}

test.run();
