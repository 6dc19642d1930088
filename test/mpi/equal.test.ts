import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import type { Ranks } from '../../src/autograd/ranks.ts';
import { methodBatches } from '../../src/pretext/method_batches.ts';
import { PretextTrainer } from '../../src/pretext/pretext_trainer.ts';
import { methodNamed } from '../../src/pretext/registry.ts';
import { tinyData, tinyOptions } from '../pretext/tiny.ts';
import { testIf } from '../support.ts';
import { asRank, hasMpi, onRanks, withoutMpi } from './launched.ts';

// A training on several ranks is the training of one process with the whole batch: the same images, views, negatives,
// statistics and gradients. What is left are roundings, in another order.

const data = tinyData(96);
const batch = 16;
/**
 * Small, and with seeds by which no rounding turns a ReLU in so many steps: from there on two drivers in one process part
 * as far as ranks do, tenfold a step at 0.05.
 */
const learningRate = 0.0001;
/** The steps of a check, or as many as are asked for by hand. */
const steps = (usual: number): number => Number(process.env.STEPS ?? usual);

interface Training {
  readonly method: string;
  readonly steps: number;
  readonly chunk?: number;
  readonly seed?: number;
  /** Batch norm by each rank's own rows; such a rank is a chunk of a process alone. */
  readonly local?: boolean;
}

interface Trained {
  readonly losses: readonly number[];
  readonly tensors: Readonly<Record<string, readonly number[]>>;
}

async function train(engine: Engine, { method, steps, chunk, seed = 3 }: Training): Promise<Trained> {
  const options = {
    ...tinyOptions,
    ...{ method, batch, seed, negatives: 8, queue: 32 },
    ...(chunk && { chunk }),
  };
  const batches = methodBatches(methodNamed(method), data, options);
  const pretext = await PretextTrainer.create(engine, data, options);
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    await pretext.step(batches.at(step), step, learningRate);
    losses.push(await pretext.loss());
  }
  const tensors = await pretext.parameters.read();
  pretext.destroy();
  return {
    losses,
    tensors: Object.fromEntries([...tensors].map(([name, values]) => [name, Array.from(values)])),
  };
}

async function trainAll(trainings: readonly Training[], ranks?: Ranks): Promise<Trained[]> {
  const all: Trained[] = [];
  const engines = new Map<Ranks['norm'], Engine>();
  for (const training of trainings) {
    const norm = training.local ? 'local' : 'global';
    const engine = engines.get(norm) ?? (await Engine.create({ ranks: ranks && { ...ranks, norm } }));
    engines.set(norm, engine);
    all.push(await train(engine, training));
  }
  for (const engine of engines.values()) engine.destroy();
  return all;
}

await asRank(trainAll);

/** The largest difference of two lists, relative to the largest number of the second. */
function difference(actual: readonly number[], expected: readonly number[]): number {
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-30);
  return actual.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0) / largest;
}

/** @returns the largest differences of losses and of tensors */
function compare({ losses, tensors }: Trained, expected: Trained, { method, local }: Training): void {
  const lost = difference(losses, expected.losses);
  const named = Object.entries(expected.tensors).filter(([name]) => !local || !name.includes('running_'));
  const ends = named.map(([name, values]) => ({
    name,
    error: difference(tensors[name]!, values),
  }));
  const worst = ends.reduce((most, each) => (each.error > most.error ? each : most));
  console.log(
    `${method}: losses ${lost.toExponential(1)}, tensors ${worst.error.toExponential(1)} (${worst.name})`,
  );
  assert.ok(lost < 1e-5, `${method}: losses differ by ${lost}`);
  assert.ok(worst.error < 1e-4, `${method}: ${worst.name} differs by ${worst.error}`);
}

async function checkRanks(ranks: number, trainings: readonly Training[]): Promise<void> {
  const alone = await trainAll(trainings);
  const together = await onRanks<typeof trainings, Trained[]>(ranks, trainings);
  for (const [i, training] of trainings.entries()) compare(together[i]!, alone[i]!, training);
}

testIf(
  hasMpi,
  withoutMpi,
  'thirty steps on four ranks, of a quarter of the batch each, are those of one process',
  () => checkRanks(4, [{ method: 'simclr', steps: steps(30) }]),
);

testIf(
  hasMpi,
  withoutMpi,
  'two ranks train as one process by labels, by chunks, by a queue, by a bank and by prototypes',
  () =>
    checkRanks(2, [
      { method: 'supcon', steps: steps(8) },
      { method: 'simclr', steps: steps(4), chunk: 4, local: true },
      { method: 'moco', steps: steps(8), seed: 5 },
      { method: 'pirl', steps: steps(6) },
      { method: 'swav', steps: steps(6) },
    ]),
);

test.run();
