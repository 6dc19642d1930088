import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { RunError } from '../../src/errors.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/formats/safetensors.ts';
import { optimizerNames } from '../../src/optim/named_optimizer.ts';
import { SkippedSteps } from '../../src/pretext/failure.ts';
import type { PretrainOptions } from '../../src/pretext/options.ts';
import { pretrain } from '../../src/pretext/pretrain.ts';
import { MemoryFiles } from '../memory_files.ts';
import { stopAfter, tinyData, tinyOptions } from './tiny.ts';

// What goes wrong in a run is found within an epoch, and what was saved before stays.
const engine = await Engine.create();
const precisions = engine.gpu.capabilities.features.has('shader-f16')
  ? (['f32', 'f16'] as const)
  : (['f32'] as const);
const data = tinyData();
const path = 'run/checkpoint.safetensors';
/** Of an epoch. */
const steps = 5;

async function run(files: MemoryFiles, options: PretrainOptions, stop?: number): Promise<Error | undefined> {
  const resume = files.content.has(path);
  const signal = stopAfter(stop ?? Number.POSITIVE_INFINITY);
  return pretrain(engine, data, options, { files, folder: 'run', resume, signal }).then(
    () => undefined,
    (error: Error) => error,
  );
}

/** A checkpoint behind the first epoch. */
async function firstEpoch(options: PretrainOptions): Promise<MemoryFiles> {
  const files = new MemoryFiles();
  assert.is(await run(files, options, steps), undefined);
  return files;
}

for (const precision of precisions) {
  for (const name of optimizerNames) {
    const options: PretrainOptions = {
      ...tinyOptions,
      precision,
      optimizer: { ...tinyOptions.optimizer, name },
    };

    test(`${precision}, ${name}: a NaN in any one tensor of the network or its optimizer is found within an epoch`, async () => {
      const whole = await firstEpoch(options);
      const { tensors, metadata } = decodeSafetensors(whole.content.get(path)!, path);
      const names = [...tensors.keys()].filter((key) => !/^(epoch|loss_scale)/.test(key));
      assert.ok(names.length > 60 && names.some((key) => key.startsWith('optimizer.')), `${names}`);
      // Each run takes seconds: with the first optimizer tensors of every kind, with the others its own state.
      const sample = names.filter((key, i) =>
        name === 'sgd' ? i % 13 === 0 || i > names.length - 4 : key.startsWith('optimizer.'),
      );
      for (const planted of process.env.KINDRED_EVERY_TENSOR ? names : sample) {
        const changed = new Map(tensors);
        const tensor = tensors.get(planted)!;
        const at = Math.floor(tensor.data.length / 2);
        changed.set(planted, { ...tensor, data: (tensor.data as Float32Array).with(at, Number.NaN) });
        const files = new MemoryFiles();
        for (const [file, content] of whole.content) files.content.set(file, content);
        const bad = encodeSafetensors(changed, metadata);
        files.content.set(path, bad);
        const error = await run(files, options);
        assert.instance(error, RunError, `${planted}: ${error?.message ?? 'went on'}`);
        assert.match(error!.message, /training diverged.*the checkpoint of step 5 is kept$/, planted);
        assert.is(Buffer.compare(files.content.get(path)!, bad), 0, planted);
        const events = files.text('run/metrics.jsonl').trimEnd().split('\n').slice(1);
        assert.not.ok(
          events.some((line) => line.includes('"event":"epoch","epoch":1')),
          planted,
        );
      }
    });

    test(`${precision}, ${name}: a learning rate of 1e12 is found within an epoch, which is not saved`, async () => {
      for (const weightDecay of [0, 5e-4]) {
        const files = new MemoryFiles();
        const wild = { ...options, learningRate: 1e12, warmupEpochs: 0 };
        const error = await run(files, { ...wild, optimizer: { ...wild.optimizer, weightDecay } });
        assert.instance(error, RunError, `${error?.message ?? 'went on'}`);
        assert.match(error!.message, /lower learningRate or raise warmup.*; no epoch was saved$/);
        assert.is(files.content.has(path), false);
      }
    });
  }
}

test('a run that is stopped with a broken model saves nothing over what it had', async () => {
  const files = await firstEpoch(tinyOptions);
  const { tensors, metadata } = decodeSafetensors(files.content.get(path)!, path);
  const mean = tensors.get('bn1.running_mean')!;
  const changed = new Map(tensors);
  changed.set('bn1.running_mean', { ...mean, data: (mean.data as Float32Array).with(1, Infinity) });
  const bad = encodeSafetensors(changed, metadata);
  files.content.set(path, bad);
  const error = await run(files, tinyOptions, 2);
  assert.match(
    error!.message,
    /^the tensor 'bn1\.running_mean' went wrong: 1 of its 2 numbers is (Infinity|NaN), and nothing is saved of it; training diverged; lower learningRate or raise warmup; the checkpoint of step 5 is kept$/,
  );
  assert.is(Buffer.compare(files.content.get(path)!, bad), 0);
});

test('steps that a loss scale skips end a run where they are most and no smaller scale can help', () => {
  const reading = (scale: number, skippedSteps: number, forwardOverflows: number) => ({
    scale,
    skippedSteps,
    forwardOverflows,
  });
  const saved = { step: 40 };
  const looks = (stepsPerEpoch: number) => new SkippedSteps(40, reading(2 ** 14, 0, 0), stepsPerEpoch);
  // A scale that finds its size, one odd image now and then.
  const healthy = looks(100);
  healthy.check(50, reading(2 ** 4, 10, 0), 0.1, saved);
  healthy.check(60, reading(1, 14, 0), 0.1, saved);
  healthy.check(70, reading(1, 19, 4), 0.1, saved);
  // Too few steps to judge by: they count with the next.
  healthy.check(72, reading(1, 21, 6), 0.1, saved);
  healthy.check(80, reading(1, 21, 6), 0.1, saved);
  assert.throws(
    () => looks(100).check(50, reading(2 ** 14, 6, 6), 0.1, saved),
    (error: Error) =>
      error instanceof RunError &&
      /^the activations of 6 of the last 10 steps up to step 50 overflow f16 \(learning rate 0\.100\), so these steps were skipped: training diverged, or needs f32; lower learningRate or raise warmup, or leave precision out; the checkpoint of step 40 is kept$/.test(
        error.message,
      ),
  );
  assert.throws(
    () => looks(100).check(50, reading(1, 8, 0), 0.1, saved),
    (error: Error) => /^the gradients of 8 of the last 10 .* at the least loss scale/.test(error.message),
  );
  assert.throws(
    () => looks(2).check(42, reading(2 ** 14, 2, 2), 0.1, saved),
    /the activations of 2 of the last 2/,
  );
});

test.after(() => engine.destroy());
test.run();
