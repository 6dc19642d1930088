import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { presets } from '../../src/data/policy.ts';
import type { PretrainOptions } from '../../src/pretext/options.ts';
import { pretrain } from '../../src/pretext/pretrain.ts';
import { MemoryFiles } from '../memory_files.ts';
import { side, stopAfter, tinyData, tinyOptions } from './tiny.ts';

// A vision transformer under pretext methods: it learns without collapsing, and a run that stops is resumed to the byte.
const engine = await Engine.create();
const data = tinyData(24);
const options: PretrainOptions = {
  ...tinyOptions,
  encoder: { family: 'vit', patch: 2, grid: side / 2, width: 16, depth: 2, heads: 2 },
  batch: 8,
  epochs: 25,
  policy: presets.weak,
  optimizer: { name: 'adamw', momentum: 0.9, weightDecay: 0.05 },
  learningRate: 3e-3,
};

interface Epoch {
  readonly event: string;
  readonly loss: number;
  readonly chanceLoss: number;
  readonly featureStd: number;
  readonly effectiveRank: number;
}

const epochsOf = (files: MemoryFiles): Epoch[] =>
  files
    .text('run/metrics.jsonl')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Epoch)
    .filter(({ event }) => event === 'epoch');

for (const method of ['simclr', 'supcon']) {
  test(`${method} on a vision transformer: the loss falls, features stay apart, a resume ends in the same bytes`, async () => {
    const run = (files: MemoryFiles, resume: boolean, steps = Number.POSITIVE_INFINITY) =>
      pretrain(
        engine,
        data,
        { ...options, method },
        { files, folder: 'run', resume, signal: stopAfter(steps) },
      );
    const [whole, parts] = [new MemoryFiles(), new MemoryFiles()];
    await run(whole, false);
    await run(parts, false, 13);
    await run(parts, true);
    const epochs = epochsOf(whole);
    const [first, last] = [epochs[0]!, epochs.at(-1)!];
    assert.ok(last.loss < first.loss - 0.1, `from ${first.loss} to ${last.loss}`);
    assert.ok(last.featureStd > 0.02, `features' deviation ${last.featureStd}`);
    assert.ok(last.effectiveRank > 1.5, `effective rank ${last.effectiveRank}`);
    const name = 'run/checkpoint.safetensors';
    assert.ok(
      Buffer.compare(parts.content.get(name)!, whole.content.get(name)!) === 0,
      'the checkpoints differ',
    );
  });
}

test.after(() => engine.destroy());
test.run();
