import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeSafetensors } from '../../src/formats/safetensors.ts';
import { readLabelsCsv } from '../../src/label/files/labels_csv.ts';
import type { ComparisonRow } from '../../src/label/methods/comparison.ts';
import { assertRefused, runKindred, stripedImages, writeFiles } from './support.ts';

// One small run from a folder of images to its report, looked at from all sides.
const folder = mkdtempSync(join(tmpdir(), 'kindred-cli-'));
writeFiles(folder, {
  ...stripedImages('images', 20),
  'images/lying/torn.png': 'torn',
  'images/a.gif': 'GIF89a',
});
const command =
  'train --data images --labels folders --labels-per-class 5 --image-size 16 --width 4 --epochs 2 --batch 8 --folds 2 --steps 4 --budget 6 --encoder none --methods probe,supervised,random,majority --out run';
const { code, stdout, stderr } = await runKindred(folder, command.split(' '));

const read = (name: string): string => readFileSync(join(folder, 'run', name), 'utf8');
const tensorsOf = (name: string) => decodeSafetensors(readFileSync(join(folder, 'run', name)), name);
const shapesOf = (name: string) =>
  Object.fromEntries([...tensorsOf(name).tensors].map(([tensor, { shape }]) => [tensor, shape.join('×')]));

test('a run succeeds and leaves its files, whole and no others', () => {
  assert.is(code, 0, stderr);
  assert.equal(readdirSync(join(folder, 'run')).sort(), [
    'audit.csv',
    'audit.json',
    'checkpoint.json',
    'checkpoint.safetensors',
    'config.json',
    'encoder.safetensors',
    'given.csv',
    'head.safetensors',
    'labels.csv',
    'metrics.jsonl',
    'next.csv',
    'next.json',
    'pretext.safetensors',
    'report.html',
    'report.json',
  ]);
});

test('it says which adapter works, on what, and how it went', () => {
  const lines = stderr.split('\n').filter((line) => !line.startsWith('Warning: '));
  assert.match(lines[0]!, /^adapter: \S/);
  assert.match(stderr, /\ndata: folder: 42 images/);
  assert.match(stderr, 'task: 10 labels in 2 classes, scored on 30 images whose label was hidden\n');
  assert.match(stderr, 'SimCLR: ResNet-18 with 32 features at 16×16, 40 images, 2 epochs, batches of 8\n');
  assert.match(stderr, /\nepoch 2\/2 {2}loss \d\.\d{4} \(chance 2\.7081\) {2}contrastive top-1 /);
});

test('a pretext run does not replace the encoder that a classifier stands on', async () => {
  const says = [
    /the run in run has labelled images with its encoder, .*resume it with train, or choose another --out$/,
  ];
  await assertRefused(folder, ['pretrain', '--resume', '--out', 'run'], says, { device: false });
});

test('unreadable images are skipped, counted and listed with a reason', () => {
  assert.match(stderr, 'skipped 2 unreadable images:\n');
  const { unreadable } = JSON.parse(read('config.json')).data;
  assert.equal(
    unreadable.map(({ path }: { path: string }) => path),
    ['a.gif', 'lying/torn.png'],
  );
  for (const { path, reason } of unreadable) assert.match(stderr, `  ${path}: ${reason}\n`);
});

test('config.json holds every resolved option and what the run ran on', () => {
  const {
    command: words,
    options,
    settings,
    adapter,
    speed,
    versions,
    data,
  } = JSON.parse(read('config.json'));
  assert.equal(words, command.split(' '));
  assert.is(options.labelsPerClass, 5);
  const { encoder, batch, epochs, temperature, policy, projection, optimizer, learningRate } = settings;
  assert.equal(
    { encoder, batch, epochs },
    { encoder: { depth: 18, width: 4, stem: 'cifar' }, batch: 8, epochs: 2 },
  );
  assert.ok(temperature > 0 && learningRate > 0 && projection.length > 0);
  assert.is(policy.name, 'simclr-cifar');
  assert.type(optimizer.name, 'string');
  assert.ok(stderr.includes(adapter), 'the adapter is the one that was told');
  assert.ok(speed.flops > 1e6 && speed.bandwidth > 1e6);
  assert.is(versions.node, process.versions.node);
  assert.match(data.fingerprint, /^[0-9a-f]{64}$/);
});

test('metrics.jsonl has a line for the looks at the loss and one for each epoch', () => {
  const lines = read('metrics.jsonl').trimEnd().split('\n');
  const events = lines.map((line) => JSON.parse(line));
  assert.equal(
    events.map(({ event, step, epoch }) => [event, step, epoch]),
    [
      ['step', 1, 0],
      ['epoch', 5, 0],
      ['step', 10, 1],
      ['epoch', 10, 1],
    ],
  );
  for (const event of events) {
    for (const name of ['loss', 'learningRate', 'imagesPerSecond']) assert.ok(event[name] > 0, name);
    if (event.event === 'step') continue;
    assert.is(event.chanceLoss, Math.log(15));
    assert.ok(event.featureStd > 0 && event.effectiveRank >= 1 && event.effectiveRank <= 32);
    assert.ok(event.contrastiveTop1 >= 0 && event.contrastiveTop1 <= 1);
    assert.ok(Math.abs(event.positiveSimilarity) <= 1);
    // Leave-one-out among the ten given labels.
    assert.ok(Number.isInteger(Math.round(1e6 * event.knnAccuracy) / 1e5), `kNN ${event.knnAccuracy}`);
  }
});

/** Name and shape of every tensor of torchvision's ResNet-18 of this width without `fc`. */
function resnet18Shapes(width: number): Record<string, string> {
  const shapes: Record<string, string> = {};
  const batchNorm = (name: string, channels: number) => {
    for (const part of ['weight', 'bias', 'running_mean', 'running_var'])
      shapes[`${name}.${part}`] = `${channels}`;
    shapes[`${name}.num_batches_tracked`] = '';
  };
  shapes['conv1.weight'] = `${width}×3×3×3`;
  batchNorm('bn1', width);
  for (let layer = 1; layer <= 4; layer++) {
    const outputs = width * 2 ** (layer - 1);
    for (const block of [0, 1]) {
      const name = `layer${layer}.${block}`;
      const inputs = layer > 1 && block === 0 ? outputs / 2 : outputs;
      shapes[`${name}.conv1.weight`] = `${outputs}×${inputs}×3×3`;
      shapes[`${name}.conv2.weight`] = `${outputs}×${outputs}×3×3`;
      batchNorm(`${name}.bn1`, outputs);
      batchNorm(`${name}.bn2`, outputs);
      if (inputs === outputs) continue;
      shapes[`${name}.downsample.0.weight`] = `${outputs}×${inputs}×1×1`;
      batchNorm(`${name}.downsample.1`, outputs);
    }
  }
  return shapes;
}

test("encoder.safetensors has torchvision's names and shapes and finite values", () => {
  assert.equal(shapesOf('encoder.safetensors'), resnet18Shapes(4));
  const { tensors, metadata } = tensorsOf('encoder.safetensors');
  for (const [name, { data }] of tensors) {
    for (const value of data) assert.ok(Number.isFinite(Number(value)), `${name} holds ${value}`);
  }
  assert.is(metadata.imageSize, '16');
});

test('head.safetensors is a linear layer on the features, with the names of its classes', () => {
  assert.equal(shapesOf('head.safetensors'), { 'fc.weight': '2×32', 'fc.bias': '2' });
  assert.equal(JSON.parse(tensorsOf('head.safetensors').metadata.classes!), ['lying', 'standing']);
});

const report = JSON.parse(read('report.json'));

test('the printed table and report.json tell the same of every method', () => {
  const { rows, heldOutFrom, folds } = report.comparison;
  assert.equal([heldOutFrom, folds], ['images whose label was hidden', 2]);
  const lines = stdout.split('\n').slice(2, 6);
  const names = ['SimCLR + probe', 'supervised from scratch', 'probe on random features', 'majority class'];
  rows.forEach((row: ComparisonRow, i: number) => {
    assert.is(row.method, names[i]);
    assert.is(row.outOfFold!.images, 10);
    assert.is(row.heldOut!.images, 30);
    const mark = row.chosen ? '*' : ' ';
    const shares = [row.outOfFold!, row.heldOut!].map(({ mean }) => `${(100 * mean).toFixed(1)}% (`);
    assert.ok(lines[i]!.startsWith(`${mark} ${row.method}`), lines[i]);
    for (const share of shares) assert.ok(lines[i]!.includes(share), `${share} in ${lines[i]}`);
  });
  assert.is(rows.filter(({ chosen }: ComparisonRow) => chosen).length, 1);
  // Both classes have fifteen hidden images.
  assert.is(rows[3].heldOut.mean, 0.5);
});

const labels = readLabelsCsv(read('labels.csv'), 'labels.csv');

test('every readable image has one row in labels.csv, and given labels are as they were given', () => {
  assert.is(labels.length, 40);
  assert.is(new Set(labels.map(({ path }) => path)).size, 40);
  const given = labels.filter(({ status }) => status === 'given');
  assert.is(given.length, 10);
  for (const { path, label } of given) assert.ok(path.startsWith(`${label}/`), path);
  const counts = Object.fromEntries(Object.keys(report.counts).map((status) => [status, 0]));
  for (const { status } of labels) counts[status]!++;
  assert.equal(counts, report.counts);
});

test('given.csv holds the given labels, next.csv asks for others', () => {
  assert.is(read('given.csv').trimEnd().split('\r\n').length, 11);
  const next = read('next.csv').trimEnd().split('\r\n').slice(1);
  assert.is(next.length, 6);
  const given = new Set(labels.filter(({ status }) => status === 'given').map(({ path }) => path));
  for (const row of next) assert.not.ok(given.has(row.split(',')[0]!), row);
});

test('hidden labels are scored as the truth has them', () => {
  const wrong = labels.filter(
    ({ path, label, status }) => status !== 'given' && !path.startsWith(`${label}/`),
  );
  assert.ok(Math.abs(report.hiddenTruth.all.accuracy - (1 - wrong.length / 30)) < 1e-12);
});

test('report.html is one whole page about this run', () => {
  const page = read('report.html');
  assert.match(page, /^<!doctype html>[\s\S]*<\/html>\n$/);
  assert.ok(page.includes('supervised from scratch'));
});

// What follows goes on from the run, one command after the other.
const again = (args: string) => runKindred(folder, args.split(' '));

test('the same command gives the same labels, byte by byte', async () => {
  const repeated = await again(command.replace('--out run', '--out twin'));
  assert.is(repeated.code, 0, repeated.stderr);
  for (const name of ['labels.csv', 'report.json', 'next.csv', 'encoder.safetensors']) {
    const [one, two] = ['run', 'twin'].map((run) => readFileSync(join(folder, run, name)));
    if (name === 'report.json') {
      const without = (bytes: Buffer) => ({ ...JSON.parse(bytes.toString()), provenance: null });
      assert.equal(without(one!), without(two!));
    } else assert.ok(one!.equals(two!), name);
  }
});

test('label takes a filled-in next.csv: its labels are added, and none of the given ones is lost', async () => {
  const [header, ...rows] = read('next.csv').trimEnd().split('\r\n');
  const filled = rows.map((row) => row.replace(',,', `,${row.split('/')[0]},`));
  writeFileSync(join(folder, 'more.csv'), [header, ...filled, ''].join('\n'));
  const { code, stderr } = await again(
    'label --run run --labels more.csv --methods probe --folds 2 --out second',
  );
  assert.is(code, 0, stderr);
  assert.match(stderr, 'labels: 6 added, 0 changed, 16 in all');
  const second = readLabelsCsv(readFileSync(join(folder, 'second', 'labels.csv'), 'utf8'), 'labels.csv');
  const given = second.filter(({ status }) => status === 'given').map(({ path }) => path);
  assert.is(given.length, 16);
  for (const { path, status } of labels) if (status === 'given') assert.ok(given.includes(path), path);
});

test('next proposes from a run, and draws what it proposes', async () => {
  const { code, stdout: said, stderr } = await again('next --run second --budget 5');
  assert.is(code, 0, stderr);
  assert.is(said.trimEnd().split('\n').length, 5);
  const sheet = PNG.sync.read(readFileSync(join(folder, 'second', 'next.png')));
  assert.ok(sheet.width > 5 * 64 && sheet.height > 64);
});

test.after(() => rmSync(folder, { recursive: true, force: true }));
test.run();
