import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fromTorch, torchShapes, toTorch } from '../../src/nn/torchvision.ts';
import imagenet from '../fixtures/resnet18_imagenet.json';
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

test('the shapes of ResNet-18’s tensors are torchvision’s', () => {
  const shapes = torchShapes({ stem: 'imagenet' });
  for (const { name, shape } of imagenet.parameters) assert.equal(shapes.get(name), shape, name);
  // torchvision's resnet18 has 122 entries: 20 counters of batches and two tensors of fc are none of the encoder's.
  assert.is(shapes.size, 100);
});

test.run();
