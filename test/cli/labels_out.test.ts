import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import sharp from 'sharp';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Status } from '../../src/data/labels/status.ts';
import { labelsCsv, readLabelsCsv } from '../../src/label/files/labels_csv.ts';
import type { ImageLabel } from '../../src/label/image_label.ts';
import { nodeFiles } from '../../src/platform/node_files.ts';
import { runConfigText } from '../app/run_config.ts';
import { loadSet } from '../data/loaded_set.ts';
import { longEntry, shortEntry, tiffFile } from '../formats/images/tiff_file.ts';
import { assertRefused, contents, runKindred, stripedImages, writeFiles } from './support.ts';

// A run's folder as later commands read it, made by hand: what labels it does not matter here.
const folder = mkdtempSync(join(tmpdir(), 'kindred-out-'));
const predicted = (path: string, label: string, status: Status, confidence: number): ImageLabel => ({
  path,
  label,
  confidence,
  margin: confidence / 2,
  runnerUp: 'other',
  status,
  nearestLabelled: 'lying/0.png',
});
const given = (path: string, label: string): ImageLabel => ({
  ...predicted(path, label, 'given', 1),
  margin: 1,
  runnerUp: '',
  nearestLabelled: '',
});
const labels = [
  given('lying/0.png', 'lying'),
  given('standing/0.png', '=standing, "tall"'),
  predicted('lying/1.png', 'lying', 'auto', 0.96),
  predicted('standing/1.png', '=standing, "tall"', 'auto', 0.95),
  predicted('lying/2.png', '=standing, "tall"', 'review', 0.55),
  predicted('standing/2.png', 'lying', 'outlier', 0.5),
];
const demoLabels = [
  given('demo/train/00000', 'zigzag'),
  predicted('demo/train/00011', 'cross', 'auto', 0.9),
  predicted('demo/train/00012', 'star', 'review', 0.4),
];
writeFiles(folder, {
  ...stripedImages('images', 3),
  'run/config.json': runConfigText('images'),
  'run/labels.csv': [...labelsCsv(labels)].join(''),
  'demo-run/config.json': runConfigText('demo'),
  'demo-run/labels.csv': [...labelsCsv(demoLabels)].join(''),
  'unlabelled-run/config.json': runConfigText('images'),
  'truth.csv':
    'path,label\nlying/1.png,lying\nstanding/1.png,lying\nlying/2.png,lying\nelsewhere.png,lying\n',
  'taken/mine.txt': 'mine',
});
const kindred = async (args: string) => {
  const ended = await runKindred(folder, args.split(' '));
  assert.is(ended.code, 0, ended.stderr);
  return ended;
};
const text = (name: string) => readFileSync(join(folder, name), 'utf8');
const tree = (name: string) => (readdirSync(join(folder, name), { recursive: true }) as string[]).sort();

test('all label formats at once, in one new folder, with what was made told', async () => {
  const { stderr } = await kindred(
    'export --run run --format csv,jsonl,imagefolder,coco,labelstudio --out new/all',
  );
  assert.match(
    stderr,
    /^saved in new\/all: labels\.csv \(6 labels\), labels\.jsonl \(6 labels\), images\/ \(4 images/m,
  );
  assert.equal(tree('new'), [
    'all',
    'all/coco.json',
    'all/images',
    'all/images.csv',
    'all/images/=standing, _tall_',
    'all/images/=standing, _tall_/0.png',
    'all/images/=standing, _tall_/1.png',
    'all/images/lying',
    'all/images/lying/0.png',
    'all/images/lying/1.png',
    'all/label_studio.json',
    'all/label_studio.xml',
    'all/labels.csv',
    'all/labels.jsonl',
  ]);
  assert.is(text('new/all/labels.csv'), text('run/labels.csv'));
  assert.equal(readLabelsCsv(text('new/all/labels.csv'), ''), labels);
  assert.is(text('new/all/labels.jsonl').trimEnd().split('\n').length, 6);
  const coco = JSON.parse(text('new/all/coco.json'));
  assert.equal(coco.images[0], { id: 1, file_name: 'lying/0.png', width: 24, height: 20, license: 1 });
  assert.is(coco.annotations.length, 4);
  const [task] = JSON.parse(text('new/all/label_studio.json'));
  assert.is(task.data.image, '/data/local-files/?d=images/lying/0.png');
  assert.match(text('new/all/label_studio.xml'), '<Choice value="=standing, &#34;tall&#34;"/>');
});

test('the tree holds links to the images, or copies where asked for, of the chosen statuses', async () => {
  await kindred('export --run run --format imagefolder --out links');
  const link = join(folder, 'links/images/lying/1.png');
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.is(realpathSync(link), realpathSync(join(folder, 'images/lying/1.png')));
  await kindred('export --run run --format imagefolder --out copies --copy --statuses review,outlier');
  assert.equal(tree('copies'), [
    'images',
    'images.csv',
    'images/=standing, _tall_',
    'images/=standing, _tall_/2.png',
    'images/lying',
    'images/lying/2.png',
  ]);
  const copy = join(folder, 'copies/images/lying/2.png');
  assert.not(lstatSync(copy).isSymbolicLink());
  assert.equal(readFileSync(copy), readFileSync(join(folder, 'images/standing/2.png')));
});

test('images of a set without image files are drawn as PNG files, pixel by pixel', async () => {
  await kindred('export --run demo-run --format imagefolder,coco,labelstudio --out drawn');
  assert.equal(tree('drawn/images'), [
    'cross',
    'cross/demo_train_00011.png',
    'zigzag',
    'zigzag/demo_train_00000.png',
  ]);
  const png = PNG.sync.read(readFileSync(join(folder, 'drawn/images/cross/demo_train_00011.png')));
  const demo = await loadSet('demo', { files: nodeFiles, seed: 3, limit: 12 });
  const bytes = 3 * demo.size ** 2;
  const rgb = png.data.filter((_, i) => i % 4 < 3);
  assert.equal(new Uint8Array(rgb), demo.pixels.slice(11 * bytes, 12 * bytes));
  assert.equal(JSON.parse(text('drawn/coco.json')).images[0], {
    id: 1,
    file_name: 'demo/train/00000',
    width: 32,
    height: 32,
    license: 1,
  });
  assert.is(JSON.parse(text('drawn/label_studio.json'))[1].data.image, 'demo/train/00011');
});

test('files that readers of class folders do not decode are drawn as PNG at their own size, and the stacks’ pages', async () => {
  const rgb = Uint8Array.from({ length: 3 * 9 * 4 }, (_, i) => (i < 54 ? 250 : 10));
  const image = sharp(rgb, { raw: { width: 9, height: 4, channels: 3 } });
  // Two pages of 2×1 numbers of 16 bits, of which the run showed 100 black and 1100 white.
  const numbers = new Uint8Array(Uint16Array.of(100, 1100, 600, 100).buffer);
  const page = (at: number) => [
    ...[longEntry(256, 2), longEntry(257, 1), shortEntry(258, 16), shortEntry(259, 1), shortEntry(262, 1)],
    ...[longEntry(273, 16 + at), shortEntry(277, 1), longEntry(278, 1), longEntry(279, 4)],
  ];
  const paths = ['moving.gif', 'photo.jfif', 'stack.tif#0', 'stack.tif#1'];
  writeFiles(folder, {
    'odd/moving.gif': await image.gif().toBuffer(),
    'odd/photo.jfif': await image.jpeg().toBuffer(),
    'odd/stack.tif': tiffFile([page(0), page(4)], numbers),
    'odd-run/config.json': runConfigText('odd', '100,1100'),
    'odd-run/labels.csv': [...labelsCsv(paths.map((path) => given(path, 'a')))].join(''),
  });
  await kindred('export --run odd-run --format imagefolder --out redrawn');
  assert.is(tree('redrawn/images/a').join(' '), 'moving.png photo.jpg stack.tif#0.png stack.tif#1.png');
  const read = (name: string) => PNG.sync.read(readFileSync(join(folder, 'redrawn/images/a', name)));
  const pixels = (name: string) => [...read(name).data.filter((_, i) => i % 4 === 0)];
  assert.equal(new Uint8Array(read('moving.png').data.filter((_, i) => i % 4 < 3)), rgb);
  assert.is(`${pixels('stack.tif#0.png')} ${pixels('stack.tif#1.png')}`, '0,255 128,0');
  assert.match(text('redrawn/images.csv'), 'images/a/stack.tif#1.png,stack.tif#1,a,');
});

test('what cannot be exported is refused in one sentence, and nothing is left of it', async () => {
  const refuse = (args: string, ...says: RegExp[]) =>
    assertRefused(folder, `export ${args}`.split(' '), says, { device: false });
  await refuse('--run run --format csv --out taken', /taken exists and is not empty: name another folder$/);
  await refuse('--run run --format csv --out truth.csv', /truth.csv is a file: name a folder/);
  await refuse('--run run --format csv --out truth.csv/out', /lies below a file/);
  await refuse('--run run --format xml --out o', /'xml' is none of csv, jsonl, imagefolder/);
  await refuse('--run run --format csv --statuses sure --out o', /'sure' is none of given, auto/);
  await refuse('--run run --format csv --statuses duplicate --out o', /no label of the status duplicate/);
  await refuse('--run images --format csv --out o', /images holds no config.json/);
  await refuse('--run unlabelled-run --format csv --out o', /holds no labels.csv: name the folder of a run/);
  await refuse(
    '--run run --format csv,imagefolder --data gone --out deep/er/o',
    /not in gone, seen from here: give their folder as --data/,
  );
  await refuse(
    '--run run --format csv,imagefolder --data images/lying --out deep/er/o',
    /images\/lying\/lying\/0.png does not exist/,
  );
  await refuse(
    '--run run --format jsonl,coco --data images/lying --out deep/er/o',
    /images\/lying\/lying\/0.png: no such file/,
  );
  await refuse('--run run --format csv --out /proc/o', /--out \/proc\/o cannot be written/);
});

test('paths in labels.csv that lead out of the data are refused, and names never lead out of the export', async () => {
  const bad = ['../truth.csv', 'lying/../../truth.csv', join(folder, 'truth.csv')];
  for (const path of bad) {
    const run = {
      'bad-run/config.json': runConfigText('images'),
      'bad-run/labels.csv': [...labelsCsv([given(path, 'x')])].join(''),
    };
    writeFiles(folder, run);
    for (const more of ['', ' --copy']) {
      await assertRefused(folder, `export --run bad-run --format imagefolder --out o${more}`.split(' '), [
        /leads out of images/,
      ]);
    }
  }
  const classes = ['../../up', '/root', 'C:\\x', '..', 'nul'];
  const images = ['lying/0.png', 'lying/1.png', 'lying/2.png', 'standing/0.png', 'standing/1.png'];
  writeFiles(folder, {
    'bad-run/labels.csv': [...labelsCsv(images.map((path, i) => given(path, classes[i]!)))].join(''),
  });
  const before = contents(folder);
  await kindred('export --run bad-run --format imagefolder --copy --out safe');
  assert.equal(
    tree('safe/images').filter((name) => name.endsWith('.png')),
    ['C__x/2.png', '_.._.._up/0.png', '___/0.png', '_nul/1.png', '_root/1.png'],
  );
  rmSync(join(folder, 'safe'), { recursive: true });
  assert.equal(contents(folder), before);
});

test('evaluate scores predicted labels by a truth file, leaving given ones out, as tables', async () => {
  const { stdout } = await kindred('evaluate --run run --truth truth.csv');
  assert.match(stdout, /^3 predicted labels with a known truth \(left out: 2 given, 1 without a truth\)$/m);
  assert.match(stdout, /^auto +2 +50\.0% /m);
  assert.match(stdout, /^review +1 +0\.0% /m);
  assert.match(stdout, /^all predicted +3 +33\.3% /m);
  assert.match(stdout, /^error of automatic labels: 50\.0%, with 95% confidence at most 97\.5%$/m);
  assert.match(stdout, /^lying +3 +1 +100\.0% +33\.3%$/m);
  assert.match(stdout, /^0\.5 – 0\.6 +1 +55\.0% +0\.0%$/m);
  assert.match(stdout, /^0\.9600 +33\.3% +1 +0 +0\.0% +95\.0%$/m);
});

test('evaluate takes folder names or the set’s own labels for the truth, and gives JSON', async () => {
  const json = async (args: string) => JSON.parse((await kindred(`evaluate --json ${args}`)).stdout);
  const folders = await json('--run run --truth folders');
  assert.equal(folders.classes, ['=standing, "tall"', 'lying', 'standing']);
  assert.equal([folders.all.count, folders.all.accuracy], [4, 0.25]);
  const own = await json('--run demo-run --truth own');
  const demo = await loadSet('demo', { files: nodeFiles, seed: 3, limit: 13 });
  const right = [11, 12].map(
    (image) => demo.classes[demo.labels[image]!] === (image === 11 ? 'cross' : 'star'),
  );
  assert.equal([own.all.count, own.all.accuracy], [2, right.filter(Boolean).length / 2]);
  assert.is(own.byStatus.auto.accuracy, Number(right[0]));
});

test('a truth that says nothing about the run is refused', async () => {
  writeFiles(folder, { 'other.csv': 'path,label\nx.png,cat\n' });
  const refuse = (args: string, ...says: RegExp[]) =>
    assertRefused(folder, `evaluate ${args}`.split(' '), says, { device: false });
  await refuse('--run run --truth none.csv', /--truth none.csv is no file: give a CSV file/);
  await refuse(
    '--run run --truth other.csv',
    /other.csv has no label of an image of the run: the run's paths look like lying\/0.png/,
  );
  await refuse('--run run --truth own', /images is a folder of images, without labels of its own/);
  await refuse('--run unlabelled-run --truth folders', /holds no labels.csv/);
});

test('on a full disk an export is one sentence, and leaves nothing behind', async () => {
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    console.log('SKIPPED the full disk: no file system can be mounted here');
    return;
  }
  try {
    writeFileSync(join(disk, 'ballast'), new Uint8Array(60_000));
    await assertRefused(
      folder,
      'export --run run --format csv,imagefolder --copy --out disk/out'.split(' '),
      [/disk\/out cannot be written, since the disk is full: free some space/],
    );
    assert.equal(readdirSync(disk), ['ballast']);
  } finally {
    execFileSync('umount', ['-l', disk]);
  }
});

test.after(() => rmSync(folder, { recursive: true, force: true }));
test.run();
