import type { Parameters } from '../../../src/autograd/parameters.ts';
import { torchShapes } from '../../../src/nn/state_dict.ts';
import type { TorchTensor } from '../../../src/nn/torch_layout.ts';
import { fromTorch } from '../../../src/nn/torch_layout.ts';
import { type ViTOptions, vit } from '../../../src/nn/vit/vit.ts';
import { fill } from '../../oracle.ts';

/** Tensors of a vision transformer in PyTorch's layout, as `weights` in test/fixtures/vit_model.py fills them. */
export function vitTensors(options: ViTOptions): Map<string, TorchTensor> {
  return new Map(
    [...torchShapes(vit(options))].map(([name, shape]) => {
      const count = shape.reduce((a, b) => a * b, 1);
      const [scale, offset] = fillingOf(name, shape);
      return [name, { shape, data: fill(name, count, scale, offset) as Float32Array<ArrayBuffer> }];
    }),
  );
}

function fillingOf(name: string, shape: readonly number[]): readonly [scale: number, offset: number] {
  if (name.endsWith('.gamma')) return [0.3, 0.3];
  if (name.endsWith('.bias')) return [0.2, 0];
  if (shape.length === 1) return [0.3, 1];
  if (shape.length === 3) return [1, 0];
  return [Math.sqrt(3 / shape.slice(1).reduce((a, b) => a * b, 1)), 0];
}

/** The same in the engine's layout. */
export const engineTensors = (options: ViTOptions): Map<string, Float32Array> =>
  new Map([...vitTensors(options)].map(([name, tensor]) => [name, fromTorch(tensor)]));

/** Numbers of one of an encoder's parameters in PyTorch's order. */
export function inTorchOrder(name: string, values: Float32Array, shape: readonly number[]): Float32Array {
  if (shape.length !== 2 || !name.endsWith('.weight')) return values;
  const [rows, columns] = shape as [number, number];
  const torch = new Float32Array(values.length);
  // The map of the patches has its rows by row, column, channel of a square; PyTorch's by channel, row, column.
  const isMap = name === 'patch_embed.proj.weight';
  const window = rows / 3;
  for (let row = 0; row < rows; row++) {
    const place = isMap ? (row % 3) * window + Math.floor(row / 3) : row;
    for (let column = 0; column < columns; column++)
      torch[column * rows + place] = values[row * columns + column]!;
  }
  return torch;
}

/** Gives a model tensors in the engine's layout. */
export function write(parameters: Parameters, tensors: ReadonlyMap<string, Float32Array>): void {
  for (const [name, data] of tensors) parameters.write(name, data);
}
