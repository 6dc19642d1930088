import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../src/random.ts';
import { writeFiles } from '../cli/support.ts';
import { testIf } from '../support.ts';
import { folder, hasTorch, models, train } from './torchvision.ts';

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

testIf(
  hasTorch,
  'python3 has no torch and torchvision',
  'a ResNet-50 with random weights on images that nothing tells apart ends with nothing promised',
  async () => {
    models('make', folder, 'resnet50');
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
