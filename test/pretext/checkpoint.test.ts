import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import type { Tensor } from '../../src/autograd/tensor.ts';
import { encodeSafetensors } from '../../src/formats/safetensors.ts';
import { readCheckpoint, readSound, restoreTensors, saveCheckpoint } from '../../src/pretext/checkpoint.ts';
import { requireSameTraining } from '../../src/pretext/identity.ts';
import { assertUserError } from '../data/temporary.ts';
import { MemoryFiles } from '../memory_files.ts';

const engine = await Engine.create();
const path = 'run/checkpoint.safetensors';
const identity = JSON.stringify({ images: 10, encoder: { width: 4 }, temperature: 0.2 });
const progress = { step: 7, metricsLines: 3, collapsedEpochs: 1 };

// Bit patterns that a careless copy changes: both zeros, two denormals, the largest number, one beside 1.
const awkward = new Float32Array(Uint32Array.of(0, 0x80000000, 1, 0x80000001, 0x7f7fffff, 0x3f800001).buffer);

const tensorsOf = (values: Float32Array, odd = new Float32Array(3)): Map<string, Tensor> =>
  new Map([
    ['layer.weight', engine.input([2, 3], 'f32', values)],
    ['layer.running_mean', engine.input([3], 'f32', odd)],
  ]);

async function saved(): Promise<MemoryFiles> {
  const files = new MemoryFiles();
  const tensors = tensorsOf(awkward, Float32Array.of(1, 2, 3));
  const state = await readSound(engine, tensors, new Set(), progress);
  await saveCheckpoint(files, 'run', state, { identity, progress });
  return files;
}

test('tensors and progress come back bit for bit', async () => {
  const checkpoint = await readCheckpoint(await saved(), 'run');
  assert.equal(checkpoint.progress, progress);
  requireSameTraining(checkpoint, identity);
  const tensors = tensorsOf(new Float32Array(6));
  restoreTensors(engine, checkpoint, tensors);
  const [weight, mean] = await engine.read(...tensors.values());
  assert.equal(new Uint32Array(weight!.buffer), new Uint32Array(awkward.buffer));
  assert.equal(mean, Float32Array.of(1, 2, 3));
});

test('checkpoint.json tells people the progress', async () => {
  assert.equal(JSON.parse((await saved()).text('run/checkpoint.json')), progress);
});

test('the progress that counts lies beside the tensors: a crash between the two files parts nothing', async () => {
  const files = await saved();
  await files.writeAtomic('run/checkpoint.json', '{"step": 3}');
  assert.is((await readCheckpoint(files, 'run')).progress.step, 7);
});

test('another training is refused by the option that differs', async () => {
  const checkpoint = await readCheckpoint(await saved(), 'run');
  const other = (change: object) => JSON.stringify({ ...JSON.parse(identity), ...change });
  const refuse = (wanted: string, ...says: (string | RegExp)[]) =>
    assertUserError(() => requireSameTraining(checkpoint, wanted), path, ...says);
  await refuse(
    other({ encoder: { width: 8 } }),
    'width was 4, now 8; resume with width 4, or choose another out',
  );
  await refuse(other({ temperature: 0.5 }), 'temperature was 0.2, now 0.5; resume with temperature 0.2, or');
  await refuse(
    other({ chunk: 4 }),
    'chunk was not given, now 4; resume without chunk, or choose another out',
  );
  await refuse(
    other({ temperature: undefined }),
    'temperature was 0.2, now not given; resume with temperature 0.2, or choose another out',
  );
  await refuse(
    other({ optimizer: { momentum: 0.9 } }),
    'momentum was not given, now 0.9; resume without momentum, or choose another out',
  );
  const policy = (name: string) => JSON.stringify({ policy: { name, flip: 0.5 } });
  await assertUserError(
    () => requireSameTraining({ ...checkpoint, identity: policy('weak') }, policy('none')),
    'resume with policy {"flip":0.5,"name":"weak"}, or choose another out',
  );
  await refuse(other({ warmupEpochs: 3 }), 'warmup was not given, now 3; resume without warmup, or');
  await refuse(other({ images: 9 }), 'images was 10, now 9; resume with the options of that run, or');
  await refuse('not JSON', 'its description does not match');
});

test('the same settings in another order are the same training', async () => {
  const checkpoint = await readCheckpoint(await saved(), 'run');
  requireSameTraining(checkpoint, JSON.stringify({ temperature: 0.2, encoder: { width: 4 }, images: 10 }));
  const nested = { ...checkpoint, identity: JSON.stringify({ encoder: { depth: 18, width: [4, 2] } }) };
  requireSameTraining(nested, JSON.stringify({ encoder: { width: [4, 2], depth: 18 } }));
  await assertUserError(
    () => requireSameTraining(nested, JSON.stringify({ encoder: { width: [2, 4], depth: 18 } })),
    'width was [4,2], now [2,4]; resume with width 4-2, or choose another out',
  );
});

test('a missing tensor or one of another shape or type is named, and nothing is written', async () => {
  const files = await saved();
  const checkpoint = await readCheckpoint(files, 'run');
  const weight = engine.input([2, 3]);
  const refuse = (tensors: [string, Tensor][], ...says: string[]) =>
    assertUserError(() => restoreTensors(engine, checkpoint, new Map(tensors)), path, ...says);
  await refuse(
    [
      ['layer.weight', weight],
      ['layer.bias', engine.input([3])],
    ],
    "'layer.bias' is missing",
    'F32 [3]',
  );
  await refuse(
    [
      ['layer.weight', weight],
      ['layer.running_mean', engine.input([4])],
    ],
    "'layer.running_mean' is F32 [3]",
    'wants F32 [4]',
  );
  await refuse(
    [
      ['layer.weight', weight],
      ['layer.weight', engine.input([3, 2])],
    ].slice(1) as [string, Tensor][],
    'F32 [2, 3]',
  );
  assert.equal((await engine.read(weight))[0], new Float32Array(6));
  const whole = { dtype: 'I32', shape: [3], data: Int32Array.of(1, 2, 3) } as const;
  const bytes = encodeSafetensors(new Map([['layer.running_mean', whole]]), {
    identity,
    progress: JSON.stringify(progress),
  });
  await files.writeAtomic(path, bytes);
  const integers = await readCheckpoint(files, 'run');
  const mean = new Map([['layer.running_mean', engine.input([3])]]);
  await assertUserError(() => restoreTensors(engine, integers, mean), 'is I32 [3]');
});

test('no checkpoint, a torn one, or one without sensible progress is refused', async () => {
  const files = await saved();
  await assertUserError(() => readCheckpoint(files, 'other'), 'other holds no checkpoint.safetensors');
  const bytes = files.content.get(path)!;
  for (const length of [0, 7, 8, 100, bytes.length - 1]) {
    await files.writeAtomic(path, bytes.slice(0, length));
    await assertUserError(() => readCheckpoint(files, 'run'), `${path} is not a valid safetensors file`);
  }
  const wrong = [undefined, '', 'null', '{', '[]', '{"step":1}', JSON.stringify({ ...progress, step: 1.5 })];
  for (const text of wrong) {
    const metadata: Record<string, string> = text === undefined ? {} : { progress: text };
    await files.writeAtomic(path, encodeSafetensors(new Map(), metadata));
    await assertUserError(() => readCheckpoint(files, 'run'), path, 'does not say how far its run had come');
  }
});

test.after(() => engine.destroy());
test.run();
