import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ClassifierRun, ClassifierTask, ClassifierTrainer } from '../../../src/classifier/trainer.ts';
import type { LabelledImages } from '../../../src/label/methods/method.ts';
import { networkMethod } from '../../../src/label/methods/network_method.ts';
import type { ImagePool } from '../../../src/label/methods/recipe_pool.ts';
import { fitProbe, probeHead } from '../../../src/numerics/probe/probe.ts';
import { pixelScale } from '../../../src/ops/augment.ts';
import { Random } from '../../../src/random.ts';
import { drawClasses } from '../../numerics/support.ts';

const classes = 3;
const columns = 8;
const { features, labels: truth } = drawClasses(new Random(1), { rows: 60, columns, classes });
// Of sixty images the odd ones lie in memory, in their order.
const positions = Int32Array.from({ length: 60 }, (_, image) => (image % 2 === 1 ? (image - 1) / 2 : -1));
const images = { pixels: new Uint8Array(), size: 8, positions };
const pool = async () => images;
const odd = (from: number, to: number) =>
  Int32Array.from({ length: to - from }, (_, i) => 2 * (from + i) + 1);
const labelled: LabelledImages = { images: odd(0, 12), labels: odd(0, 12).map((image) => truth[image]!) };
const queries = odd(12, 20);
const tensors = new Map([['conv1.weight', Float32Array.of(1)]]);
const architecture = { depth: 18, width: 1, stem: 'cifar' } as const;
const recipe = { imageSize: 8, normalise: pixelScale };
const groups = Int32Array.from({ length: 60 }, (_, image) => image);
const network = { architecture, recipe };
const origin = { name: 'start', recipe, encoder: { architecture, tensors } };
const start = { values: features, columns, origin };

/** Stands in for the trainer: notes what it is asked for and gives the step's number as every logit. */
function recorder() {
  const asked: { task: ClassifierTask; run: ClassifierRun }[] = [];
  const opened: ImagePool[] = [];
  let destroyed = 0;
  const trainer = {
    async fit(task: ClassifierTask, run: ClassifierRun) {
      asked.push({ task, run });
      const logits = (step: number) => new Float32Array(run.queries!.length * classes).fill(step);
      return { snapshots: run.snapshots!.map((step) => ({ step, logits: logits(step) })) };
    },
    weights: async () => new Map([['conv1.weight', Float32Array.of(2)]]),
    head: async () => ({ weight: new Float64Array(classes * columns), bias: new Float64Array(classes) }),
    destroy: () => destroyed++,
  };
  const open = async (from: ImagePool) => {
    opened.push(from);
    return trainer as unknown as ClassifierTrainer;
  };
  return { asked, open, counts: () => ({ opened: opened.length, destroyed }), opened };
}

test('images go to the trainer by their place in memory, and the network is stopped at three points', async () => {
  const { asked, open } = recorder();
  const method = networkMethod('net', { trainer: open, pool, classes, steps: 100, ...network, groups });
  const fits = await method.fit(labelled, { queries, seed: 4 });
  assert.is(method.snapshots, 3);
  assert.equal(
    fits.map((logits) => [logits.length, logits[0]]),
    [40, 70, 100].map((step) => [queries.length * classes, step]),
  );
  const [{ task, run }] = asked as [(typeof asked)[0]];
  assert.equal([...task.images], [...Array(12).keys()]);
  assert.equal([...task.labels], [...labelled.labels]);
  assert.equal([...run.queries!], [12, 13, 14, 15, 16, 17, 18, 19]);
  assert.equal([run.seed, run.steps, run.until], [4, 100, 100]);
  assert.equal([run.weights, run.head, task.unlabelled], [undefined, undefined, undefined]);
});

test('one wanted snapshot ends the training there, on the schedule of the whole', async () => {
  const { asked, open } = recorder();
  const method = networkMethod('net', { trainer: open, pool, classes, steps: 100, ...network, groups });
  const fits = await method.fit(labelled, { queries, seed: 0, snapshot: 1 });
  assert.is(fits.length, 1);
  const { run } = asked[0]!;
  assert.equal([run.snapshots, run.until, run.steps], [[70], 70, 100]);
});

test('from an encoder it starts with that encoder and a probe that saw the same labels and no others', async () => {
  const { asked, open } = recorder();
  const method = networkMethod('net', { trainer: open, pool, classes, steps: 10, ...network, groups, start });
  await method.fit(labelled, { queries, seed: 7 });
  const { run } = asked[0]!;
  assert.is(run.weights, tensors);
  const rows = Float32Array.from(
    [...labelled.images].flatMap((image) => [...features.subarray(image * columns, (image + 1) * columns)]),
  );
  assert.equal(
    run.head,
    probeHead(fitProbe(rows, labelled.labels, classes, { seed: 7, scalings: ['standardised', 'raw'] })),
  );
});

test('self-training gets the pool without the labels of the fit at hand', async () => {
  const { asked, open } = recorder();
  const method = networkMethod('net', {
    trainer: open,
    pool,
    classes,
    steps: 10,
    ...network,
    groups,
    start,
    unlabelled: odd(0, 30),
  });
  await method.fit(labelled, { queries, seed: 0 });
  assert.equal(
    [...asked[0]!.task.unlabelled!],
    Array.from({ length: 18 }, (_, i) => 12 + i),
  );
});

test('the trainer is opened once, at the first fit, and its network is the model', async () => {
  const { open, opened, counts } = recorder();
  const method = networkMethod('net', { trainer: open, pool, classes, steps: 10, ...network, groups, start });
  assert.is(counts().opened, 0);
  method.destroy();
  assert.is(counts().destroyed, 0);
  await method.fit(labelled, { queries, seed: 0 });
  await method.fit(labelled, { queries, seed: 1 });
  assert.equal(opened, [images]);
  const { origin: own, head } = await method.model!();
  assert.equal([...own.encoder!.tensors.get('conv1.weight')!], [2]);
  assert.is(own.encoder!.architecture, architecture);
  assert.is(own.recipe, recipe);
  assert.is(head.bias.length, classes);
  method.destroy();
  assert.is(counts().destroyed, 1);
});

test.run();
