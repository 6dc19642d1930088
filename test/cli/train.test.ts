import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeSafetensors } from '../../src/train/safetensors.ts';
import { runKindred, stripedImages, writeFiles } from './support.ts';

// One small run from a folder of images to its report, looked at from all sides.
const folder = mkdtempSync(join(tmpdir(), 'kindred-cli-'));
writeFiles(folder, {
  ...stripedImages('images', 20),
  'images/lying/torn.png': 'torn',
  'images/a.gif': 'GIF89a',
});
const command =
  'train --data images --labels folders --labels-per-class 5 --image-size 16 --width 4 --epochs 2 --batch 8 --out run';
const { code, stdout, stderr } = await runKindred(folder, command.split(' '));

const read = (name: string): string => readFileSync(join(folder, 'run', name), 'utf8');
const tensorsOf = (name: string) => decodeSafetensors(readFileSync(join(folder, 'run', name)), name);
const shapesOf = (name: string) =>
  Object.fromEntries([...tensorsOf(name).tensors].map(([tensor, { shape }]) => [tensor, shape.join('×')]));

test('a run succeeds and leaves its files, whole and no others', () => {
  assert.is(code, 0, stderr);
  assert.equal(readdirSync(join(folder, 'run')).sort(), [
    'checkpoint.json',
    'checkpoint.safetensors',
    'config.json',
    'encoder.safetensors',
    'head.safetensors',
    'metrics.jsonl',
    'report.json',
  ]);
});

test('it says which adapter works, on what, and how it went', () => {
  const lines = stderr.split('\n').filter((line) => !line.startsWith('Warning: '));
  assert.match(lines[0]!, /^adapter: \S/);
  assert.match(stderr, 'data: folder: 40 images, 2 skipped as unreadable\n');
  assert.match(stderr, 'task: 10 labels in 2 classes, scored on 30 (images whose labels were hidden)\n');
  assert.match(stderr, 'SimCLR: ResNet-18 of width 4 at 16×16, 40 images, 2 epochs, batches of 8\n');
  assert.match(stderr, /\nepoch 2\/2 {2}loss \d\.\d{4} \(chance 2\.7081\) {2}contrastive top-1 /);
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

test('report.json and the printed table tell the same of every method, on the same images', () => {
  const { labelled, heldOut, heldOutFrom, probe, comparison } = JSON.parse(read('report.json'));
  assert.equal([labelled, heldOut, heldOutFrom], [10, 30, 'images whose labels were hidden']);
  assert.ok(probe.strength > 0 && probe.validation.length > 1);
  const [title, ...rows] = stdout.trimEnd().split('\n');
  assert.match(title!, 'accuracy on 30 held-out images, from 10 labels');
  assert.is(rows.length, 4);
  const methods = comparison.map(({ method }: { method: string }) => method);
  assert.equal(methods, [
    'SimCLR features + probe',
    'probe on random features',
    'supervised from scratch',
    'majority class',
  ]);
  for (const [i, { method, accuracy, interval }] of comparison.entries()) {
    assert.ok(Number.isInteger(Math.round(accuracy * 30e6) / 1e6), `${method}: ${accuracy} of 30 images`);
    assert.ok(interval[0] <= accuracy && accuracy <= interval[1]);
    assert.ok(rows[i]!.trim().startsWith(method));
    assert.match(rows[i]!, `${(100 * accuracy).toFixed(1)}%`);
  }
  // Both classes have fifteen hidden images.
  assert.is(comparison[3].accuracy, 0.5);
});

test.after(() => rmSync(folder, { recursive: true, force: true }));
test.run();
