import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fromTorch, toTorch } from '../../src/nn/torch_layout.ts';
import { fill, hwioToOihw, permute } from '../oracle.ts';

test('weights change layout as torch.permute does, and back', () => {
  const cases: [number[], number[], (values: Float32Array, shape: number[]) => Float32Array][] = [
    [[3, 3, 5, 2], [2, 5, 3, 3], hwioToOihw],
    [[1, 1, 17, 4], [4, 17, 1, 1], hwioToOihw],
    [[7, 7, 3, 1], [1, 3, 7, 7], hwioToOihw],
    [[5, 17], [17, 5], (values, shape) => permute(values, shape, [1, 0])],
    [[6], [6], (values) => values],
    [[], [], (values) => values],
  ];
  for (const [shape, torchShape, expected] of cases) {
    const values = fill(
      'weights',
      shape.reduce((a, b) => a * b, 1),
    );
    const torch = toTorch(shape, values);
    assert.equal(torch, { shape: torchShape, data: expected(values, shape) }, String(shape));
    assert.equal(fromTorch(torch), values, String(shape));
  }
});

test.run();
