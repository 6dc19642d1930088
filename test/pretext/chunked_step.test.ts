import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import type { Parameters } from '../../src/autograd/parameters.ts';
import { evaluating } from '../../src/autograd/tape.ts';
import type { Tensor } from '../../src/autograd/tensor.ts';
import { ImageBank } from '../../src/encoder/image_bank.ts';
import { add } from '../../src/ops/add.ts';
import { matmul } from '../../src/ops/matmul.ts';
import { unlabelled } from '../../src/ops/unlabelled.ts';
import type { Optimizer } from '../../src/optim/optimizer.ts';
import { chunkedStep } from '../../src/pretext/chunked_step.ts';
import { isFactored } from '../../src/pretext/method.ts';
import { declareModel } from '../../src/pretext/model.ts';
import { chosenMethod } from '../../src/pretext/options.ts';
import { PretextTrainer } from '../../src/pretext/pretext_trainer.ts';
import type { MethodName } from '../../src/pretext/registry.ts';
import { type TrainingStep, wholeStep } from '../../src/pretext/training_step.ts';
import { fill, relativeError } from '../oracle.ts';
import { side, tinyData, tinyOptions } from './tiny.ts';

const engine = await Engine.create();
const data = tinyData();
const batch = 12;
const chosen = [7, 0, 19, 4, 5, 11, 2, 16, 13, 8, 1, 10];
/** Of three classes; some of no known one. */
const classes = chosen.map((_, i) => (i % 4 === 3 ? unlabelled : i % 3));
const labels = engine.input([2 * batch], 'u32', Uint32Array.from([...classes, ...classes]));
const counter = engine.input([2], 'u32', Uint32Array.of(5, 17));

/** Leaves the gradients for the test to look at. */
const still: Optimizer = { update() {}, prepare() {}, state: new Map(), destroy() {} };

/** What a step left behind. */
interface Outcome {
  readonly loss: number;
  readonly sums: readonly number[];
  readonly gradients: ReadonlyMap<string, Float32Array>;
  readonly running: ReadonlyMap<string, Float32Array>;
}

/** Projections of a batch whose chunks are normalised one by one, all in one program. */
type Reference = (parts: readonly Tensor[]) => Tensor;

/** One step on the chosen images, from the same weights each time. */
async function outcome({
  chunk = batch,
  method = 'simclr',
  training = true,
  streamed = false,
  reference,
  steps = 1,
}: {
  chunk?: number;
  method?: MethodName;
  training?: boolean;
  streamed?: boolean;
  reference?: Reference;
  steps?: number;
}): Promise<Outcome> {
  const parameters = engine.parameters();
  const options = { ...tinyOptions, method, labelledWeight: 0.5, batch };
  const { model } = declareModel(parameters, chosenMethod(options), options, { size: side, images: 20 });
  assert.ok(isFactored(model));
  for (const { name, tensor } of parameters.entries) {
    if (name.endsWith('running_mean')) parameters.write(name, fill(name, tensor.size, 0.2));
    if (name.endsWith('running_var')) parameters.write(name, fill(name, tensor.size, 0.5, 1));
  }
  const projectFrom = (bank: ImageBank) => () => {
    const { images, indices, numbers } = bank;
    const project = () => model.project({ images, indices, numbers, counter });
    return training ? project() : evaluating(project);
  };
  const sums = { loss: engine.input([1]), metrics: engine.input([2]) };
  const bank = streamed ? streamingBank(chunk) : new ImageBank(engine, data.pixels, side, chunk);
  const project = projectFrom(bank);
  const loss = (projections: Tensor) => model.projectionLoss(projections, labels);
  const parts = { parameters, optimizer: still, bank, sums };
  let step: TrainingStep;
  if (reference) {
    const banks = Array.from(
      { length: batch / chunk },
      () => new ImageBank(engine, data.pixels, side, chunk),
    );
    const select = (images: ArrayLike<number>) => {
      for (const [i, each] of banks.entries())
        each.select(Array.from(images).slice(i * chunk, (i + 1) * chunk));
    };
    const joint = () => reference(banks.map((each) => projectFrom(each)()));
    const several = { indices: bank.indices, select };
    step = await wholeStep(engine, { ...parts, bank: several }, () => loss(joint()));
  } else if (chunk === batch) step = await wholeStep(engine, parts, () => loss(project()));
  else step = await chunkedStep(engine, parts, { views: 2, project, loss }, batch);
  for (let i = 0; i < steps; i++) step.run(chosen);
  const read = await step.program.read();
  const [lossSum, metricSums] = await engine.read(sums.loss, sums.metrics);
  const gradients = await readAll(parameters);
  const running = new Map([...(await parameters.read())].filter(([name]) => name.includes('running')));
  step.destroy();
  parameters.destroy();
  return { loss: read.loss[0]!, sums: [...lossSum!, ...metricSums!], gradients, running };
}

/** A bank whose images are too many for one buffer of the adapter, which then must hold one byte more. */
function streamingBank(chunk: number): ImageBank {
  const capabilities = engine.gpu.capabilities as { maxBindingBytes: number };
  const limit = capabilities.maxBindingBytes;
  capabilities.maxBindingBytes = data.pixels.length - 1;
  const bank = new ImageBank(engine, data.pixels, side, chunk);
  capabilities.maxBindingBytes = limit;
  assert.is(4 * bank.images.size, chunk * 3 * side ** 2);
  return bank;
}

async function readAll(parameters: Parameters): Promise<Map<string, Float32Array>> {
  const trainable = parameters.entries.filter((entry) => entry.trainable);
  const arrays = await engine.gpu.read(trainable.map(({ tensor }) => tensor.gradient!));
  return new Map(trainable.map(({ name }, i) => [name, new Float32Array(arrays[i]!)]));
}

/** The largest difference of any parameter's gradient, relative to the largest entry of that gradient. */
const gradientError = (actual: Outcome, expected: Outcome) =>
  Math.max(...[...expected.gradients].map(([name, g]) => relativeError(actual.gradients.get(name)!, g)));

/** Sums of some hundreds of f32 products in another order differ by some 1e-7 of the largest; layers multiply it. */
const tolerance = 1e-5;

for (const method of ['simclr', 'supcon', 'mixed'] as const) {
  test(`${method}, batch norm in evaluation mode: a step in chunks has the loss and every gradient of the whole batch`, async () => {
    const whole = await outcome({ method, training: false });
    assert.ok(whole.loss > 0.5);
    for (const gradient of whole.gradients.values()) assert.ok(gradient.some((value) => value !== 0));
    for (const chunk of [6, 4, 1]) {
      const chunked = await outcome({ method, training: false, chunk });
      const error = gradientError(chunked, whole);
      assert.ok(error < tolerance, `chunks of ${chunk}: ${error}`);
      assert.ok(relativeError(chunked.sums, whole.sums) < 1e-6);
      assert.equal(chunked.running, whole.running);
    }
  });
}

/** A constant [rows, columns] with a 1 in each column, at the row that `rowOf` gives: it puts rows in their places. */
function selection(rows: number, columns: number, rowOf: (column: number) => number): Tensor {
  const elements = new Float32Array(rows * columns);
  for (let column = 0; column < columns; column++) elements[rowOf(column) * columns + column] = 1;
  return engine.input([rows, columns], 'f32', elements);
}

/** Puts the chunks' rows together by products with ones and zeros, which are exact. */
const joined: Reference = (parts) =>
  parts
    .map((part, i) => {
      const rows = part.shape[0]!;
      const chunk = rows / 2;
      const rowOf = (row: number) => (row < chunk ? i * chunk + row : batch + i * chunk + row - chunk);
      return matmul(selection(2 * batch, rows, rowOf), part);
    })
    .reduce((sum, part) => add(sum, part));

test('in training a step in chunks is one program whose batch norms see a chunk each, and statistics move once a chunk', async () => {
  const chunk = 4;
  const expected = await outcome({ chunk, reference: joined });
  const actual = await outcome({ chunk });
  // Up to the loss the kernels and their data are the same.
  assert.is(actual.loss, expected.loss);
  assert.equal(actual.sums, expected.sums);
  assert.equal(actual.running, expected.running);
  const error = gradientError(actual, expected);
  assert.ok(error < tolerance, `${error}`);
  assert.ok(gradientError(await outcome({}), expected) > 0.01, 'other statistics, other gradients');
});

test('each step begins its gradients at zero, and adds to the sums', async () => {
  const [one, three] = [
    await outcome({ chunk: 3, training: false }),
    await outcome({ chunk: 3, training: false, steps: 3 }),
  ];
  assert.equal(three.gradients, one.gradients);
  assert.is(one.sums[0], one.loss);
  assert.ok(Math.abs(three.sums[0]! / one.loss - 3) < 1e-6);
});

test('of images too many for one buffer every chunk sees in both passes the views that it sees otherwise', async () => {
  assert.equal(await outcome({ chunk: 4, streamed: true }), await outcome({ chunk: 4 }));
});

const plainSgd = { name: 'sgd', momentum: 0, weightDecay: 0 } as const;

test('the optimizer moves every parameter once a step, by the gradient of all chunks', async () => {
  const options = { ...tinyOptions, batch, chunk: 4, optimizer: plainSgd };
  const pretext = await PretextTrainer.create(engine, data, options);
  const before = await pretext.parameters.read();
  const rate = 0.25;
  pretext.step(chosen, 0, rate);
  const [after, gradients] = [await pretext.parameters.read(), await readAll(pretext.parameters)];
  for (const [name, gradient] of gradients) {
    const moved = before.get(name)!.map((value, i) => value - rate * gradient[i]!);
    assert.ok(relativeError(after.get(name)!, moved) < 1e-6, name);
  }
  pretext.destroy();
});

test('steps take no memory, and all that a pretext task took is given back, in chunks or whole', async () => {
  const { gpu } = engine;
  // The images themselves stay, for other programs.
  new ImageBank(engine, data.pixels, side, batch).destroy();
  for (const chunk of [3, batch]) {
    const start = { ...gpu.allocated };
    const pretext = await PretextTrainer.create(engine, data, { ...tinyOptions, batch, chunk });
    pretext.step(chosen, 0, 0.1);
    await gpu.idle();
    const compiled = { ...gpu.allocated };
    for (let step = 1; step < 20; step++) pretext.step(chosen, step, 0.1);
    await gpu.idle();
    assert.equal(gpu.allocated, compiled);
    pretext.destroy();
    assert.equal(gpu.allocated, start);
  }
});

test('a batch of another length, and a chunk that does not divide the batch, are refused', async () => {
  const options = { ...tinyOptions, batch, chunk: 4 };
  const pretext = await PretextTrainer.create(engine, data, options);
  assert.throws(() => pretext.step(chosen.slice(1), 0, 0.1), 'a batch takes 12 images, not 11');
  const refusal = await PretextTrainer.create(engine, data, { ...options, chunk: 5 }).then(
    () => 'accepted',
    (error: Error) => error.message,
  );
  assert.is(refusal, 'chunks of 5 images do not make a batch of 12');
  pretext.destroy();
});

test.after(() => engine.destroy());
test.run();
