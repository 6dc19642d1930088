import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../src/random.ts';
import { npy } from './npy.ts';
import { runKindred, stripedImages, writeFiles } from './support.ts';

// One run of features, 14 labels in two classes and two answers of none of these; what further commands make of it.
const folder = mkdtempSync(join(tmpdir(), 'kindred-none-'));
const images = stripedImages('images', 12);
const paths = Object.keys(images).map((path) => path.slice('images/'.length));
const random = new Random(2, 1);
const featuresOf = (path: string) =>
  Array.from({ length: 6 }, (_, k) => (k === (path.startsWith('lying') ? 0 : 1) ? 3 : 0) + random.next());
const labelled = paths.filter((path) => Number(/\d+/.exec(path)![0]) < 7);
const answers = ['lying/7.png', 'standing/8.png'];
writeFiles(folder, {
  ...images,
  'lab.csv': [
    'path,label',
    ...labelled.map((path) => `${path},${path.split('/')[0]}`),
    'lying/7.png, None  of these ',
    'standing/8.png,NONE OF THESE',
    '',
  ].join('\n'),
  'features.npy': npy(paths.map(featuresOf)),
  'features.paths.txt': `${paths.join('\n')}\n`,
});
const kindred = async (args: string) => {
  const ended = await runKindred(folder, args.split(' '));
  assert.is(ended.code, 0, ended.stderr);
  return ended;
};
const text = (name: string) => readFileSync(join(folder, name), 'utf8');
const rows = (name: string) =>
  text(name)
    .trimEnd()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(','));
const report = () => JSON.parse(text('run/report.json'));

test('answers of none of these are given, belong to no class, and are counted', async () => {
  const { stderr } = await kindred(
    'train --data images --labels lab.csv --features features.npy --encoder none --pretext none --methods probe --folds 3 --image-size 16 --out run',
  );
  assert.match(stderr, /task: 14 labels in 2 classes, 2 images of none of these/);
  const labels = rows('run/labels.csv').filter(([path]) => answers.includes(path!));
  assert.equal(
    labels.map(([, label, confidence, , , status]) => [label, confidence, status]),
    answers.map(() => ['none of these', '1.000000', 'given']),
  );
  assert.is(report().noneOfThese, 2);
  assert.equal(
    report().classes.map(({ name, given }: { name: string; given: number }) => [name, given]),
    [
      ['lying', 7],
      ['standing', 7],
    ],
  );
});

test('given.csv and labels.csv say it in a form that comes back unchanged; next does not ask again', async () => {
  for (const path of answers) {
    assert.ok(rows('run/given.csv').some(([own, label]) => own === path && label === 'none of these'));
    assert.not.ok(rows('run/next.csv').some(([own]) => own === path));
  }
  for (const file of ['run/given.csv', 'run/labels.csv']) {
    const { stderr } = await kindred(
      `label --run run --methods probe --folds 3 --labels ${file} --out again`,
    );
    assert.match(stderr, 'labels: 0 added, 0 changed, 16 in all');
    assert.is(JSON.parse(text('again/report.json')).noneOfThese, 2);
    rmSync(join(folder, 'again'), { recursive: true });
  }
});

test('exports put such an image into no class, and Label Studio offers the answer', async () => {
  const { stderr } = await kindred(
    'export --run run --format imagefolder,coco,labelstudio,jsonl --statuses given --out out',
  );
  assert.match(stderr, /14 images in class folders, without 2 of none of these/);
  assert.not.ok(existsSync(join(folder, 'out/images/none of these')));
  const coco = JSON.parse(text('out/coco.json'));
  assert.is(coco.images.length, 16);
  assert.equal(
    coco.categories.map(({ name }: { name: string }) => name),
    ['lying', 'standing'],
  );
  const annotated = new Set(coco.annotations.map(({ image_id }: { image_id: number }) => image_id));
  const bare = coco.images.filter(({ id }: { id: number }) => !annotated.has(id));
  assert.equal(bare.map(({ file_name }: { file_name: string }) => file_name).sort(), answers);
  assert.match(text('out/label_studio.xml'), /"standing"\/>\s*<Choice value="none of these"\/>/);
  const lines = text('out/labels.jsonl').trimEnd().split('\n');
  assert.is(lines.filter((line) => JSON.parse(line).label === 'none of these').length, 2);
});

test('as a truth it makes any predicted label wrong', async () => {
  const open = rows('run/labels.csv').filter(([, , , , , status]) => status !== 'given');
  const truth = open.map(([path], at) => `${path},${at < 3 ? 'none_of_these' : path!.split('/')[0]}\n`);
  writeFileSync(join(folder, 'truth.csv'), `path,label\n${truth.join('')}`);
  const { stdout } = await kindred('evaluate --run run --truth truth.csv');
  const right = ((open.length - 3) / open.length) * 100;
  assert.match(stdout, new RegExp(`all predicted +${open.length} +${right.toFixed(1)}%`));
});

test.after(() => rmSync(folder, { recursive: true, force: true }));
test.run();
