import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import type { Parameters } from '../../src/autograd/parameters.ts';
import { backward, currentTape, Tape } from '../../src/autograd/tape.ts';
import { add } from '../../src/ops/add.ts';
import { adamW } from '../../src/optim/adamw.ts';
import { lars } from '../../src/optim/lars.ts';
import type { Optimizer } from '../../src/optim/optimizer.ts';
import { sgd } from '../../src/optim/sgd.ts';
import { upstream } from '../autograd/upstream.ts';
import adamwFixture from '../fixtures/adamw.json';
import larsFixture from '../fixtures/lars_reference.json';
import sgdFixture from '../fixtures/sgd.json';
import { fill, largestError } from '../oracle.ts';

const engine = await Engine.create();

type Make = (model: Parameters) => Optimizer;

/** The closed form of the fixtures' gradient, in float64 at the current float32 parameters. */
function gradientOf(name: string, values: Float32Array, step: number): Float32Array {
  const n = values.length;
  const curvature = fill(`optimizer.${name}.curvature`, n, 0.5, 1);
  const slope = fill(`optimizer.${name}.slope`, n);
  const noise = fill(`optimizer.${name}.noise.${step}`, n, 0.05);
  return values.map((p, i) => {
    const neighbour = values[(i + 1) % n]!;
    return curvature[i]! * p + 0.2 * neighbour + slope[i]! + 0.1 * Math.sin(3 * p) + noise[i]!;
  });
}

/** A model of named vectors, `v` without decay, whose gradients the host writes before each step. */
async function trainer(start: ReadonlyMap<string, Float32Array>, make: Make) {
  const parameters = engine.parameters();
  const vectors = [...start].map(([name, values]) => {
    const tensor = parameters.trainable(name, [values.length], () => values, { decay: name !== 'v' });
    return { name, tensor, gradient: engine.input([values.length]) };
  });
  const optimizer = make(parameters);
  const program = await engine.compile(() => {
    const losses = vectors.map(({ tensor, gradient }) => upstream(tensor, gradient));
    backward(losses.reduce((sum, loss) => add(sum, loss)));
    optimizer.update();
    return {};
  });
  const step = (t: number, learningRate: number, gradients: ReadonlyMap<string, Float32Array>) => {
    for (const { name, gradient } of vectors) engine.write(gradient, gradients.get(name)!);
    optimizer.prepare(t, learningRate);
    program.run();
  };
  return { parameters, optimizer, step };
}

type Values = Readonly<Record<string, readonly number[]>>;
interface Known {
  readonly step: number;
  readonly float32: number;
}

/** Runs the fixture's thirty steps and compares every parameter wherever it gives values. */
async function follow(learningRates: readonly number[], steps: readonly Known[], make: Make): Promise<void> {
  const names = Object.keys(steps[0]!).filter((key) => key.length === 1);
  const initial = (name: string): Float32Array => {
    const count = (steps[0] as unknown as Values)[name]!.length;
    return name === 'z' ? new Float32Array(count) : fill(`optimizer.${name}.initial`, count);
  };
  const { parameters, step } = await trainer(new Map(names.map((name) => [name, initial(name)])), make);
  let compared = 0;
  for (const [t, learningRate] of learningRates.entries()) {
    const values = await parameters.read();
    step(t, learningRate, new Map(names.map((name) => [name, gradientOf(name, values.get(name)!, t)])));
    const known = steps.find((candidate) => candidate.step === t + 1);
    if (!known) continue;
    const after = await parameters.read();
    for (const name of names) {
      const error = largestError(after.get(name)!, (known as unknown as Values)[name]!);
      // The same formula in float32 elsewhere errs by `float32`; the order of its operations may bring a few times that.
      assert.ok(error < 3 * known.float32, `${name} differs by ${error} after ${t + 1} steps`);
      compared++;
    }
  }
  assert.is(compared, names.length * steps.length);
}

for (const { momentum, nesterov, weightDecay, steps } of sgdFixture.cases) {
  const what = `momentum ${momentum}, ${nesterov ? 'Nesterov, ' : ''}weight decay ${weightDecay}`;
  test(`SGD, ${what}: thirty steps are PyTorch’s; v does not decay`, () =>
    follow(sgdFixture.learningRates, steps, (model) =>
      sgd(engine, model, { momentum, nesterov, weightDecay }),
    ));
}

test('AdamW: thirty steps are PyTorch’s; v does not decay', () => {
  const { betas, epsilon, weightDecay, steps, learningRates } = adamwFixture;
  const [beta1, beta2] = betas as [number, number];
  return follow(learningRates, steps, (model) =>
    adamW(engine, model, { beta1, beta2, epsilon, weightDecay }),
  );
});

for (const { weightDecay, steps } of larsFixture.cases) {
  test(`LARS, weight decay ${weightDecay}: thirty steps are the float64 reference’s; v does not decay or adapt`, () => {
    const { momentum, trustCoefficient, learningRates } = larsFixture;
    return follow(learningRates, steps, (model) =>
      lars(engine, model, { momentum, trustCoefficient, weightDecay }),
    );
  });
}

test('AdamW: ε is added to the root of the second moment, not under it', async () => {
  const make: Make = (model) => adamW(engine, model, { epsilon: 0.01, weightDecay: 0 });
  const { parameters, step } = await trainer(new Map([['w', Float32Array.of(1)]]), make);
  step(0, 0.5, new Map([['w', Float32Array.of(0.03)]]));
  // The first step's corrected moments are g and g²: w moves by η·g/(|g| + ε), here 0.5 · 0.03/0.04.
  const [w] = (await parameters.read()).get('w')!;
  assert.ok(Math.abs(w! - 0.625) < 1e-6, `w is ${w}`);
});

test('LARS: a parameter of many blocks has one trust ratio, each parameter its own', async () => {
  const sizes = { small: 5, ragged: 130, large: 64 * 70 };
  const names = Object.keys(sizes) as (keyof typeof sizes)[];
  const weights = (name: keyof typeof sizes) => fill(`${name}.weights`, sizes[name]);
  const gradients = (name: keyof typeof sizes) => fill(`${name}.gradients`, sizes[name], 0.01, 0.02);
  const [momentum, weightDecay, trustCoefficient, rate] = [0.9, 0.1, 0.02, 0.5];
  const make: Make = (model) => lars(engine, model, { momentum, weightDecay, trustCoefficient });
  const { parameters, step } = await trainer(new Map(names.map((name) => [name, weights(name)])), make);
  step(0, rate, new Map(names.map((name) => [name, gradients(name)])));
  const after = await parameters.read();
  for (const name of names) {
    const w = Float64Array.from(weights(name));
    const g = gradients(name);
    const d = w.map((value, i) => g[i]! + weightDecay * value);
    const trust = (trustCoefficient * Math.hypot(...w)) / Math.hypot(...d);
    const expected = w.map((value, i) => value - rate * trust * d[i]!);
    // One rounding of numbers below 1 each in w and its move.
    assert.ok(largestError(after.get(name)!, expected) < 1.5e-7, name);
  }
});

const optimizers: Readonly<Record<string, (weightDecay: number) => Make>> = {
  SGD: (weightDecay) => (model) => sgd(engine, model, { momentum: 0.9, weightDecay }),
  LARS: (weightDecay) => (model) => lars(engine, model, { momentum: 0.9, weightDecay }),
  AdamW: (weightDecay) => (model) => adamW(engine, model, { weightDecay }),
};

for (const [name, make] of Object.entries(optimizers)) {
  test(`${name}: without gradient only decaying parameters move, towards 0`, async () => {
    // 130 elements lie in three blocks, the last of them ragged.
    const start = () => fill('start', 130, 0.25, 1);
    const { parameters, step } = await trainer(
      new Map([
        ['w', start()],
        ['v', start()],
      ]),
      make(0.1),
    );
    const zero = new Map([
      ['w', new Float32Array(130)],
      ['v', new Float32Array(130)],
    ]);
    for (let t = 0; t < 3; t++) step(t, 0.5, zero);
    const after = await parameters.read();
    assert.equal(after.get('v'), start());
    assert.ok(after.get('w')!.every((value, i) => value > 0 && value < start()[i]!));
  });

  test(`${name}: the learning rate of the step scales its move`, async () => {
    const ways: number[] = [];
    for (const rate of [0.25, 0]) {
      const { parameters, step } = await trainer(new Map([['w', Float32Array.of(1)]]), make(0));
      step(0, rate, new Map([['w', Float32Array.of(2)]]));
      ways.push(1 - (await parameters.read()).get('w')![0]!);
    }
    assert.ok(ways[0]! > 0);
    assert.is(ways[1], 0);
  });

  test(`${name}: a parameter that the loss does not reach is named`, async () => {
    const parameters = engine.parameters();
    const used = parameters.trainable('used', [2], () => Float32Array.of(1, 2), { decay: true });
    parameters.trainable('head.unused', [3], () => Float32Array.of(1, 2, 3), { decay: true });
    const optimizer = make(0)(parameters);
    const record = () => {
      backward(upstream(used, engine.input([2])));
      optimizer.update();
      return {};
    };
    const error = await engine.compile(record).then(
      () => new Error('accepted'),
      (reason: Error) => reason,
    );
    assert.match(error.message, /optimizer: 'head\.unused' has no gradient: the loss does not depend on it/);
  });

  test(`${name}: an update by gradients of another program moves by them, and names what that did not reach`, async () => {
    const parameters = engine.parameters();
    const w = parameters.trainable('w', [2], () => Float32Array.of(1, 2), { decay: true });
    const optimizer = make(0)(parameters);
    let walked: Tape | undefined;
    const gradient = engine.input([2], 'f32', Float32Array.of(3, 4));
    const first = await engine.compile(() => {
      walked = currentTape();
      backward(add(w, w), { gradient });
      return {};
    });
    const update = async (walked: Tape) =>
      engine.compile(() => {
        optimizer.update({ walked });
        return {};
      });
    const second = await update(walked!);
    optimizer.prepare(0, 0.5);
    first.run();
    second.run();
    const moved = (await parameters.read()).get('w')!;
    assert.ok(moved[0]! < 1 && moved[1]! < 2);
    const error = await update(
      new Tape({ capabilities: engine.gpu.capabilities, choices: engine.choices }),
    ).then(
      () => new Error('accepted'),
      (reason: Error) => reason,
    );
    assert.match(error.message, /'w' has no gradient/);
  });

  test(`${name}: an update before backward is refused`, async () => {
    const parameters = engine.parameters();
    const w = parameters.trainable('w', [2], () => Float32Array.of(1, 2), { decay: true });
    const optimizer = make(0)(parameters);
    const record = () => {
      optimizer.update();
      backward(upstream(w, engine.input([2])));
      return {};
    };
    const error = await engine.compile(record).then(
      () => new Error('accepted'),
      (reason: Error) => reason,
    );
    assert.match(error.message, /'w' has no gradient.*or backward came later/);
  });

  test(`${name}: its state is as large as the parameters and starts at 0`, async () => {
    const { optimizer } = await trainer(new Map([['w', new Float32Array(65)]]), make(0));
    for (const [label, tensor] of optimizer.state) {
      assert.ok(tensor.size >= 65, label);
      const [state] = await engine.read(tensor);
      assert.ok(
        state!.every((value) => value === 0),
        label,
      );
    }
    assert.ok(optimizer.state.size > 0);
  });
}

test.after(() => engine.destroy());
test.run();
