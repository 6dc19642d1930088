import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { presets } from '../../src/data/policy.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/formats/safetensors.ts';
import type { PretrainData, PretrainOptions } from '../../src/pretext/options.ts';
import { type EpochReport, pretrain } from '../../src/pretext/pretrain.ts';
import { MemoryFiles } from '../memory_files.ts';
import { side, stopAfter, tinyData, tinyOptions } from './tiny.ts';

const engine = await Engine.create();

interface Result {
  readonly files: MemoryFiles;
  readonly epochs: readonly EpochReport[];
  /** Why the run gave up; undefined where it ended. */
  readonly problem: string | undefined;
}

async function train(
  data: PretrainData,
  options: PretrainOptions,
  files = new MemoryFiles(),
  resume = false,
): Promise<Result> {
  const epochs: EpochReport[] = [];
  const run = { files, folder: 'run', resume, onEpoch: (report: EpochReport) => epochs.push(report) };
  const problem = await pretrain(engine, data, options, run).then(
    () => undefined,
    (error: Error) => error.message,
  );
  return { files, epochs, problem };
}

const checkpoint = ({ files }: Result) => Buffer.from(files.content.get('run/checkpoint.safetensors')!);
const progress = ({ files }: Result) => JSON.parse(files.text('run/checkpoint.json'));

test('a seed says all: the same seed gives the same bytes, another seed others', async () => {
  const [first, again, other] = [
    await train(tinyData(), tinyOptions),
    await train(tinyData(), tinyOptions),
    await train(tinyData(), { ...tinyOptions, seed: 4 }),
  ];
  assert.is(Buffer.compare(checkpoint(first), checkpoint(again)), 0);
  assert.not.equal(first.epochs[0]!.loss, other.epochs[0]!.loss);
});

test('labels only watch: training without them, or with wrong ones, ends in the same bytes', async () => {
  const data = tinyData();
  const labelled = await train(data, tinyOptions);
  const without = await train({ ...data, labels: new Int32Array(20).fill(-1) }, tinyOptions);
  const wrong = await train({ ...data, labels: data.labels.map((_, i) => Number(i < 10)) }, tinyOptions);
  assert.is(Buffer.compare(checkpoint(without), checkpoint(labelled)), 0);
  assert.is(Buffer.compare(checkpoint(wrong), checkpoint(labelled)), 0);
  assert.type(labelled.epochs[0]!.knnAccuracy, 'number');
  assert.is(without.epochs[0]!.knnAccuracy, null);
  assert.match(without.files.text('run/metrics.jsonl'), '"knnAccuracy":null');
});

/** Of forty images, the even ones labelled as they are and the odd ones not at all. */
function halfLabelled(): PretrainData {
  const data = tinyData(40);
  return { ...data, labels: data.labels.map((_, i) => (i % 2 === 0 ? (i / 2) % 2 : -1)) };
}

test('supcon and mixed learn from the labels, whose names mean nothing, and from no others', async () => {
  const data = halfLabelled();
  for (const method of ['supcon', 'mixed'] as const) {
    const options = { ...tinyOptions, method, epochs: 1 };
    const sums = async (labels: Int32Array) => {
      const result = await train({ ...data, labels }, options);
      assert.is(result.problem, undefined);
      const { tensors } = decodeSafetensors(result.files.content.get('run/checkpoint.safetensors')!, 'run');
      return [...tensors.get('conv1.weight')!.data];
    };
    const before = await sums(data.labels);
    assert.equal(await sums(data.labels.map((label) => (label < 0 ? -1 : 9 - label))), before);
    assert.not.equal(await sums(data.labels.map((label, i) => (label < 0 ? -1 : Number(i < 20)))), before);
  }
});

test('supcon brings the views of a class together, where simclr has only their partners', async () => {
  const data = tinyData();
  const encoder = { ...tinyOptions.encoder, width: 4 };
  const options = { ...tinyOptions, encoder, batch: 10, epochs: 40, policy: presets.weak };
  const { epochs, problem } = await train(data, { ...options, method: 'supcon' });
  assert.is(problem, undefined);
  const { loss, chanceLoss, metrics, knnAccuracy } = epochs.at(-1)!;
  assert.is(chanceLoss, Math.log(19));
  // All of a class at one point, the classes opposite: log(|P| + …) with |P| about 9, some 2.3 at least.
  assert.ok(loss < 2.7, `loss ${loss} of ${chanceLoss}`);
  assert.ok(metrics.contrastiveTop1! > 0.95, `top-1 ${metrics.contrastiveTop1}`);
  assert.ok(knnAccuracy! > 0.95, `kNN ${knnAccuracy}`);
});

test('mixed reports the chance of both terms, and supcon that of the batch which the labels fill', async () => {
  const data = halfLabelled();
  const mixed = await train(data, { ...tinyOptions, method: 'mixed', labelledWeight: 0.5, epochs: 1 });
  assert.is(mixed.epochs[0]!.chanceLoss, 1.5 * Math.log(7));
  const supcon = await train(data, { ...tinyOptions, method: 'supcon', batch: 32, epochs: 1 });
  assert.is(supcon.epochs[0]!.chanceLoss, Math.log(39));
  assert.is(supcon.epochs[0]!.step, 2);
});

test('a mixed run whose images are all alike stops as collapsed', async () => {
  const image = tinyData(1).pixels;
  const data = halfLabelled();
  const pixels = data.pixels.map((_, i) => image[i % image.length]!);
  const { problem, epochs } = await train(
    { ...data, pixels },
    { ...tinyOptions, method: 'mixed', epochs: 6 },
  );
  assert.match(problem ?? '', /nearly equal for 3 epochs up to epoch 3: the encoder collapsed/);
  assert.is(epochs.length, 3);
});

test('without two labelled classes supcon and mixed are refused before anything is compiled', async () => {
  for (const method of ['supcon', 'mixed'] as const) {
    const data = tinyData();
    const result = await train({ ...data, labels: data.labels.map(() => 1) }, { ...tinyOptions, method });
    assert.match(result.problem ?? '', `pretext ${method} learns from the labels of at least two classes`);
    assert.is(result.files.content.size, 0);
  }
});

test('images that are not to be trained on change nothing', async () => {
  const { pixels, labels } = tinyData(40);
  const images = Int32Array.from({ length: 20 }, (_, i) => 2 * i);
  const data = { pixels, size: side, images, labels, classes: 2 };
  const first = await train(data, tinyOptions);
  const painted = pixels.map((value, at) => (Math.floor(at / (3 * side * side)) % 2 ? 255 - value : value));
  const second = await train({ ...data, pixels: painted }, tinyOptions);
  assert.is(Buffer.compare(checkpoint(first), checkpoint(second)), 0);
});

test('the report of an epoch: chance for the batch, shares within their range, the step and rate it ended with', async () => {
  const { epochs } = await train(tinyData(), tinyOptions);
  assert.equal(
    epochs.map(({ epoch, step }) => [epoch, step]),
    [
      [0, 5],
      [1, 10],
      [2, 15],
    ],
  );
  for (const report of epochs) {
    assert.is(report.chanceLoss, Math.log(7));
    const { contrastiveTop1, positiveSimilarity } = report.metrics;
    assert.ok(contrastiveTop1! >= 0 && contrastiveTop1! <= 1);
    // Of 5 steps with 8 views each.
    assert.ok(Math.abs(40 * contrastiveTop1! - Math.round(40 * contrastiveTop1!)) < 1e-4);
    assert.ok(Math.abs(positiveSimilarity!) <= 1);
    assert.ok(report.effectiveRank >= 1 && report.effectiveRank <= 16);
  }
  // A cosine's last step is short of 0.
  assert.ok(epochs[2]!.learningRate > 0 && epochs[2]!.learningRate < epochs[1]!.learningRate);
});

test('contrastive training beats chance on images that differ', async () => {
  const options = {
    ...tinyOptions,
    encoder: { ...tinyOptions.encoder, width: 4 },
    epochs: 30,
    policy: presets.weak,
  };
  const { epochs } = await train(tinyData(), options);
  const { loss, metrics } = epochs.at(-1)!;
  // Chance: a loss of log 7 = 1.95 and one view in seven.
  assert.ok(loss < 1.5, `loss ${loss}`);
  assert.ok(metrics.contrastiveTop1! > 0.5, `top-1 ${metrics.contrastiveTop1}`);
});

test('a run that diverges stops, says why, and saves nothing of it', async () => {
  const options = { ...tinyOptions, learningRate: 1e30, warmupEpochs: 0 };
  const { problem, files, epochs } = await train(tinyData(), options);
  assert.match(
    problem ?? '',
    /^the loss is NaN at step \d+ \(learning rate \d\.\d+e\+\d+\): training diverged/,
  );
  assert.match(problem ?? '', 'lower learningRate or raise warmup; no epoch was saved');
  assert.is(epochs.length, 0);
  assert.equal([...files.content.keys()], ['run/metrics.jsonl']);
});

test('what diverges behind a checkpoint leaves the checkpoint as it was', async () => {
  const files = new MemoryFiles();
  await pretrain(engine, tinyData(), tinyOptions, {
    files,
    folder: 'run',
    resume: false,
    signal: stopAfter(5),
  });
  const path = 'run/checkpoint.safetensors';
  const { tensors, metadata } = decodeSafetensors(files.content.get(path)!, path);
  // Behind the head's last layer no ReLU makes a zero of it.
  const last = [...tensors.keys()]
    .filter((name) => /^projector\..*weight$/.test(name))
    .sort()
    .at(-1)!;
  tensors.get(last)!.data.fill(Number.NaN as never);
  const poisoned = Buffer.from(encodeSafetensors(tensors, metadata));
  files.content.set(path, poisoned);
  const result = await train(tinyData(), tinyOptions, files, true);
  assert.match(result.problem ?? '', /training diverged; .*; the checkpoint of step 5 is kept$/);
  assert.is(Buffer.compare(checkpoint(result), poisoned), 0);
});

test('images that are all alike collapse: the run stops after three such epochs and says so', async () => {
  const image = tinyData(1).pixels;
  const pixels = new Uint8Array(20 * image.length);
  for (let i = 0; i < 20; i++) pixels.set(image, i * image.length);
  const result = await train({ ...tinyData(), pixels }, { ...tinyOptions, epochs: 6 });
  assert.match(
    result.problem ?? '',
    /nearly equal for 3 epochs up to epoch 3: the encoder collapsed; lower learningRate/,
  );
  assert.is(result.epochs.length, 3);
  assert.equal(progress(result), { step: 15, metricsLines: 5, collapsedEpochs: 3 });
});

test('features that only look equal while the running statistics lag are no collapse', async () => {
  // With this seed the features' deviation is under the bound in epochs 1 to 3, while the loss falls below chance.
  const encoder = { ...tinyOptions.encoder, width: 4 };
  const { problem, epochs } = await train(tinyData(), {
    ...tinyOptions,
    encoder,
    seed: 6,
    epochs: 12,
    policy: presets.weak,
  });
  assert.is(problem, undefined);
  const bound = 0.02 / Math.sqrt(32);
  assert.ok(epochs.slice(0, 3).every(({ featureStd }) => featureStd < bound));
  assert.ok(epochs.at(-1)!.featureStd > 4 * bound);
});

test('fewer images than a batch are refused before anything is compiled', async () => {
  const result = await train(tinyData(3), tinyOptions);
  assert.match(result.problem ?? '', '3 images are fewer than a batch of 4');
  assert.is(result.files.content.size, 0);
});

test.after(() => engine.destroy());
test.run();
