import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { currentTape } from '../../src/autograd/tape.ts';
import { UserError } from '../../src/errors.ts';
import { decodeSafetensors } from '../../src/formats/safetensors.ts';
import { accumulate, fill } from '../../src/kernels/elementwise.ts';
import type { View } from '../../src/label/report/elements.ts';
import { html } from '../../src/label/report/html.ts';
import { trainingPart } from '../../src/label/report/parts/training_part.ts';
import { architectureOf } from '../../src/nn/family_registry.ts';
import { zeros } from '../../src/nn/initialise.ts';
import { linear } from '../../src/nn/layers.ts';
import { torchShapes } from '../../src/nn/state_dict.ts';
import { drawChoices, renderViews } from '../../src/ops/augment.ts';
import { softmaxCrossEntropy } from '../../src/ops/softmax_cross_entropy.ts';
import { allImages } from '../../src/pretext/batches.ts';
import { chooseChunk } from '../../src/pretext/chunk_size.ts';
import { featureCurves, lossCurve, pretextMethod } from '../../src/pretext/method.ts';
import type { PretrainOptions } from '../../src/pretext/options.ts';
import { PretextTrainer } from '../../src/pretext/pretext_trainer.ts';
import { type EpochReport, pretrain } from '../../src/pretext/pretrain.ts';
import { pretextMethods } from '../../src/pretext/registry.ts';
import { epochsOf, trainingRecord } from '../../src/pretext/training_record.ts';
import { MemoryFiles } from '../memory_files.ts';
import { stopAfter, tinyData, tinyOptions } from './tiny.ts';

// What a new method takes: this object, which would be a file under methods/, and a line of the registry. It has little in
// common with those that are there: one view, no projection, no temperature, a loss that cannot be done in chunks, a
// setting and a chance of its own, and state that no gradient trains.

/** Exemplar: each image is a class of its own. */
const exemplar = pretextMethod({
  name: 'exemplar',
  title: 'Exemplar',
  reference: 'Dosovitskiy et al. 2014, arXiv 1406.6909',
  summary: 'each image as a class of its own',
  learning: 'telling which image an altered view was made from',
  learnsFromLabels: false,
  settings: {
    exemplars: { kind: { type: 'whole', min: 2 }, help: 'images to tell apart', default: 32 },
  },
  batches: allImages,
  declare({ encoder, part, views }, { exemplars }) {
    const shape = { inputs: encoder.featureSize, outputs: exemplars, bias: true };
    const classify = linear(part('classifier'), 'classifier', shape);
    const updates = part('counter').parameters.buffer('counter.updates', [1], zeros);
    return {
      views: 1,
      loss({ images, indices, numbers, counter }) {
        const view = renderViews(images, indices, drawChoices(numbers, counter, views), views);
        return softmaxCrossEntropy(classify(encoder.forward(view)), numbers, { temperature: 1 });
      },
      afterUpdate() {
        const tape = currentTape();
        const one = tape.temporary('one', [1]);
        tape.dispatch(fill(1, 1), { y: one });
        tape.dispatch(accumulate(1), { x: one, y: updates });
      },
    };
  },
  chanceLoss: ({ exemplars }) => Math.log(exemplars),
  metrics: [
    {
      name: 'accuracy',
      term: 'accuracy',
      label: 'image recognised',
      unit: 'share',
      chance: ({ exemplars }) => 1 / exemplars,
      meaning: 'the share of views whose image was recognised',
    },
  ],
  curves: [
    lossCurve,
    { title: 'Recognised', unit: 'share', lines: [{ of: 'accuracy', name: 'image recognised' }] },
    ...featureCurves,
  ],
});

const methods = { ...pretextMethods, exemplar };

const engine = await Engine.create();
const data = tinyData();
const settings = { ...tinyOptions, method: 'exemplar', exemplars: 20 };
const options: PretrainOptions = settings;

async function run(files: MemoryFiles, part: { resume?: boolean; steps?: number } = {}) {
  const epochs: EpochReport[] = [];
  const signal = stopAfter(part.steps ?? Number.POSITIVE_INFINITY);
  const onEpoch = (report: EpochReport) => epochs.push(report);
  const { resume = false } = part;
  const result = await pretrain(engine, data, options, {
    ...{ files, folder: 'run', resume, signal, methods, onEpoch },
  });
  return { ...result, epochs };
}

const whole = new MemoryFiles();
const { pretext, epochs } = await run(whole);
const checkpoint = (files: MemoryFiles) => files.content.get('run/checkpoint.safetensors')!;
const untimed = (files: MemoryFiles) =>
  files.text('run/metrics.jsonl').replace(/,"imagesPerSecond":[\d.]+/g, '');

test('it trains, with its own metric and chance in the reports and in metrics.jsonl', () => {
  assert.is(epochs.length, 3);
  for (const { loss, chanceLoss, metrics } of epochs) {
    assert.ok(loss > 0 && loss < 2 * Math.log(20), `loss ${loss}`);
    assert.is(chanceLoss, Math.log(20));
    assert.equal(Object.keys(metrics), ['accuracy']);
    // Of five steps with four views each.
    assert.ok(Math.abs(20 * metrics.accuracy! - Math.round(20 * metrics.accuracy!)) < 1e-5);
  }
  const line = untimed(whole)
    .split('\n')
    .find((text) => text.includes('"epoch","epoch":0'))!;
  assert.equal(Object.keys(JSON.parse(line)), [
    ...['event', 'epoch', 'step', 'loss', 'accuracy', 'chanceLoss'],
    ...['featureStd', 'effectiveRank', 'knnAccuracy', 'learningRate'],
  ]);
});

test('stopped and resumed it ends in the same bytes, its state among them', async () => {
  const parts = new MemoryFiles();
  await run(parts, { steps: 7 });
  await run(parts, { resume: true });
  assert.is(untimed(parts), untimed(whole));
  assert.ok(Buffer.compare(checkpoint(parts), checkpoint(whole)) === 0);
  const { tensors } = decodeSafetensors(checkpoint(parts), 'checkpoint');
  assert.equal([...tensors.get('counter.updates')!.data], [15]);
  assert.equal([...tensors.get('epoch.metrics')!.shape], [1]);
});

test('its setting is part of what a resume must have', async () => {
  const files = new MemoryFiles();
  files.content.set('run/checkpoint.safetensors', checkpoint(whole));
  const other = { ...settings, exemplars: 21 };
  const message = await pretrain(engine, data, other, { files, folder: 'run', resume: true, methods }).then(
    () => 'went on',
    (error: Error) => error.message,
  );
  assert.match(message, 'exemplars was 20, now 21; resume with exemplars 20, or choose another out');
});

test('what an export takes is the encoder and nothing else', async () => {
  const names = [...(await pretext.encoderStore.read()).keys()];
  assert.equal(names, [...torchShapes(architectureOf(tinyOptions.encoder)).keys()]);
  assert.ok(pretext.parameters.entries.length > names.length);
});

test('steps take no memory', async () => {
  const before = { ...engine.gpu.allocated };
  for (let step = 0; step < 5; step++) pretext.step([3, 1, 4, 15], step, 0);
  await engine.gpu.idle();
  assert.equal(engine.gpu.allocated, before);
});

test('its batch stays whole, and a chunk that was asked for is refused', async () => {
  assert.is(chooseChunk(engine, data, options, methods), tinyOptions.batch);
  assert.is(chooseChunk(engine, data, { ...options, chunk: 4 }, methods), 4);
  assert.throws(
    () => chooseChunk(engine, data, { ...options, chunk: 2 }, methods),
    (error: Error) =>
      error instanceof UserError &&
      error.message === 'pretext exemplar takes a batch at once: leave chunk out, or lower batch',
  );
  const created = PretextTrainer.create(engine, data, { ...options, chunk: 2 }, { methods });
  const refusal = await created.then(String, (error: Error) => error.message);
  assert.match(refusal, 'takes its 4 images at once');
});

test('the report tells how it learned, draws its curves and says what its figures mean', () => {
  const training = trainingRecord(options, epochsOf(whole.text('run/metrics.jsonl')), { methods });
  const { text } = html`${trainingPart({ report: { training } } as View).body}`;
  assert.match(text, 'from 3 epochs without any label, by telling which image an altered view was made from');
  assert.match(text, '(Exemplar: Dosovitskiy et al. 2014, arXiv 1406.6909)');
  assert.match(text, 'where pure chance gives 3.00');
  assert.match(text, /<b>Image recognised:<\/b> the share of views whose image was recognised\. At the end/);
  assert.match(text, 'where pure chance gives 5.0%');
  assert.match(text, 'Recognised by epoch: from');
  assert.match(text, '<th scope="col" class="numeric">Image recognised</th>');
  assert.is(text.match(/<figure/g)?.length, 4);
});

test('a registry without it knows it not, and says which there are', () => {
  assert.throws(
    () => chooseChunk(engine, data, options),
    (error: Error) =>
      error instanceof UserError &&
      error.message ===
        `there is no pretext method 'exemplar': take one of ${Object.keys(pretextMethods).join(', ')}`,
  );
});

test.after(() => engine.destroy());
test.run();
