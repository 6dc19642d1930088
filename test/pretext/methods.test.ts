import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { Parameters } from '../../src/autograd/parameters.ts';
import { backward } from '../../src/autograd/tape.ts';
import { isFactored } from '../../src/pretext/method.ts';
import { declareModel } from '../../src/pretext/model.ts';
import { chosenMethod } from '../../src/pretext/options.ts';
import type { MethodName } from '../../src/pretext/registry.ts';
import { Random } from '../../src/random.ts';
import { relativeError } from '../oracle.ts';
import { ntXentTwin, supConTwin } from '../twins/losses.ts';
import { side, tinyOptions } from './tiny.ts';

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

test.after(() => engine.destroy());
test.run();
