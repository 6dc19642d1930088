import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { Parameters } from '../../src/autograd/parameters.ts';
import { backward } from '../../src/autograd/tape.ts';
import { memoryContrast } from '../../src/ops/pretext/memory_contrast.ts';
import { isFactored } from '../../src/pretext/method.ts';
import { declareModel } from '../../src/pretext/model.ts';
import { chosenMethod, type PretextOptions } from '../../src/pretext/options.ts';
import { PretextTrainer } from '../../src/pretext/pretext_trainer.ts';
import type { MethodName } from '../../src/pretext/registry.ts';
import { Random } from '../../src/random.ts';
import { largestError, relativeError } from '../oracle.ts';
import { ntXentTwin, supConTwin } from '../twins/losses.ts';
import { side, stripes, tinyOptions } from './tiny.ts';

const engine = await Engine.create();
const [batch, columns, temperature] = [9, 5, 0.3];
const none = 0xffffffff;
const classes = [4, none, 1, 1, none, 4, 4, 0, none];
const labels = [...classes, ...classes];
const random = new Random(2);
const views = Float32Array.from({ length: 2 * batch * columns }, () => 2 * random.next() - 1);

interface LossSettings {
  readonly method: MethodName;
  readonly labelledWeight: number;
}

/** A method's loss of these projections. */
async function evaluate(values: Float32Array, given: LossSettings) {
  const options = { ...tinyOptions, ...given, temperature };
  const { model } = declareModel(new Parameters(engine.gpu), chosenMethod(options), options, {
    size: side,
    images: 20,
  });
  assert.ok(isFactored(model));
  const parameters = engine.parameters();
  const x = parameters.trainable('x', [2 * batch, columns], () => values, { decay: false });
  const known = engine.input([2 * batch], 'u32', Uint32Array.from(labels));
  const program = await engine.compile(() => {
    const { loss, metrics } = model.projectionLoss(x, known);
    backward(loss);
    return { loss, metrics: metrics! };
  });
  program.run();
  const { loss, metrics } = await program.read();
  const [gradient] = await engine.gpu.read([x.gradient!]);
  program.destroy();
  return { loss: loss[0]!, metrics: [...metrics], gradient: new Float32Array(gradient!) };
}

const [simclr, supcon] = [
  await evaluate(views, { method: 'simclr', labelledWeight: 2 }),
  await evaluate(views, { method: 'supcon', labelledWeight: 2 }),
];
// Losses of order 3 from logits of up to 1/τ: some roundings of 2⁻²⁴ each.
const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 2e-6, `${actual} is not ${expected}`);

test('simclr is NT-Xent and supcon is SupCon, as their float64 twins have them', () => {
  const x = Float64Array.from(views);
  near(simclr.loss, ntXentTwin(x, columns, temperature)[0]);
  near(supcon.loss, supConTwin(x, labels, temperature)[0]);
});

test('mixed is NT-Xent on all views plus the weighted SupCon term, its gradient too; metrics are NT-Xent’s', async () => {
  for (const labelledWeight of [0.5, 1, 3]) {
    const mixed = await evaluate(views, { method: 'mixed', labelledWeight });
    near(mixed.loss, simclr.loss + labelledWeight * supcon.loss);
    assert.equal(mixed.metrics, simclr.metrics);
    const expected = simclr.gradient.map((value, i) => value + labelledWeight * supcon.gradient[i]!);
    const error = relativeError(mixed.gradient, expected);
    assert.ok(error < 1e-6, `the gradient differs by ${error}`);
  }
});

function chanceLoss(given: LossSettings, images: number): number {
  const { method, settings } = chosenMethod({ ...tinyOptions, ...given });
  return method.chanceLoss!(settings, images);
}

test('each method’s chance loss is what views that are all alike give', async () => {
  const alike = views.map((_, i) => views[i % columns]!);
  for (const method of ['simclr', 'supcon', 'mixed'] as const) {
    const options = { method, labelledWeight: 0.7 };
    const { loss } = await evaluate(alike, options);
    near(loss, chanceLoss(options, batch));
  }
  assert.is(chanceLoss({ method: 'supcon', labelledWeight: 1 }, 8), Math.log(15));
  assert.is(chanceLoss({ method: 'mixed', labelledWeight: 1 }, 8), 2 * Math.log(15));
});

test('what knows nothing has the chance loss: rows that are all alike, and logits that are', async () => {
  const alike = views.map((_, i) => views[i % columns]!);
  const dcl = await evaluate(alike, { method: 'dcl', labelledWeight: 1 });
  near(dcl.loss, Math.log(2 * batch - 2));
  near(chanceLoss({ method: 'dcl', labelledWeight: 1 }, batch), dcl.loss);
  const rows = engine.input([3, 4], 'f32', new Float32Array(12).fill(0.5));
  const memory = engine.input([7, 4], 'f32', new Float32Array(28).fill(0.5));
  const program = await engine.compile(() => ({
    moco: memoryContrast(rows, rows, memory, { temperature }).loss,
    pirl: memoryContrast(rows, rows, memory, { temperature, negativeTerms: true }).loss,
  }));
  program.run();
  const { moco, pirl } = await program.read();
  program.destroy();
  const chance = (method: MethodName, given: object) => {
    const chosen = chosenMethod({ ...tinyOptions, ...given, method });
    return chosen.method.chanceLoss!(chosen.settings, batch);
  };
  near(moco[0]!, chance('moco', { queue: 7 }));
  near(pirl[0]!, chance('pirl', { negatives: 7 }));
  assert.is(chance('rotation', {}), Math.log(4));
  assert.is(chance('relative', {}), Math.log(8));
  assert.is(chance('jigsaw', { permutations: 20 }), Math.log(20));
  for (const method of ['byol', 'simsiam', 'vicreg', 'barlow'])
    assert.is(chosenMethod({ ...tinyOptions, method }).method.chanceLoss, undefined);
});

const { pixels } = stripes(20);

const trainer = (options: Partial<PretextOptions>) =>
  PretextTrainer.create(engine, { pixels, size: side }, { ...tinyOptions, ...options });

test('rotation in chunks, with four rows an image, has the loss of the whole batch', async () => {
  const method = 'rotation';
  const [whole, chunked] = [await trainer({ method }), await trainer({ method, chunk: 2 })];
  // Two chunks of the same two images have the same statistics: all that a chunk changes.
  for (const each of [whole, chunked]) each.step([6, 3, 6, 3], 0, 0.1);
  const [expected, actual] = [await whole.loss(), await chunked.loss()];
  // Sums in another order, behind eighteen layers.
  assert.ok(Math.abs(actual / expected - 1) < 1e-4, `${actual} is not ${expected}`);
  for (const each of [whole, chunked]) each.destroy();
});

test('the target of byol starts as the online network, and moves by the momentum alone', async () => {
  const values = async (pretext: PretextTrainer) => pretext.parameters.read();
  const pairsOf = (all: ReadonlyMap<string, Float32Array>) =>
    [...all].flatMap(([name, target]) => {
      const online = name.startsWith('target.') ? all.get(name.slice('target.'.length)) : undefined;
      return online && !name.includes('running') ? [{ name, target, online }] : [];
    });
  const still = await trainer({ method: 'byol', targetMomentum: 1 });
  const start = pairsOf(await values(still));
  assert.ok(start.some(({ name }) => name === 'target.projector.3.weight'));
  assert.ok(start.some(({ name }) => name === 'target.conv1.weight'));
  for (const { name, target, online } of start) assert.equal(target, online, name);
  for (const step of [0, 1]) still.step([0, 1, 2, 3], step, 0.1);
  const end = pairsOf(await values(still));
  end.forEach(({ name, target, online }, i) => {
    assert.equal(target, start[i]!.target, name);
    assert.not.equal(online, target, name);
  });
  still.destroy();
  // Without any momentum it is the online network.
  const same = await trainer({ method: 'byol', targetMomentum: 0 });
  same.step([0, 1, 2, 3], 0, 0.1);
  // y + (x − y) is x but for the rounding of the difference.
  for (const { name, target, online } of pairsOf(await values(same)))
    assert.ok(largestError(target, online) < 1e-6, name);
  same.destroy();
});

test('prototypes stay while they are frozen, then move, and keep length one; views that are alike have chance', async () => {
  const swav = await trainer({ method: 'swav', frozenSteps: 2, prototypes: 12 });
  const rows = async () => {
    const all = (await swav.parameters.read()).get('prototypes.weight')!;
    return Array.from({ length: 12 }, (_, k) =>
      all.slice((k * all.length) / 12, ((k + 1) * all.length) / 12),
    );
  };
  const start = await rows();
  for (const step of [0, 1]) swav.step([0, 1, 2, 3], step, 0.1);
  // What weight decay takes is given back by the norm, but for a rounding.
  assert.ok(
    largestError(
      (await rows()).flatMap((row) => [...row]),
      start.flatMap((row) => [...row]),
    ) < 1e-6,
  );
  swav.step([0, 1, 2, 3], 2, 0.1);
  const end = await rows();
  for (const [k, row] of end.entries()) {
    assert.ok(largestError(row, start[k]!) > 1e-5, `prototype ${k} has not moved`);
    // Sums of 128 squares and an inverse square root of 2 ulp.
    assert.ok(Math.abs(Math.hypot(...row) - 1) < 1e-6, `prototype ${k} has length ${Math.hypot(...row)}`);
  }
  swav.destroy();
  const alike = await evaluate(new Float32Array(views.length).fill(0.3), {
    method: 'swav',
    labelledWeight: 1,
  });
  near(alike.loss, Math.log(columns));
  const { method } = chosenMethod({ ...tinyOptions, method: 'swav' });
  near(method.chanceLoss!({ prototypes: columns }, batch), alike.loss);
});

test.after(() => engine.destroy());
test.run();
