import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import type { Parameters } from '../../src/autograd/parameters.ts';
import { backward } from '../../src/autograd/tape.ts';
import { add } from '../../src/ops/add.ts';
import { batchNorm } from '../../src/ops/batch_norm.ts';
import { scale } from '../../src/ops/scale.ts';
import { adamW } from '../../src/optim/adamw.ts';
import { lars } from '../../src/optim/lars.ts';
import { LossScale, type LossScaleOptions } from '../../src/optim/loss_scale.ts';
import type { Optimizer } from '../../src/optim/optimizer.ts';
import { sgd } from '../../src/optim/sgd.ts';
import { upstream } from '../autograd/upstream.ts';
import { fill } from '../oracle.ts';

const engine = await Engine.create();

type Make = (model: Parameters) => Optimizer;
const optimizers: Readonly<Record<string, Make>> = {
  SGD: (model) => sgd(engine, model, { momentum: 0.9, weightDecay: 0.1 }),
  LARS: (model) => lars(engine, model, { momentum: 0.9, weightDecay: 0.1 }),
  AdamW: (model) => adamW(engine, model, { weightDecay: 0.1 }),
};

// The first spans more blocks of 64 than one workgroup looks at, the second is ragged.
const sizes = { w: 65 * 64, v: 3 };
const total = sizes.w + sizes.v;

/** Two parameters whose gradients, scaled, the host writes before each step. */
async function trainer(make: Make, options?: LossScaleOptions) {
  const parameters = engine.parameters();
  const [w, v] = Object.entries(sizes).map(([name, size]) =>
    parameters.trainable(name, [size], () => fill(name, size), { decay: name === 'w' }),
  );
  const [ofW, ofV] = [engine.input([sizes.w]), engine.input([sizes.v])];
  const optimizer = make(parameters);
  const lossScale = options && new LossScale(engine, options);
  const program = await engine.compile(() => {
    backward(add(upstream(w!, ofW!), upstream(v!, ofV!)));
    optimizer.update({ lossScale });
    return {};
  });
  let t = 0;
  const step = (gradients: Float32Array) => {
    engine.write(ofW!, gradients.subarray(0, sizes.w));
    engine.write(ofV!, gradients.subarray(sizes.w));
    optimizer.prepare(t++, 0.1);
    program.run();
  };
  /** Everything that a step may change, but the scale. */
  const everything = async () => {
    const values = await parameters.read();
    const state = await engine.read(...optimizer.state.values());
    return [...values.values(), ...state].map((array) => Buffer.from(new Float32Array(array).buffer));
  };
  return { step, everything, lossScale };
}

const gradientsOf = (step: number, factor = 1) => fill(`gradients ${step}`, total).map((g) => factor * g);

for (const [name, make] of Object.entries(optimizers)) {
  test(`${name}: gradients that a loss scale made larger move everything as if it had not, to the last bit`, async () => {
    const plain = await trainer(make);
    const scaled = await trainer(make, { initial: 2 ** 10 });
    for (let t = 0; t < 3; t++) {
      plain.step(gradientsOf(t));
      scaled.step(gradientsOf(t, 2 ** 10));
    }
    assert.equal(await scaled.everything(), await plain.everything());
    assert.equal(await scaled.lossScale!.read(), { scale: 2 ** 10, skippedSteps: 0, forwardOverflows: 0 });
  });

  test(`${name}: a step with one infinite or undefined gradient changes nothing but the scale, and the next goes on`, async () => {
    const { step, everything, lossScale } = await trainer(make, { initial: 2 ** 14 });
    step(gradientsOf(0, 2 ** 14));
    let before = await everything();
    const planted = [
      [0, Infinity],
      [sizes.w - 1, -Infinity],
      [total - 1, Number.NaN],
      [64 * 64, Infinity],
    ] as const;
    for (const [i, [place, value]] of planted.entries()) {
      step(gradientsOf(1).with(place, value));
      assert.equal(await everything(), before, `gradient ${place} is ${value}`);
      const told = { scale: 2 ** (13 - i), skippedSteps: i + 1, forwardOverflows: 0 };
      assert.equal(await lossScale!.read(), told);
    }
    // The largest number that is finite.
    step(gradientsOf(2).with(5, 3.4028234663852886e38));
    assert.is((await lossScale!.read()).skippedSteps, planted.length);
    assert.not.equal(await everything(), before);
    before = await everything();
    step(gradientsOf(3, 2 ** 10));
    assert.not.equal(await everything(), before);
  });
}

test('the scale doubles behind as many good steps in a row as are asked for, and stays within its bounds', async () => {
  const { step, lossScale } = await trainer(optimizers.SGD!, { initial: 4, interval: 3 });
  const scales: number[] = [];
  const good = gradientsOf(0);
  const bad = good.with(7, Number.NaN);
  // An overflow after two good steps: they no longer count.
  for (const gradients of [good, good, bad, good, good, good, good, good, good]) {
    step(gradients);
    scales.push((await lossScale!.read()).scale);
  }
  assert.equal(scales, [4, 4, 2, 2, 2, 4, 4, 4, 8]);
  for (let i = 0; i < 5; i++) step(bad);
  assert.is((await lossScale!.read()).scale, 1);
  const [state] = await engine.read(lossScale!.state);
  assert.equal([...state!], [1, 1, 0, 6]);

  const high = await trainer(optimizers.SGD!, { initial: 2 ** 23, interval: 1 });
  for (let i = 0; i < 4; i++) high.step(good);
  const [highest] = await engine.read(high.lossScale!.state);
  assert.equal([...highest!].slice(0, 2), [2 ** 24, 2 ** -24]);
});

/** Batch norm of rows that the host writes, whose running statistics move with each step that is taken. */
async function normTrainer(begins = true) {
  const parameters = engine.parameters();
  const [rows, channels] = [8, 12];
  const one = () => new Float32Array(channels).fill(1);
  const gamma = parameters.trainable('gamma', [channels], one, { decay: false });
  const beta = parameters.trainable('beta', [channels], () => new Float32Array(channels), { decay: false });
  const runningMean = parameters.buffer('mean', [channels], () => fill('mean', channels));
  const runningVariance = parameters.buffer('variance', [channels], one);
  const x = engine.input([rows, channels]);
  const upstreams = engine.input([rows * channels]);
  const optimizer = sgd(engine, parameters, { momentum: 0.9, weightDecay: 0 });
  const lossScale = new LossScale(engine, { initial: 4 });
  const program = await engine.compile(() => {
    if (begins) lossScale.begin(parameters);
    const y = batchNorm(x, { gamma, beta, runningMean, runningVariance }, { relu: true });
    backward(upstream(y, upstreams));
    optimizer.update({ lossScale });
    return {};
  });
  let t = 0;
  const step = (values: Float32Array, gradients: Float32Array) => {
    engine.write(x, values);
    engine.write(upstreams, gradients);
    optimizer.prepare(t++, 0.1);
    program.run();
  };
  const all = async () =>
    Object.fromEntries([...(await parameters.read())].map(([name, data]) => [name, [...data]]));
  return { step, all, lossScale, values: fill('x', rows * channels), gradients: fill('g', rows * channels) };
}

test('running statistics move with the steps that are taken alone, whichever pass overflowed', async () => {
  const { step, all, lossScale, values, gradients } = await normTrainer();
  step(values, gradients);
  const taken = await all();
  const { length } = values;
  const mean = (channel: number) => values.filter((_, i) => i % 12 === channel).reduce((a, b) => a + b) / 8;
  fill('mean', 12).forEach((before, channel) => {
    const moved = before + 0.1 * (mean(channel) - before);
    assert.ok(Math.abs(taken.mean![channel]! - moved) < 1e-6, `channel ${channel}`);
  });
  // A gradient that overflows: the scale is at fault.
  step(
    values.map((value) => 2 * value),
    gradients.with(3, Infinity),
  );
  assert.equal(await all(), taken);
  assert.equal(await lossScale.read(), { scale: 2, skippedSteps: 1, forwardOverflows: 0 });
  // An activation that did: its norm is NaN, which the ReLU makes 0, and the scale cannot help.
  for (const [i, overflow] of [Infinity, -Infinity, Number.NaN].entries()) {
    step(values.with(length - 1 - i, overflow), gradients);
    assert.equal(await all(), taken, `${overflow}`);
    assert.equal(await lossScale.read(), { scale: 2, skippedSteps: 2 + i, forwardOverflows: 1 + i });
  }
  step(values, gradients);
  const next = await all();
  for (const name of ['gamma', 'mean', 'variance']) assert.not.equal(next[name], taken[name], name);
});

test('an update by a loss scale that was not begun for the model is refused, where statistics could go wrong', async () => {
  const problem = await normTrainer(false).then(
    () => 'accepted',
    (error: Error) => error.message,
  );
  assert.match(problem, 'loss scale: call begin(model) ahead of the forward pass');
});

test('backward starts from the scale', async () => {
  const a = engine.parameters().trainable('a', [1], () => Float32Array.of(2), { decay: true });
  const lossScale = new LossScale(engine, { initial: 2 ** 7 });
  const program = await engine.compile(() => {
    backward(scale(a, 3), { gradient: lossScale.gradient });
    return {};
  });
  program.run();
  const [gradient] = await engine.gpu.read([a.gradient!]);
  assert.is(new Float32Array(gradient!)[0], 3 * 2 ** 7);
});

test.after(() => engine.destroy());
test.run();
