import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { UserError } from '../../src/errors.ts';
import { decodeSafetensors } from '../../src/formats/safetensors.ts';
import type { PretrainOptions } from '../../src/pretext/options.ts';
import { requirePrecision } from '../../src/pretext/precision.ts';
import { PretextTrainer } from '../../src/pretext/pretext_trainer.ts';
import { pretrain } from '../../src/pretext/pretrain.ts';
import { MemoryFiles } from '../memory_files.ts';
import { relativeError } from '../oracle.ts';
import { stopAfter, tinyData, tinyOptions } from './tiny.ts';

const engine = await Engine.create();
const { capabilities } = engine.gpu;
const perhaps = capabilities.features.has('shader-f16') ? test : test.skip;
const data = tinyData();
const half: PretrainOptions = { ...tinyOptions, precision: 'f16' };

async function run(
  files: MemoryFiles,
  options: PretrainOptions,
  part: { resume?: boolean; steps?: number } = {},
) {
  const signal = stopAfter(part.steps ?? Number.POSITIVE_INFINITY);
  return pretrain(engine, data, options, { files, folder: 'run', resume: part.resume ?? false, signal });
}

const epochLines = (files: MemoryFiles) =>
  files
    .text('run/metrics.jsonl')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ event }) => event === 'epoch');

test('an adapter without f16 is refused with the option and a way out; f32 runs everywhere', () => {
  const bare = { ...capabilities, features: new Set<string>(), description: 'Plain Adapter' };
  requirePrecision('f32', bare);
  requirePrecision('f16', { ...bare, features: new Set(['shader-f16']) });
  assert.throws(
    () => requirePrecision('f16', bare),
    (error: Error) => {
      assert.instance(error, UserError);
      return /^precision f16 .*Plain Adapter.*leave precision out/.test(error.message);
    },
  );
});

perhaps('an f16 run, stopped and resumed, ends in the same bytes, its loss scale among them', async () => {
  const [whole, parts] = [new MemoryFiles(), new MemoryFiles()];
  await run(whole, half);
  await run(parts, half, { steps: 7 });
  await run(parts, half, { resume: true });
  const [expected, actual] = [whole, parts].map((files) => files.content.get('run/checkpoint.safetensors')!);
  assert.ok(Buffer.compare(expected!, actual!) === 0);
  const { tensors } = decodeSafetensors(expected!, 'checkpoint');
  // So narrow a network has large gradients now and then: some of fifteen steps may overflow at a scale of 2¹⁴.
  const [scale, inverse, since, skipped] = tensors.get('loss_scale')!.data as Float32Array;
  assert.equal([scale, inverse], [2 ** (14 - skipped!), 2 ** (skipped! - 14)]);
  assert.ok(since! + skipped! <= 15 && since! > 0);
  assert.is(epochLines(whole).length, tinyOptions.epochs);
  for (const { lossScale, skippedSteps } of epochLines(whole)) assert.is(lossScale, 2 ** (14 - skippedSteps));
  assert.is(epochLines(whole).at(-1).lossScale, scale);
});

perhaps('an f16 run starts as an f32 run does, and neither is resumed as the other', async () => {
  const [wide, narrow] = [new MemoryFiles(), new MemoryFiles()];
  await run(wide, { ...tinyOptions, epochs: 1 });
  await run(narrow, { ...half, epochs: 1 });
  const [f32, f16] = [epochLines(wide)[0], epochLines(narrow)[0]];
  assert.not.ok('lossScale' in f32);
  // Five steps of a learning rate that has just begun to rise: what rounding changes is still small.
  assert.ok(Math.abs(f16.loss / f32.loss - 1) < 0.05, `${f16.loss} beside ${f32.loss}`);
  const resumed = run(wide, { ...half, epochs: 1 }, { resume: true });
  const message = await resumed.then(
    () => 'went on',
    (error: Error) => error.message,
  );
  assert.match(
    message,
    /precision was not given, now "f16"; resume without precision, or choose another out/,
  );
});

perhaps('chunks of a batch give f16 gradients too, under one loss scale for all of them', async () => {
  const gradients: Float32Array[] = [];
  for (const precision of ['f32', 'f16'] as const) {
    const options = { ...tinyOptions, encoder: { width: 8, stem: 'cifar' }, chunk: 2, precision } as const;
    const pretext = await PretextTrainer.create(engine, data, options);
    const first = pretext.parameters.entries.find(({ name }) => name === 'conv1.weight')!;
    // Batch norm over four views makes gradients large: the scale may have to find its size first.
    let scale = 1;
    for (let step = 0, skipped = -1; step < 5 && skipped !== 0; step++) {
      const before = await pretext.lossScale?.read();
      pretext.step([0, 1, 2, 3], 0, 0);
      const after = await pretext.lossScale?.read();
      scale = after?.scale ?? 1;
      skipped = (after?.skippedSteps ?? 0) - (before?.skippedSteps ?? 0);
    }
    const [bytes] = await engine.gpu.read([first.tensor.gradient!]);
    gradients.push(new Float32Array(bytes!).map((value) => value / scale));
    pretext.destroy();
  }
  // The far end of the walk back: a sixth is what rounding makes of it (half_trajectory.test.ts), by ReLUs that flip.
  const error = relativeError(gradients[1]!, gradients[0]!);
  assert.ok(error > 0 && error < 0.3, `conv1's gradient differs by ${error}`);
});

perhaps('what a step keeps between its passes takes little more than half the memory', async () => {
  const options = { ...tinyOptions, encoder: { width: 8, stem: 'cifar' }, batch: 16 } as const;
  const bytes: number[] = [];
  for (const precision of ['f32', 'f16'] as const) {
    const pretext = await PretextTrainer.create(engine, data, { ...options, precision });
    bytes.push(pretext.program.program.plannedBytes);
    pretext.destroy();
  }
  assert.ok(bytes[1]! < 0.65 * bytes[0]!, `${bytes[1]} of ${bytes[0]} bytes`);
});

test.after(() => engine.destroy());
test.run();
