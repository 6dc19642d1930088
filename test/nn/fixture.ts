import type { Engine } from '../../src/autograd/engine.ts';
import type { Parameters } from '../../src/autograd/parameters.ts';
import { fill, hwioToOihw, oihwToHwio, permute } from '../oracle.ts';

/** A parameter as the network fixtures describe it: its name and shape in PyTorch, and how it is filled. */
export interface Filled {
  readonly name: string;
  readonly shape: readonly number[];
  readonly scale: number;
  readonly offset: number;
}

/** PyTorch stores convolution weights as O, I, H, W and linear ones as output × input. */
function toEngine(values: Float32Array, shape: readonly number[]): Float32Array {
  if (shape.length === 4) return oihwToHwio(values, shape);
  return shape.length === 2 ? permute(values, shape, [1, 0]) : values;
}

/** The engine's elements in PyTorch's order. @param shape the engine's: [H, W, I, O], [inputs, outputs] or [C] */
export function toTorch(values: Float32Array, shape: readonly number[]): Float32Array {
  if (shape.length === 4) return hwioToOihw(values, shape);
  return shape.length === 2 ? permute(values, shape, [1, 0]) : values;
}

/**
 * Gives a model the fixture's weights.
 * @param nameOf the model's name of a tensor of the fixture
 * @throws Error where the model has other parameters than the fixture
 */
export function fillParameters(
  parameters: Parameters,
  filled: readonly Filled[],
  nameOf: (name: string) => string = (name) => name,
): void {
  const declared = parameters.entries.filter((entry) => entry.trainable);
  if (declared.length !== filled.length)
    throw new Error(`the model has ${declared.length} parameters, the fixture ${filled.length}`);
  for (const { name, shape, scale, offset } of filled) {
    const count = shape.reduce((a, b) => a * b, 1);
    parameters.write(nameOf(name), toEngine(fill(name, count, scale, offset), shape));
  }
}

/** All gradients in PyTorch's order, by the parameters' names. */
export async function readGradients(
  engine: Engine,
  parameters: Parameters,
): Promise<Map<string, Float32Array>> {
  const trainable = parameters.entries.filter((entry) => entry.trainable);
  const arrays = await engine.gpu.read(trainable.map(({ tensor }) => tensor.gradient!));
  return new Map(
    trainable.map(({ name, tensor }, i) => [name, toTorch(new Float32Array(arrays[i]!), tensor.shape)]),
  );
}
