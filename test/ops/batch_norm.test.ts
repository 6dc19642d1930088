import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { backward, evaluating, withoutMovingStatistics } from '../../src/autograd/tape.ts';
import { batchNormalisation } from '../../src/nn/layers.ts';
import { upstream } from '../autograd/upstream.ts';
import fixture from '../fixtures/batch_norm_running.json';
import { fill, largestError, nchwToNhwc, nhwcToNchw, relativeError, summaryError } from '../oracle.ts';

const engine = await Engine.create();
const [n, channels, h, w] = fixture.shape as [number, number, number, number];
const ulp = 2 ** -24;

/** Layer, its input and the gradient from above, all N×H×W×C. */
function setUp() {
  const parameters = engine.parameters();
  const layer = batchNormalisation({ parameters, seed: 0 }, 'bn', channels);
  const x = parameters.trainable('x', [n, h, w, channels], () => new Float32Array(n * h * w * channels), {
    decay: false,
  });
  const gradient = engine.input(x.shape);
  parameters.write('bn.weight', fill('batch_norm.weight', channels, 0.1, 1));
  parameters.write('bn.bias', fill('batch_norm.bias', channels, 0.1));
  const tensor = (name: string) => parameters.entries.find((entry) => entry.name === name)!.tensor;
  const gradients = async () => {
    const arrays = await engine.gpu.read(['x', 'bn.weight', 'bn.bias'].map((name) => tensor(name).gradient!));
    return arrays.map((array) => new Float32Array(array));
  };
  const write = (name: string) =>
    nchwToNhwc(
      fill(`batch_norm.${name}`, x.size, ...(name.startsWith('input') ? [2, 0.5] : [])),
      fixture.shape,
    );
  return { parameters, layer, x, gradient, gradients, write };
}

test('three steps and an evaluation: outputs, gradients and running statistics are PyTorch’s', async () => {
  const { parameters, layer, x, gradient, gradients, write } = setUp();
  const training = await engine.compile(() => {
    const y = layer(x);
    backward(upstream(y, gradient));
    return { y };
  });
  const read = async (name: string) => (await parameters.read()).get(name)!;
  const inOrder = (values: ArrayLike<number>) => nhwcToNchw(values, [n, h, w, channels]);
  // A few roundings of sums over sixty rows; PyTorch's own float32 run errs by 1e-7 at most.
  const bound = 1e-6;
  for (const [t, step] of fixture.steps.entries()) {
    parameters.write('x', write(`input.${t}`));
    engine.write(gradient, write(`outputGradient.${t}`));
    training.run();
    const { y } = await training.read();
    const [dx, dGamma, dBeta] = await gradients();
    const errors = {
      output: summaryError(`batch_norm.output.${t}`, inOrder(y), step.output),
      inputGradient: summaryError(`batch_norm.inputGradient.${t}`, inOrder(dx!), step.inputGradient),
      weightGradient: relativeError(dGamma!, step.weightGradient),
      biasGradient: relativeError(dBeta!, step.biasGradient),
      runningMean: relativeError(await read('bn.running_mean'), step.runningMean),
      runningVar: relativeError(await read('bn.running_var'), step.runningVar),
    };
    for (const [what, error] of Object.entries(errors))
      assert.ok(error < bound, `step ${t}: ${what} differs by ${error}`);
  }
  const before = await parameters.read();
  parameters.write('x', write('input.0'));
  const evaluation = await engine.compile(() => ({ y: layer(x) }), { training: false });
  evaluation.run();
  const { y } = await evaluation.read();
  const error = summaryError('batch_norm.evaluationOutput', inOrder(y), fixture.evaluationOutput);
  assert.ok(error < bound, `evaluation differs by ${error}`);
  for (const name of ['bn.running_mean', 'bn.running_var'])
    assert.equal(await read(name), before.get(name), `${name} stays`);
});

test('evaluating: running statistics stay and gradients flow to γ and β', async () => {
  const { parameters, layer, x, gradient, gradients, write } = setUp();
  parameters.write('x', write('input.0'));
  parameters.write('bn.running_mean', fill('mean', channels));
  parameters.write('bn.running_var', fill('variance', channels, 0.5, 1));
  engine.write(gradient, write('outputGradient.0'));
  const before = await parameters.read();
  const program = await engine.compile(() => {
    backward(
      upstream(
        evaluating(() => layer(x)),
        gradient,
      ),
    );
    return {};
  });
  program.run();
  assert.equal(await parameters.read(), before);
  const [dx, dGamma, dBeta] = await gradients();
  const [gamma, mean, variance] = ['weight', 'running_mean', 'running_var'].map(
    (name) => before.get(`bn.${name}`)!,
  );
  const dy = write('outputGradient.0');
  const inverse = Array.from(variance!, (value) => 1 / Math.sqrt(value + 1e-5));
  const sum = (term: (i: number, c: number) => number) => {
    const sums = new Float64Array(channels);
    for (let i = 0; i < dy.length; i++) sums[i % channels]! += term(i, i % channels);
    return sums;
  };
  const values = before.get('x')!;
  assert.ok(
    relativeError(
      dBeta!,
      sum((i) => dy[i]!),
    ) < 1e-6,
  );
  assert.ok(
    relativeError(
      dGamma!,
      sum((i, c) => dy[i]! * (values[i]! - mean![c]!) * inverse[c]!),
    ) < 1e-6,
  );
  const direct = Float64Array.from(dy, (value, i) => value * gamma![i % channels]! * inverse[i % channels]!);
  assert.ok(relativeError(dx!, direct) < 1e-6);
});

test('without moving statistics training has the same outputs, and the running ones stay to the bit', async () => {
  const { parameters, layer, x, write } = setUp();
  const program = await engine.compile(() => ({
    y: withoutMovingStatistics(() => layer(x)),
    moved: layer(x),
  }));
  parameters.write('x', write('input.0'));
  const running = async () => {
    const all = await parameters.read();
    return ['bn.running_mean', 'bn.running_var'].map((name) => [...all.get(name)!]);
  };
  const still = await engine.compile(() => ({ y: withoutMovingStatistics(() => layer(x)) }));
  parameters.write('bn.running_mean', fill('mean', channels));
  const before = await running();
  still.run();
  assert.equal(await running(), before);
  program.run();
  const { y, moved } = await program.read();
  assert.equal(y, moved);
  assert.not.equal(await running(), before);
});

test('a mean far above the deviation leaves the normalised values their digits', async () => {
  const { parameters, layer, x } = setUp();
  const offset = 1e4;
  const values = fill('far from zero', x.size, Math.sqrt(3), offset);
  parameters.write('bn.weight', new Float32Array(channels).fill(1));
  parameters.write('bn.bias', new Float32Array(channels));
  parameters.write('x', values);
  const program = await engine.compile(() => ({ y: layer(x) }));
  program.run();
  const { y } = await program.read();
  const rows = n * h * w;
  const column = (data: ArrayLike<number>, c: number) =>
    Array.from({ length: rows }, (_, r) => data[r * channels + c]!);
  const mean = (data: readonly number[]) => data.reduce((a, b) => a + b, 0) / data.length;
  const expected = new Float64Array(x.size);
  for (let c = 0; c < channels; c++) {
    const data = column(values, c);
    const mu = mean(data);
    const inverse = 1 / Math.sqrt(mean(data.map((value) => (value - mu) ** 2)) + 1e-5);
    for (const [r, value] of data.entries()) expected[r * channels + c] = (value - mu) * inverse;
  }
  // x, the mean and their scaled difference are rounded at 1e4; variances from E[x²] − E[x]² would be off by some 10.
  const error = largestError(y, expected);
  assert.ok(error < 4 * offset * ulp, `the output differs by ${error}`);
});

test.after(() => engine.destroy());
test.run();
