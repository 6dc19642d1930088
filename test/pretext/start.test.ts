// A pretext task that goes on from weights: it begins as they are, sees pixels as they do, and resumes to the same bytes.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { featureExtractor } from '../../src/encoder/feature_extractor.ts';
import { loadEncoder } from '../../src/encoder/loaded_encoder.ts';
import { decodeSafetensors } from '../../src/formats/safetensors.ts';
import { createEncoder } from '../../src/nn/encoder.ts';
import { resnet } from '../../src/nn/resnet/resnet.ts';
import { imagenetScale, pixelScale } from '../../src/ops/augment.ts';
import type { EncoderTensors, PretrainOptions } from '../../src/pretext/options.ts';
import { pretrain } from '../../src/pretext/pretrain.ts';
import { MemoryFiles } from '../memory_files.ts';
import { side, stopAfter, tinyData, tinyOptions } from './tiny.ts';

const engine = await Engine.create();
const data = tinyData();
const encoder = { depth: 18, width: 2, stem: 'cifar' } as const;
const options: PretrainOptions = { ...tinyOptions, encoder, normalise: imagenetScale };

/** An encoder as if it had been trained: of another seed than the run's, and with statistics of its own. */
function weights(seed: number): EncoderTensors {
  const parameters = engine.parameters();
  createEncoder({ parameters, seed }, resnet(encoder));
  const tensors = parameters.initial();
  for (const [name, values] of tensors)
    if (name.endsWith('running_mean')) values.set(values.map((_, i) => 0.1 * Math.sin(i + seed)));
  return tensors;
}
const start = weights(4);

interface Part {
  readonly files?: MemoryFiles;
  readonly steps?: number;
  readonly resume?: boolean;
  readonly start?: EncoderTensors | undefined;
  readonly options?: PretrainOptions;
}

const run = ({
  files = new MemoryFiles(),
  steps = Number.POSITIVE_INFINITY,
  resume = false,
  ...part
}: Part) => {
  const own = 'start' in part ? part.start : start;
  const given = { files, folder: 'run', resume, start: own, signal: stopAfter(steps) };
  return pretrain(engine, data, part.options ?? options, given);
};
const checkpoint = (files: MemoryFiles) => files.content.get('run/checkpoint.safetensors')!;

test('before its first step the run has the weights’ tensors and their very features', async () => {
  const { pretext, extract } = await run({ steps: 0 });
  assert.equal(await pretext.encoderStore.read(), new Map(start));
  const source = loadEncoder(engine, { encoder, tensors: start });
  const shape = { pixels: data.pixels, sourceSize: side, imageSize: side, batch: 64 };
  const own = await featureExtractor(engine, source, { ...shape, normalise: imagenetScale });
  const features = await extract(data.images);
  assert.equal(features, await own(data.images));
  const other = await featureExtractor(engine, source, { ...shape, normalise: pixelScale });
  assert.not.equal(features, await other(data.images));
});

const whole = new MemoryFiles();

test('interrupted and resumed, it ends in the same bytes; its projector is drawn from the seed', async () => {
  const { pretext } = await run({ files: whole });
  const parts = new MemoryFiles();
  await run({ files: parts, steps: 7 });
  await run({ files: parts, resume: true });
  assert.ok(Buffer.compare(checkpoint(parts), checkpoint(whole)) === 0, 'the checkpoints differ');
  const trained = await pretext.encoderStore.read();
  for (const name of ['conv1.weight', 'bn1.running_mean'])
    assert.not.equal(trained.get(name), start.get(name), name);
  const first = async (part: Part) => {
    const files = new MemoryFiles();
    await run({ files, steps: 0, ...part });
    return decodeSafetensors(checkpoint(files), 'checkpoint').tensors;
  };
  const [given, drawn] = [await first({}), await first({ start: undefined })];
  const projector = [...given.keys()].filter((name) => name.startsWith('projector.'));
  assert.ok(projector.length > 0);
  for (const name of projector) assert.equal(given.get(name), drawn.get(name), name);
});

test('it is resumed from no other weights and at no other normalisation, each said in a sentence', async () => {
  const { metadata } = decodeSafetensors(checkpoint(whole), 'checkpoint');
  const identity = JSON.parse(metadata.identity!);
  assert.match(identity.start, /^[0-9a-f]{16}$/);
  assert.equal(identity.normalise, imagenetScale);
  const refusal = (part: Part, files = whole) =>
    run({ files, resume: true, ...part }).then(
      () => 'went on',
      (error: Error) => error.message,
    );
  const others = /its encoder started from other weights; resume with the pretextFrom of that run/;
  assert.match(await refusal({ start: weights(5) }), others);
  assert.match(await refusal({ start: undefined }), others);
  const { normalise: _, ...scaled } = options;
  assert.match(
    await refusal({ options: scaled }),
    /normalise was \{.*\}, now not given; resume with the options/,
  );
  const drawn = new MemoryFiles();
  await run({ files: drawn, steps: 2, start: undefined });
  assert.match(await refusal({}, drawn), /pretextFrom was not given, now "\w+"; resume without pretextFrom/);
});

test('weights of another architecture are refused by the first tensor that they lack', async () => {
  const lacking = new Map([...start].filter(([name]) => name !== 'layer1.0.conv1.weight'));
  const refusal = await run({ start: lacking }).catch((error: Error) => error.message);
  assert.is(refusal, "the weights to start from lack the tensor 'layer1.0.conv1.weight'");
});

test.after(() => engine.destroy());
test.run();
