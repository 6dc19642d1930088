// Real photos through torchvision's transforms on Pillow's images, in a Python of the system, and through ours.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Resize } from '../../../src/data/resize/resize.ts';
import { streamFolder } from '../../../src/data/sources/folder.ts';
import { nodeFiles as files } from '../../../src/platform/node_files.ts';
import { sharedData, testIf } from '../../support.ts';

const recipes: readonly { readonly size: number; readonly resize: Resize }[] = [
  { size: 224, resize: { filter: 'bilinear', shorterSide: 256 } },
  { size: 224, resize: { filter: 'bicubic', shorterSide: 235 } },
  { size: 32, resize: { filter: 'bilinear', shorterSide: 32 } },
  { size: 96, resize: { filter: 'bicubic', shorterSide: 96 } },
];

const script = `
import json, sys
from PIL import Image, ImageOps
from torchvision import transforms
work = json.load(open(sys.argv[1]))
modes = {'bilinear': transforms.InterpolationMode.BILINEAR, 'bicubic': transforms.InterpolationMode.BICUBIC}
with open(sys.argv[2], 'wb') as out:
    for path in work['paths']:
        image = ImageOps.exif_transpose(Image.open(path)).convert('RGB')
        for recipe in work['recipes']:
            resize = transforms.Resize(recipe['resize']['shorterSide'], modes[recipe['resize']['filter']])
            out.write(transforms.CenterCrop(recipe['size'])(resize(image)).tobytes())
`;

const python = process.env.PYTHON ?? '/usr/bin/python3';
const hasTorchvision = () =>
  spawnSync(python, ['-c', 'import torchvision, PIL'], { stdio: 'ignore' }).status === 0;

testIf(
  sharedData && hasTorchvision(),
  '../shared/data or a Python with torchvision is absent',
  'photos come out as torchvision and Pillow have them: decoded, resized and cut',
  async () => {
    const stream = await streamFolder(`${sharedData}/photos`, { files, imageSize: 32, limit: 40, seed: 5 });
    const paths = stream.paths.map((path) => join(`${sharedData}/photos`, path));
    const folder = mkdtempSync(join(tmpdir(), 'kindred-test-'));
    try {
      const [work, out] = [join(folder, 'work.json'), join(folder, 'out')];
      writeFileSync(work, JSON.stringify({ paths, recipes }));
      assert.is(spawnSync(python, ['-c', script, work, out], { stdio: 'inherit' }).status, 0);
      const expected = readFileSync(out);
      const bytes = recipes.map(({ size }) => 3 * size * size);
      const perImage = bytes.reduce((a, b) => a + b, 0);
      let before = 0;
      for (const [r, { size, resize }] of recipes.entries()) {
        const all = Int32Array.from(paths.keys());
        const pixels = new Uint8Array(all.length * bytes[r]!);
        assert.equal(await stream.resized(size, resize).read(all, pixels), []);
        let largest = 0;
        let sum = 0;
        for (const image of all) {
          const own = pixels.subarray(image * bytes[r]!, (image + 1) * bytes[r]!);
          own.forEach((value, i) => {
            const difference = Math.abs(value - expected[image * perImage + before + i]!);
            largest = Math.max(largest, difference);
            sum += difference;
          });
        }
        before += bytes[r]!;
        // Equal where both decoders' cosine transforms round alike, as libjpeg-turbo's do; the promise leaves them room.
        assert.ok(
          largest <= 2 && sum / pixels.length < 0.2,
          `${size}: mean ${sum / pixels.length}, ${largest}`,
        );
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

test.run();
