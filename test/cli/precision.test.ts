import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { assertRefused, inFolder, runKindred, stripedImages } from './support.ts';

const engine = await Engine.create();
const { features } = engine.gpu.capabilities;
engine.destroy();
const command =
  'pretrain --data images --image-size 8 --width 2 --epochs 1 --batch 4 --precision f16 --out half'.split(
    ' ',
  );

test('--precision f16 trains where the adapter has shader-f16, and is refused in a sentence where it has not', () =>
  inFolder(stripedImages('images', 4), async (folder) => {
    if (!features.has('shader-f16')) {
      await assertRefused(folder, command, [
        /^kindred: --precision f16 needs an adapter with shader-f16, .*: leave --precision out, or/,
      ]);
      return;
    }
    const { code, stderr } = await runKindred(folder, command);
    assert.is(code, 0, stderr);
    assert.match(stderr, /8 images, 1 epoch, batches of \d, in f16\n/);
    const read = (name: string) => readFileSync(join(folder, 'half', name), 'utf8');
    assert.is(JSON.parse(read('config.json')).settings.precision, 'f16');
    const epoch = JSON.parse(read('metrics.jsonl').trimEnd().split('\n').at(-1)!);
    assert.ok(Number.isFinite(epoch.loss) && epoch.lossScale >= 1, JSON.stringify(epoch));
  }));

test.run();
