import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/formats/safetensors.ts';
import type { PretrainOptions } from '../../src/pretext/options.ts';
import { pretrain } from '../../src/pretext/pretrain.ts';
import { pretextMethods } from '../../src/pretext/registry.ts';
import { MemoryFiles } from '../memory_files.ts';
import { stopAfter, tinyData, tinyOptions } from './tiny.ts';

// A run that stops anywhere and is resumed must be the run that never stopped: the same bytes, no tolerance.
const engine = await Engine.create();
const data = tinyData();
const stepsPerEpoch = 5;
const totalSteps = 15;

interface Part {
  readonly files: MemoryFiles;
  readonly resume?: boolean;
  /** Steps after which this part stops. */
  readonly steps?: number;
  readonly options?: PretrainOptions;
}

async function run({ files, resume = false, steps = Number.POSITIVE_INFINITY, options = tinyOptions }: Part) {
  return pretrain(engine, data, options, { files, folder: 'run', resume, signal: stopAfter(steps) });
}

/** The run in parts of so many steps, the last of them to the end. */
async function runInParts(parts: readonly number[], options: PretrainOptions): Promise<MemoryFiles> {
  const files = new MemoryFiles();
  let done = 0;
  for (const steps of [...parts, Number.POSITIVE_INFINITY]) {
    const { interrupted, step } = await run({ files, resume: done > 0, steps, options });
    done += steps;
    assert.is(interrupted, done <= totalSteps);
    assert.is(step, Math.min(done, totalSteps));
  }
  return files;
}

/** The log without its timings. */
const metrics = (files: MemoryFiles): string =>
  files.text('run/metrics.jsonl').replace(/,"imagesPerSecond":[\d.]+/g, '');

/** Parameters, running statistics, optimizer state, sums and progress are all in the checkpoint. */
const checkpoint = (files: MemoryFiles): Uint8Array => files.content.get('run/checkpoint.safetensors')!;

const uninterrupted = await runInParts([], tinyOptions);

function assertSame(files: MemoryFiles, reference = uninterrupted): void {
  assert.is(metrics(files), metrics(reference));
  const [actual, expected] = [files, reference].map((each) =>
    decodeSafetensors(checkpoint(each), 'checkpoint'),
  );
  for (const [name, { data }] of expected!.tensors) {
    assert.ok(Buffer.compare(bytes(actual!.tensors.get(name)!.data), bytes(data)) === 0, `${name} differs`);
  }
  assert.ok(Buffer.compare(checkpoint(files), checkpoint(reference)) === 0, 'the checkpoints differ');
}

const bytes = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  Buffer.from(buffer, byteOffset, byteLength);

test('the run compared with trains: every parameter moves, and all that a resume needs is kept', async () => {
  const { tensors } = decodeSafetensors(checkpoint(uninterrupted), 'checkpoint');
  const start = new MemoryFiles();
  await run({ files: start, steps: 0 });
  const before = decodeSafetensors(checkpoint(start), 'checkpoint').tensors;
  const moved = [...tensors].filter(
    ([name, { data }]) => bytes(data).compare(bytes(before.get(name)!.data)) !== 0,
  );
  // The sums of an epoch are zero at its end as at the start.
  assert.equal(
    [...tensors.keys()].filter((name) => !moved.some(([other]) => other === name)),
    ['epoch.loss', 'epoch.metrics'],
  );
  for (const part of ['running_mean', 'running_var', 'projector.', 'optimizer.']) {
    assert.ok(
      [...tensors.keys()].some((name) => name.includes(part)),
      part,
    );
  }
  assert.is(metrics(uninterrupted).trimEnd().split('\n').length, 3 + 2);
});

for (const parts of [[1], [stepsPerEpoch], [7], [14], [3, 4, 5]]) {
  test(`interrupted after ${parts.join(', then ')} steps and resumed, it ends in the same bytes`, async () => {
    assertSame(await runInParts(parts, tinyOptions));
  });
}

test('an interruption before the first step saves the start', async () => {
  const files = new MemoryFiles();
  assert.is((await run({ files, steps: 0 })).step, 0);
  await run({ files, resume: true });
  assertSame(files);
});

for (const name of ['lars', 'adamw'] as const) {
  test(`the state of ${name} is resumed too`, async () => {
    const options = { ...tinyOptions, optimizer: { ...tinyOptions.optimizer, name }, learningRate: 0.01 };
    const whole = await runInParts([], options);
    assertSame(await runInParts([7], options), whole);
  });
}

for (const method of Object.keys(pretextMethods)) {
  test(`a ${method} run is resumed with the same batches and labels, and its steps take no memory`, async () => {
    const options = { ...tinyOptions, method };
    const whole = await runInParts([], options);
    const parts = new MemoryFiles();
    await run({ files: parts, steps: 7, options });
    const { pretext } = await run({ files: parts, resume: true, options });
    assertSame(parts, whole);
    const before = { ...engine.gpu.allocated };
    for (let step = 0; step < 20; step++) pretext.step([5, 0, 12, 7], step, 0.1);
    await engine.gpu.idle();
    assert.equal(engine.gpu.allocated, before);
  });
}

test('a run in chunks is resumed to the same bytes; one chunk of the whole batch is a run without chunks', async () => {
  const options = { ...tinyOptions, chunk: 2 };
  const whole = await runInParts([], options);
  assertSame(await runInParts([7], options), whole);
  assert.not.equal(metrics(whole), metrics(uninterrupted));
  const batch = { ...tinyOptions, chunk: tinyOptions.batch };
  assertSame(await runInParts([], batch));
  const files = new MemoryFiles();
  await run({ files, steps: 3, options: batch });
  await run({ files, resume: true });
  assertSame(files);
});

test('where a setting stands among the options says nothing, and a run without chunk or f16 names neither', async () => {
  const files = new MemoryFiles();
  const identityOf = () => decodeSafetensors(checkpoint(files), 'checkpoint').metadata.identity!;
  await run({ files, steps: 3, options: { chunk: 2, ...tinyOptions } });
  const first = identityOf();
  await run({ files, resume: true, steps: 3, options: { ...tinyOptions, chunk: 2 } });
  assert.is(identityOf(), first);
  await run({ files, steps: 0, options: { precision: 'f32', chunk: tinyOptions.batch, ...tinyOptions } });
  const facts = { images: 20, sourceSize: data.size, method: 'simclr', ...tinyOptions };
  assert.equal(JSON.parse(identityOf()), facts);
});

test('a run is not resumed with another method or chunk, nor with other labels where it learns from them', async () => {
  const refusal = async (
    options: PretrainOptions,
    changed: Partial<PretrainOptions>,
    labels = data.labels,
  ) => {
    const files = new MemoryFiles();
    await run({ files, steps: 2, options });
    const given = { files, folder: 'run', resume: true };
    return pretrain(engine, { ...data, labels }, { ...options, ...changed }, given).then(
      () => 'went on',
      (error: Error) => error.message,
    );
  };
  const mixed = { ...tinyOptions, method: 'mixed' } as const;
  const swapped = data.labels.map((label, i) => (i < 2 ? 1 - label : label));
  assert.match(await refusal({ ...tinyOptions, chunk: 2 }, { chunk: 1 }), /chunk was 2, now 1/);
  assert.match(await refusal(tinyOptions, mixed), /pretext was "simclr", now "mixed"/);
  assert.match(await refusal(mixed, {}, swapped), /labels was "\w+", now "\w+"/);
  assert.is(await refusal(tinyOptions, {}, swapped), 'went on');
});

test('a checkpoint that also names settings of other methods is resumed to the same bytes', async () => {
  const files = new MemoryFiles();
  await run({ files, steps: 7 });
  const { tensors, metadata } = decodeSafetensors(checkpoint(files), 'checkpoint');
  const identity = JSON.stringify({ labelledWeight: 1, ...JSON.parse(metadata.identity!) });
  await files.writeAtomic(
    'run/checkpoint.safetensors',
    encodeSafetensors(tensors, { ...metadata, identity }),
  );
  await run({ files, resume: true });
  assertSame(files);
});

/** Files on which a process dies: the log's line number `last` is torn, and nothing is written after it. */
class DyingFiles extends MemoryFiles {
  #lines = 0;
  readonly #last: number;

  constructor(last: number) {
    super();
    this.#last = last;
  }

  override async append(path: string, text: string) {
    this.#lines++;
    if (this.#lines < this.#last) return super.append(path, text);
    await super.append(path, text.slice(0, 20));
    throw new Error('died');
  }
}

test('after a crash the lines behind the checkpoint are dropped, a torn one too, and their steps redone', async () => {
  // Lines: step 1, epoch 0 (and its checkpoint), step 10, epoch 1 torn.
  const files = new DyingFiles(4);
  const message = await run({ files }).then(
    () => 'ended',
    (error: Error) => error.message,
  );
  assert.is(message, 'died');
  assert.is(JSON.parse(files.text('run/checkpoint.json')).step, stepsPerEpoch);
  assert.is(metrics(files).split('\n').length, 4);
  const survived = files.fork();
  await run({ files: survived, resume: true });
  assertSame(survived);
});

test('a log that lost its last lines goes on without them', async () => {
  const files = new MemoryFiles();
  await run({ files, steps: 12 });
  const [first] = metrics(files).split('\n');
  await files.writeAtomic('run/metrics.jsonl', `${first}\n`);
  await run({ files, resume: true });
  const lines = metrics(files).trimEnd().split('\n');
  const whole = metrics(uninterrupted).trimEnd().split('\n');
  assert.equal(lines, [whole[0], whole.at(-1)]);
});

test('a run that was not asked to resume starts anew', async () => {
  const files = new MemoryFiles();
  await run({ files, steps: 7 });
  await run({ files });
  assertSame(files);
});

test.after(() => engine.destroy());
test.run();
