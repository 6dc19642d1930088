import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { Parameters } from '../../src/autograd/parameters.ts';
import { projectionHead } from '../../src/nn/projection_head.ts';

const engine = await Engine.create();

/** What a head declares: `name [shape]`. */
function declared(sizes: readonly number[], batchNorm: boolean): string[] {
  const parameters = new Parameters(engine.gpu);
  projectionHead({ parameters, seed: 0 }, 'p', { sizes, batchNorm });
  return parameters.entries.map(({ name, tensor }) => `${name} [${tensor.shape.join(', ')}]`);
}

const norm = (name: string, size: number) =>
  ['weight', 'bias', 'running_mean', 'running_var'].map((part) => `${name}.${part} [${size}]`);

test('with batch norm: hidden layers without bias, numbered as a PyTorch sequence of linear, norm, ReLU', () => {
  assert.equal(declared([8, 7, 6, 5], true), [
    'p.0.weight [8, 7]',
    ...norm('p.1', 7),
    'p.3.weight [7, 6]',
    ...norm('p.4', 6),
    'p.6.weight [6, 5]',
    'p.6.bias [5]',
  ]);
});

test('without batch norm: every layer has its bias', () => {
  assert.equal(declared([8, 7, 5], false), [
    'p.0.weight [8, 7]',
    'p.0.bias [7]',
    'p.2.weight [7, 5]',
    'p.2.bias [5]',
  ]);
});

test('one layer is a linear map: no ReLU behind the last', async () => {
  const parameters = engine.parameters();
  const head = projectionHead({ parameters, seed: 0 }, 'p', { sizes: [2, 2], batchNorm: true });
  parameters.write('p.0.weight', Float32Array.of(1, 2, 3, 4));
  parameters.write('p.0.bias', Float32Array.of(-10, 5));
  const x = engine.input([1, 2], 'f32', Float32Array.of(1, -1));
  const program = await engine.compile(() => ({ y: head(x) }));
  program.run();
  // [1, −1] · [[1, 2], [3, 4]] + [−10, 5]
  assert.equal((await program.read()).y, Float32Array.of(-12, 3));
});

test('ReLU follows each hidden layer', async () => {
  const parameters = engine.parameters();
  const head = projectionHead({ parameters, seed: 0 }, 'p', { sizes: [1, 2, 1], batchNorm: false });
  parameters.write('p.0.weight', Float32Array.of(1, -1));
  parameters.write('p.0.bias', Float32Array.of(0, 0));
  parameters.write('p.2.weight', Float32Array.of(1, 1));
  parameters.write('p.2.bias', Float32Array.of(0));
  const x = engine.input([2, 1], 'f32', Float32Array.of(3, -4));
  const program = await engine.compile(() => ({ y: head(x) }));
  program.run();
  // max(x, 0) + max(−x, 0) = |x|
  assert.equal((await program.read()).y, Float32Array.of(3, 4));
});

test.after(() => engine.destroy());
test.run();
