import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../../src/autograd/engine.ts';
import { backward } from '../../../src/autograd/tape.ts';
import { maxPool } from '../../../src/ops/pool/max_pool.ts';
import type { Window } from '../../../src/ops/window.ts';
import { Random } from '../../../src/random.ts';
import { upstream } from '../../autograd/upstream.ts';
import { size } from '../../twins/case.ts';
import { twins } from '../../twins/index.ts';

const engine = await Engine.create();

/** Pools one 4×4 image of one channel by 3×3 windows, stride 2, pad 1, whose gradients are 1, 2, 3, 4. */
async function pool(image: readonly number[]) {
  const start = () => Float32Array.from(image);
  const x = engine.parameters().trainable('x', [1, 4, 4, 1], start, { decay: false });
  const gradient = engine.input([1, 2, 2, 1], 'f32', Float32Array.of(1, 2, 3, 4));
  const program = await engine.compile(() => {
    const y = maxPool(x, { kernel: 3, stride: 2, pad: 1 });
    backward(upstream(y, gradient));
    return { y };
  });
  program.run();
  const { y } = await program.read();
  const [dx] = await engine.gpu.read([x.gradient!]);
  return { y: [...y], dx: [...new Float32Array(dx!)] };
}

test('of equal values the first in reading order takes the gradient, as in PyTorch', async () => {
  const { y, dx } = await pool(new Array(16).fill(5));
  assert.equal(y, [5, 5, 5, 5]);
  // The windows start at rows and columns −1 and 1.
  assert.equal(dx, [1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
});

test('padding never wins, however low the values', async () => {
  const { y, dx } = await pool(Array.from({ length: 16 }, (_, i) => -100 - i));
  assert.equal(y, [-100, -101, -104, -105]);
  assert.equal(dx, [1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
});

test('an element that wins several windows gathers their gradients', async () => {
  const image = new Array(16).fill(0);
  image[5] = 9;
  const { y, dx } = await pool(image);
  assert.equal(y, [9, 9, 9, 9]);
  assert.equal(dx, [0, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
});

for (const sample of twins.max_pool) {
  test(`${sample.name}: where no gradient is asked for, the maxima are the twin’s`, async () => {
    const [{ shape }] = sample.inputs as [{ shape: readonly number[] }];
    const random = new Random(3);
    const data = Float32Array.from({ length: size(shape) }, () => 2 * random.next() - 1);
    const x = engine.input(shape, 'f32', data);
    const program = await engine.compile(() => ({ y: maxPool(x, sample.attributes as Window) }), {
      training: false,
    });
    program.run();
    const { y } = await program.read();
    assert.equal([...y], [...sample.twin([Float64Array.from(data)])[0]!]);
  });
}

test.after(() => engine.destroy());
test.run();
