import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { assertRefused, runKindred, stripedImages, writeFiles } from './support.ts';

// One small pretext run with ten labels, and what later commands make of it, one after the other.
const folder = mkdtempSync(join(tmpdir(), 'kindred-cli-'));
const paths = ['lying', 'standing'].flatMap((name) => [0, 1, 2, 3, 4].map((i) => `${name}/${i}.png`));
writeFiles(folder, {
  ...stripedImages('images', 12),
  'lab.csv': `path,label\n${paths.map((path) => `${path},${path.split('/')[0]}\n`).join('')}`,
});
const kindred = async (args: string) => {
  const ended = await runKindred(folder, args.split(' '));
  assert.is(ended.code, 0, ended.stderr);
  return ended;
};
const bytes = (name: string) => readFileSync(join(folder, name));
const lines = (name: string) => bytes(name).toString().trimEnd().split(/\r?\n/).slice(1);
const label = 'label --run run --folds 2 --steps 2';
const sizes = '--image-size 16 --width 4 --epochs 1 --batch 8';

test('next proposes no image that the labels of a pretext run name', async () => {
  await kindred(`pretrain --data images --labels lab.csv ${sizes} --out run`);
  await kindred('next --run run --budget 30');
  const proposed = lines('run/next.csv').map((line) => line.split(',')[0]!);
  assert.ok(proposed.length > 0);
  for (const path of paths) assert.not.ok(proposed.includes(path), path);
});

test('fine-tuning in place keeps the pretext encoder, and a filled-in next.csv', async () => {
  const pretext = bytes('run/encoder.safetensors');
  const filled = bytes('run/next.csv').toString().replace(',,', ',lying,');
  writeFileSync(join(folder, 'run/next.csv'), filled);
  const { stderr } = await kindred(`${label} --methods finetune`);
  assert.equal(bytes('run/pretext.safetensors'), pretext);
  assert.not.equal(bytes('run/encoder.safetensors'), pretext);
  assert.is(bytes('run/next.filled.csv').toString(), filled);
  assert.match(stderr, 'kept in run: next.filled.csv');
});

test('a correction outlives the file of the first labels, which may be gone by then', async () => {
  writeFileSync(join(folder, 'fix.csv'), 'path,label\nlying/0.png,standing\n');
  await kindred(`${label} --methods probe --labels fix.csv`);
  await kindred(`${label} --methods probe`);
  renameSync(join(folder, 'lab.csv'), join(folder, 'moved.csv'));
  await kindred(`${label} --methods probe`);
  assert.ok(lines('run/given.csv').includes('lying/0.png,standing,own,'));
});

test('folder names that are asked for are added to the given labels, the later ones hold', async () => {
  const { stderr } = await kindred(`${label} --methods probe --labels folders --out all`);
  assert.match(stderr, 'labels: 14 added, 1 changed, 24 in all');
});

test('labels added to a run with hidden folder labels stay, and the others still score', async () => {
  await kindred(
    `train --data images --labels folders --labels-per-class 3 ${sizes} --encoder none --folds 2 --methods probe --out few`,
  );
  const free = ['lying', 'standing'].flatMap((name) =>
    Array.from({ length: 12 }, (_, i) => `${name}/${i}.png`),
  );
  const given = lines('few/given.csv').map((line) => line.split(',')[0]!);
  const added = free.find((path) => !given.includes(path))!;
  writeFileSync(join(folder, 'one.csv'), `path,label\n${added},${added.split('/')[0]}\n`);
  const few = 'label --run few --methods probe --folds 2';
  await kindred(`${few} --labels one.csv`);
  const { stderr } = await kindred(few);
  assert.match(stderr, 'task: 7 labels in 2 classes, scored on 17 images whose label was hidden');
  const resumed = await kindred(
    `train --data images --labels folders --labels-per-class 3 ${sizes} --encoder none --folds 2 --methods probe --out few --resume`,
  );
  assert.match(resumed.stderr, 'task: 7 labels');
});

test('more images in place are the run’s from then on; fewer are refused with what to do', async () => {
  writeFiles(folder, stripedImages('more', 14));
  await kindred(`${label} --methods probe --data more`);
  assert.is(JSON.parse(bytes('run/config.json').toString()).options.data, 'more');
  await kindred('next --run run --budget 2');
  writeFiles(folder, stripedImages('fewer', 2));
  const args = `${label} --methods probe --data fewer --out less`;
  await assertRefused(folder, args.split(' '), [/given.csv, row 4: there is no image .*let --data name all/]);
});

test('labels of one readable class are refused before anything is trained, and no folder is left', async () => {
  writeFiles(folder, {
    ...stripedImages('torn', 4),
    'torn/lying/0.png': 'torn',
    'torn.csv': 'path,label\nlying/0.png,lying\nstanding/0.png,standing\nstanding/1.png,standing\n',
  });
  const args = `train --data torn --labels torn.csv ${sizes} --out torn-run`;
  await assertRefused(folder, args.split(' '), [/every label is 'standing' \(1 labelled images cannot be/]);
  assert.not.ok(existsSync(join(folder, 'torn-run')));
});

test('of a labels file for the demo set no label is hidden by default', async () => {
  writeFiles(folder, { 'demo.csv': 'path,label\ndemo/train/00000,a\ndemo/train/00001,b\n' });
  await kindred(`pretrain --data demo --limit 40 --labels demo.csv ${sizes} --out demo`);
  assert.ok(existsSync(join(folder, 'demo/encoder.safetensors')));
});

test.after(() => rmSync(folder, { recursive: true, force: true }));
test.run();
