import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import {
  backward,
  currentTape,
  evaluating,
  noGrad,
  withoutMovingStatistics,
} from '../../src/autograd/tape.ts';
import type { Tensor } from '../../src/autograd/tensor.ts';
import { add } from '../../src/ops/add.ts';
import { l2Normalize } from '../../src/ops/l2_normalize.ts';
import { matmul } from '../../src/ops/matmul.ts';
import { relu } from '../../src/ops/relu.ts';
import { scale } from '../../src/ops/scale.ts';
import { fill, relativeError } from '../oracle.ts';
import { upstream } from './upstream.ts';

const engine = await Engine.create();
const side = 5;
const size = side * side;
const start = fill('a', size);
const above = fill('above', size);

/** The gradient that a function of one square parameter gets, with `above` as the gradient of its result. */
async function gradientOf(f: (a: Tensor) => Tensor): Promise<Float32Array> {
  const a = engine.parameters().trainable('a', [side, side], () => start, { decay: true });
  const program = await engine.compile(() => {
    backward(upstream(f(a), engine.input([side, side], 'f32', above)));
    return {};
  });
  // Twice: a step's gradient replaces the one before.
  program.run();
  program.run();
  const [gradient] = await engine.gpu.read([a.gradient!]);
  program.destroy();
  return new Float32Array(gradient!);
}

/** Some roundings of sums of five products of order one. */
const close = (actual: ArrayLike<number>, expected: ArrayLike<number>) => {
  const error = relativeError(actual, expected);
  assert.ok(error < 1e-6, `differs by ${error}`);
};

const transpose = (a: ArrayLike<number>) =>
  Float64Array.from({ length: size }, (_, i) => a[(i % side) * side + Math.floor(i / side)]!);
const times = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Float64Array.from({ length: size }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < side; k++) sum += a[i - (i % side) + k]! * b[k * side + (i % side)]!;
    return sum;
  });
const plus = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Float64Array.from(a, (value, i) => value + b[i]!);

test('x + x: the gradient doubles', async () => {
  close(await gradientOf((a) => add(a, a)), plus(above, above));
  close(
    await gradientOf((a) => {
      const h = scale(a, 3);
      return add(h, h);
    }),
    above.map((value) => 6 * value),
  );
});

test('x·x and x·xᵀ: both factors contribute', async () => {
  const [g, at] = [above, transpose(start)];
  close(await gradientOf((a) => matmul(a, a)), plus(times(g, at), times(at, g)));
  const symmetric = plus(g, transpose(g));
  close(await gradientOf((a) => matmul(a, a, { transposeB: true })), times(symmetric, start));
});

test('a weight shared by three layers gathers their gradients', async () => {
  const x = engine.input([side, side], 'f32', fill('x', size));
  const gradient = await gradientOf((w) => matmul(matmul(matmul(x, w), w), w));
  const [g, wt, xt] = [above, transpose(start), transpose(fill('x', size))];
  // y = x·w·w·w: (x·w·w)ᵀ·g + (x·w)ᵀ·g·wᵀ + xᵀ·g·wᵀ·wᵀ
  const third = times(times(wt, times(wt, xt)), g);
  const second = times(times(wt, xt), times(g, wt));
  close(gradient, plus(plus(times(xt, times(times(g, wt), wt)), second), third));
});

test('paths of different length meet: h + relu(h) + 2·h', async () => {
  const gradient = await gradientOf((a) => {
    const h = scale(a, -1);
    return add(add(h, relu(h)), scale(h, 2));
  });
  close(
    gradient,
    above.map((value, i) => -value * (start[i]! < 0 ? 4 : 3)),
  );
});

test('noGrad: what is made inside is a constant', async () => {
  close(
    await gradientOf((a) =>
      add(
        a,
        noGrad(() => scale(a, 3)),
      ),
    ),
    above,
  );
  close(
    await gradientOf((a) =>
      add(
        scale(a, 2),
        noGrad(() => matmul(a, a)),
      ),
    ),
    plus(above, above),
  );
});

test('modes end with their body, even where it throws', async () => {
  await engine.compile(() => {
    const tape = currentTape();
    const modes = () => [tape.gradients, tape.training, tape.movingStatistics];
    assert.equal(modes(), [true, true, true]);
    noGrad(() => {
      assert.equal(modes(), [false, true, true]);
      evaluating(() => assert.equal(modes(), [false, false, true]));
      withoutMovingStatistics(() => assert.equal(modes(), [false, true, false]));
      assert.equal(modes(), [false, true, true]);
    });
    for (const mode of [noGrad, evaluating, withoutMovingStatistics])
      assert.throws(() =>
        mode(() => {
          throw new Error('inside');
        }),
      );
    assert.equal(modes(), [true, true, true]);
    return {};
  });
});

test('an op whose result does not reach the loss adds nothing', async () => {
  const gradient = await gradientOf((a) => {
    matmul(a, a);
    return scale(a, 2);
  });
  close(gradient, plus(above, above));
});

test('two losses add with their weights', async () => {
  const parameters = engine.parameters();
  const a = parameters.trainable('a', [2], () => Float32Array.of(1, 1), { decay: true });
  const b = parameters.trainable('b', [2], () => Float32Array.of(1, 1), { decay: true });
  const program = await engine.compile(() => {
    const first = upstream(a, engine.input([2], 'f32', Float32Array.of(1, 2)));
    const second = upstream(add(a, b), engine.input([2], 'f32', Float32Array.of(10, 20)));
    backward(add(scale(first, 1), second));
    return {};
  });
  program.run();
  const gradients = (await engine.gpu.read([a.gradient!, b.gradient!])).map(
    (bytes) => new Float32Array(bytes),
  );
  assert.equal(gradients, [Float32Array.of(11, 22), Float32Array.of(10, 20)]);
});

/** A parameter, and what programs that end in `backward` leave in its gradient. */
function parameter() {
  const a = engine.parameters().trainable('a', [side, side], () => start, { decay: true });
  const given = engine.input([side, side], 'f32', above);
  const leaves = async (record: () => void, runs = 1) => {
    const program = await engine.compile(() => {
      record();
      return {};
    });
    for (let i = 0; i < runs; i++) program.run();
    const [gradient] = await engine.gpu.read([a.gradient!]);
    program.destroy();
    return new Float32Array(gradient!);
  };
  return { a, given, leaves };
}

test('a gradient that is given begins the walk, and stays what it was', async () => {
  const { a, given, leaves } = parameter();
  const gradient = await leaves(() => {
    const h = scale(a, 3);
    backward(add(h, matmul(h, a)), { gradient: given });
  });
  // h + h·a with h = 3a: 3·(g + g·aᵀ + aᵀ·g)
  const at = transpose(start);
  const sum = plus(above, plus(times(above, at), times(at, above)));
  close(
    gradient,
    sum.map((value) => 3 * value),
  );
  assert.equal((await engine.read(given))[0], above);
});

test('accumulated gradients add to what lies there, however often a parameter is used', async () => {
  const { a, given, leaves } = parameter();
  const product = await leaves(() => backward(matmul(a, a), { gradient: given }));
  const three = () => backward(add(a, scale(a, 2)), { gradient: given, accumulate: true });
  const times3 = (count: number) => above.map((value) => 3 * count * value);
  close(await leaves(three), plus(product, times3(1)));
  close(await leaves(three, 2), plus(product, times3(3)));
  // Within one program, behind a walk that begins anew.
  const again = await leaves(() => {
    backward(matmul(a, a), { gradient: given });
    three();
    three();
  });
  close(again, plus(product, times3(2)));
});

test('gradients that were cleared are all zero, those of the neighbours too', async () => {
  const parameters = engine.parameters();
  const tensors = ['a', 'b'].map((name) =>
    parameters.trainable(name, [3], () => Float32Array.of(1, 2, 3), { decay: true }),
  );
  const given = engine.input([3], 'f32', Float32Array.of(5, 6, 7));
  const program = await engine.compile(() => {
    parameters.clearGradients();
    backward(add(tensors[0]!, tensors[0]!), { gradient: given, accumulate: true });
    return {};
  });
  for (const { gradient } of tensors) engine.gpu.write(gradient!, Float32Array.of(8, 8, 8));
  program.run();
  const gradients = await engine.gpu.read(tensors.map(({ gradient }) => gradient!));
  assert.equal([...new Float32Array(gradients[0]!)], [10, 12, 14]);
  assert.equal([...new Float32Array(gradients[1]!)], [0, 0, 0]);
});

/** The message of the error that recording `body` gives. */
async function refusal(body: () => void, options = {}): Promise<string> {
  const record = () => {
    body();
    return {};
  };
  return engine.compile(record, options).then(
    () => 'accepted',
    (error: Error) => error.message,
  );
}

test('backward says what is wrong with a loss', async () => {
  const a = engine.parameters().trainable('a', [2, 3], () => new Float32Array(6), { decay: true });
  const constant = engine.input([1]);
  assert.is(await refusal(() => backward(a)), 'backward: the loss must be one number, not [2, 3] f32');
  const wrong = await refusal(() => backward(a, { gradient: engine.input([3, 2]) }));
  assert.is(wrong, 'backward: the gradient of [2, 3] f32 cannot be [3, 2] f32');
  const none = 'backward: the loss depends on no trainable parameter';
  assert.is(await refusal(() => backward(constant)), none);
  assert.is(await refusal(() => backward(noGrad(() => upstream(a, constant)))), none);
  assert.is(await refusal(() => backward(upstream(a, constant)), { training: false }), none);
});

test('f16 is for activations, all of an op alike: other inputs of that type are refused', async () => {
  const [half, single] = (['f16', 'f32'] as const).map((dtype) => engine.input([2, 2], dtype));
  assert.is(
    await refusal(() => add(half!, single!)),
    'add: got [2, 2] f16 and [2, 2] f32, but it takes inputs of type f16, f16',
  );
  assert.is(
    await refusal(() => matmul(half!, single!)),
    'matmul: got [2, 2] f16 and [2, 2] f32, but it takes inputs of type f32, f32',
  );
});

test('a second backward over the same parameter is refused, over another one accepted', async () => {
  const parameters = engine.parameters();
  const [a, b] = ['a', 'b'].map((name) =>
    parameters.trainable(name, [1], () => new Float32Array(1), { decay: true }),
  );
  const one = engine.input([1]);
  const twice = (second: Tensor) =>
    refusal(() => {
      backward(upstream(a!, one));
      backward(upstream(second, one));
    });
  assert.match(await twice(a!), /earlier call wrote the gradient of 'a': add the losses/);
  assert.is(await twice(b!), 'accepted');
});

test('ops outside compile and nested compiles are refused, and a failed recording leaves no trace', async () => {
  const x = engine.input([2, 2]);
  assert.throws(() => l2Normalize(x), /call them inside engine\.compile/);
  const inner: Promise<string>[] = [];
  assert.is(await refusal(() => inner.push(refusal(() => {}))), 'accepted');
  assert.is(await inner[0]!, 'engine.compile cannot be nested');
  const failing = () => {
    throw new Error('mine');
  };
  assert.is(await refusal(failing), 'mine');
  assert.throws(() => l2Normalize(x), /call them inside engine\.compile/);
  assert.is(await refusal(() => l2Normalize(x)), 'accepted');
});

test.after(() => engine.destroy());
test.run();
