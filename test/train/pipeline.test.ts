import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import type { ImageSource, Labels } from '../../src/data/image_source.ts';
import { hideLabels } from '../../src/data/labels.ts';
import { assignRoles, trainAndCompare } from '../../src/train/pipeline.ts';
import { MemoryFiles } from './memory_files.ts';
import { side, stripes, tinyOptions } from './tiny.ts';

const count = 48;
const { pixels, labels } = stripes(count);

function sourceWith(partition: readonly ('train' | 'test')[], classOf = labels): ImageSource {
  return {
    name: 'stripes',
    description: 'stripes',
    size: side,
    pixels,
    paths: Array.from({ length: count }, (_, i) => `${i}.png`),
    labels: classOf,
    classes: ['lying', 'standing'],
    partition,
    unreadable: [],
    omitted: [],
    fingerprint: '',
  };
}

const allTrain = Array.from({ length: count }, () => 'train' as const);
const withTest = Array.from({ length: count }, (_, i) => (i < 32 ? ('train' as const) : ('test' as const)));

const disjoint = (a: Int32Array, b: Int32Array) => a.every((image) => !b.includes(image));

test('official test images score, and are neither trained on nor labelled', () => {
  const source = sourceWith(withTest);
  const roles = assignRoles(source, hideLabels(source, 3, 0), 0);
  assert.equal([...roles.pretext], [...Array(32).keys()]);
  assert.is(roles.labelled.length, 6);
  assert.equal(
    [...roles.heldOut],
    Array.from({ length: 16 }, (_, i) => 32 + i),
  );
  assert.equal(
    [...roles.truth],
    [...roles.heldOut].map((image) => labels[image]),
  );
  assert.match(roles.heldOutFrom, 'official test');
});

test('without official test images those score whose labels were hidden', () => {
  const source = sourceWith(allTrain);
  const given = hideLabels(source, 5, 0);
  const { pretext, labelled, labels: known, heldOut, truth } = assignRoles(source, given, 0);
  assert.is(pretext.length, count);
  assert.is(labelled.length, 10);
  assert.ok(disjoint(labelled, heldOut));
  assert.is(labelled.length + heldOut.length, count);
  for (const [i, image] of labelled.entries()) assert.is(known[i], labels[image]);
  for (const [i, image] of heldOut.entries()) assert.is(truth[i], labels[image]);
});

test('where all that is known was given, three tenths of it are kept to score, of each class', () => {
  const some = labels.map((label, image) => (image < 20 ? label : -1));
  const source = sourceWith(allTrain, some);
  const roles = assignRoles(source, source, 0);
  assert.is(roles.labelled.length, 14);
  assert.is(roles.heldOut.length, 6);
  assert.ok(disjoint(roles.labelled, roles.heldOut));
  assert.is(roles.truth.filter((label) => label === 0).length, 3);
  assert.equal(assignRoles(source, source, 0), roles);
});

test('truth is told in the numbers of the given classes, and what they lack does not score', () => {
  const source = sourceWith(allTrain);
  const given: Labels = {
    classes: ['standing', 'other'],
    labels: labels.map((label, image) => (label === 1 && image < 9 ? 0 : image === 10 ? 1 : -1)),
  };
  const { heldOut, truth } = assignRoles(source, given, 0);
  assert.is(heldOut.length, 24 - 4);
  assert.ok(heldOut.every((image) => labels[image] === 1));
  assert.ok(truth.every((label) => label === 0));
});

const engine = await Engine.create();

interface Part {
  readonly source: ImageSource;
  readonly given: Labels;
  readonly files: MemoryFiles;
  readonly resume?: boolean;
  readonly signal?: AbortSignal;
  readonly onStage?: (stage: string, done?: number) => void;
}

async function run({ source, given, files, resume = false, signal, onStage }: Part) {
  const roles = assignRoles(source, given, 0);
  return trainAndCompare(engine, source, given, roles, tinyOptions, {
    files,
    folder: 'run',
    resume,
    ...(signal && { signal }),
    ...(onStage && { onStage }),
  });
}

const source = sourceWith(withTest);
const given = hideLabels(source, 8, 0);
const reference = new MemoryFiles();
const stages: string[] = [];
const result = await run({
  source,
  given,
  files: reference,
  onStage: (stage) => {
    if (stage !== stages.at(-1)) stages.push(stage);
  },
});
const report = JSON.parse(reference.text('run/report.json'));

const learned = ['checkpoint.safetensors', 'encoder.safetensors', 'head.safetensors'];

function assertSameFiles(files: MemoryFiles, names: readonly string[]): void {
  for (const name of names) {
    const [actual, expected] = [files, reference].map((each) =>
      Buffer.from(each.content.get(`run/${name}`)!),
    );
    assert.ok(Buffer.compare(actual!, expected!) === 0, `${name} differs`);
  }
}

test('the run compares four methods in order and saves what it printed', () => {
  assert.is(result.interrupted, false);
  assert.is(result.step, 3 * 8);
  assert.equal(report.comparison, JSON.parse(JSON.stringify(result.rows)));
  assert.equal([report.labelled, report.heldOut], [16, 16]);
  assert.equal(stages, ['probe on SimCLR features', 'probe on random features', 'supervised from scratch']);
});

test('held-out classes choose nothing: other ones leave every learned byte and change only the scores', async () => {
  const flipped = labels.map((label, image) => (image < 32 ? label : 1 - label));
  const files = new MemoryFiles();
  await run({ source: sourceWith(withTest, flipped), given, files });
  assertSameFiles(files, learned);
  const other = JSON.parse(files.text('run/report.json'));
  assert.equal(other.probe, report.probe);
  for (const [i, { method, accuracy }] of report.comparison.entries()) {
    assert.ok(Math.abs(accuracy + other.comparison[i].accuracy - 1) < 1e-12, method);
  }
});

test('hidden classes are not even watched: the metrics of training images are the same for other ones', async () => {
  const few = hideLabels(sourceWith(allTrain), 4, 0);
  const flipped = labels.map((label, image) => (few.labels[image]! < 0 ? 1 - label : label));
  const metrics: string[] = [];
  for (const classOf of [labels, flipped]) {
    const files = new MemoryFiles();
    const controller = new AbortController();
    const part = { source: sourceWith(allTrain, classOf), given: few, files, signal: controller.signal };
    await run({ ...part, onStage: () => controller.abort() });
    metrics.push(files.text('run/metrics.jsonl').replace(/,"imagesPerSecond":[\d.]+/g, ''));
  }
  assert.match(metrics[0]!, /"knnAccuracy":\d/);
  assert.is(metrics[1], metrics[0]);
});

test('stopped in the midst of the baselines it writes no report; resumed it ends in the same bytes', async () => {
  const files = new MemoryFiles();
  const controller = new AbortController();
  const stopped = await run({
    source,
    given,
    files,
    signal: controller.signal,
    onStage: (stage, done) => {
      if (stage === 'supervised from scratch' && done === 3) controller.abort();
    },
  });
  assert.is(stopped.interrupted, true);
  assert.is(stopped.step, 3 * 8);
  assert.equal(await files.list('run'), ['checkpoint.json', 'checkpoint.safetensors', 'metrics.jsonl']);
  const resumed = await run({ source, given, files, resume: true });
  assert.is(resumed.interrupted, false);
  assertSameFiles(files, [...learned, 'report.json']);
});

test('an error of a stage is not taken for an interruption', async () => {
  const controller = new AbortController();
  const onStage = (stage: string) => {
    if (stage !== 'probe on SimCLR features') return;
    controller.abort();
    throw new Error('disk full');
  };
  const files = new MemoryFiles();
  const message = await run({ source, given, files, signal: controller.signal, onStage }).then(
    () => 'ended',
    (error: Error) => error.message,
  );
  assert.is(message, 'disk full');
});

test.after(() => engine.destroy());
test.run();
