import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { ClassifierTrainer } from '../../src/classifier/trainer.ts';
import { presets } from '../../src/data/policy.ts';
import { optimizerNames } from '../../src/optim/named_optimizer.ts';
import { PretextTrainer } from '../../src/pretext/pretext_trainer.ts';
import { privateCache } from '../support.ts';
import { side, stripes } from './tiny.ts';

// A compile in which kernels were tuned calls its body twice. With a budget that is spent at once the choices stay the
// defaults, so a training step that was recorded twice must do what one that was recorded once does, bit for bit.
const folder = mkdtempSync(join(tmpdir(), 'kindred-twice-'));
Object.assign(process.env, privateCache(folder));
const { pixels, labels } = stripes(48);
const images = Int32Array.from({ length: 48 }, (_, i) => i);

async function inEngine<T>(seconds: number, body: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = await Engine.create({ tuning: { seconds } });
  // What an earlier engine left undone would not be asked for again.
  engine.choices.clear();
  try {
    const result = await body(engine);
    assert.is(Object.keys(engine.choices.measured).length > 0, seconds > 0);
    return result;
  } finally {
    engine.destroy();
  }
}

async function assertSame<T>(body: (engine: Engine) => Promise<T>): Promise<void> {
  const once = await inEngine(0, body);
  assert.equal(await inEngine(1e-9, body), once);
}

// Half as many images make products worth a search where they are twice as wide.
const steps = [...optimizerNames.map((name) => [name, 16, 8] as const), ['sgd', 8, 16] as const];
for (const [name, chunk, width] of steps) {
  test(`a pretext step with ${name} in chunks of ${chunk} images of 16`, () =>
    assertSame(async (engine) => {
      const pretext = await PretextTrainer.create(
        engine,
        { pixels, size: side, labels },
        {
          method: 'mixed',
          encoder: { depth: 18, width, stem: 'cifar' },
          projection: [16, 8],
          batch: 16,
          chunk,
          imageSize: side,
          temperature: 0.5,
          policy: presets['simclr-imagenet'],
          optimizer: { name, momentum: 0.9, weightDecay: 1e-4 },
          seed: 3,
        },
      );
      const losses: number[] = [];
      for (let step = 0; step < 3; step++) {
        pretext.step(images.subarray(16 * step, 16 * (step + 1)), step, 0.01);
        losses.push(await pretext.loss());
      }
      assert.is(new Set(losses).size, 3);
      const { dispatches, plannedBytes } = pretext.program.program;
      return { losses, dispatches, plannedBytes, weights: await pretext.parameters.read() };
    }));
}

test('a classifier that trains itself, and its inference', () =>
  assertSame(async (engine) => {
    const trainer = await ClassifierTrainer.create(
      engine,
      { pixels, size: side, classes: 2 },
      {
        encoder: { depth: 18, width: 8, stem: 'cifar' },
        imageSize: side,
        batch: 16,
        learningRate: 0.05,
        encoderRate: 1,
        optimizer: { name: 'sgd', momentum: 0.9, weightDecay: 5e-4 },
        policy: presets.weak,
        selfTraining: {},
      },
    );
    const task = {
      images: images.subarray(0, 24),
      labels: labels.subarray(0, 24),
      unlabelled: images.subarray(24),
    };
    const { snapshots } = await trainer.fit(task, { seed: 1, steps: 3, snapshots: [0, 3], queries: images });
    assert.is.not(snapshots[0]!.logits[5], snapshots[1]!.logits[5]);
    return { snapshots, weights: await trainer.weights() };
  }));

test.after(() => rmSync(folder, { recursive: true }));
test.run();
