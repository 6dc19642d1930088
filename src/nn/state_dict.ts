import { type Architecture, type Block, interpret, type Norm, type Rules } from './architecture.ts';
import { type TorchTensor, toTorch } from './torch_layout.ts';

/**
 * The shapes of an encoder's tensors in PyTorch, under torchvision's names and in the order of its state dicts; without
 * the counters of batches.
 */
export function torchShapes({ blocks }: Architecture): Map<string, readonly number[]> {
  return new Map(entriesOf(blocks));
}

/**
 * An encoder's tensors in PyTorch's layout, in the order of torchvision's state dict.
 * @param tensors in the engine's layout, by name; others than the encoder's are left out
 * @throws RangeError where one of the encoder's is missing
 */
export function torchTensors(
  architecture: Architecture,
  tensors: ReadonlyMap<string, Float32Array>,
): Map<string, TorchTensor> {
  const torch = new Map<string, TorchTensor>();
  for (const [name, shape] of torchShapes(architecture)) {
    const data = tensors.get(name);
    if (!data) throw new RangeError(`the encoder has no tensor '${name}'`);
    const [outputs, inputs, kh, kw] = shape;
    const engine = shape.length === 4 ? [kh!, kw!, inputs!, outputs!] : shape;
    torch.set(name, toTorch(engine, data));
  }
  return torch;
}

/** The tensors of `batchNormalisation`, by the ends of their names, in the order in which it declares them. */
export const normParts = ['weight', 'bias', 'running_mean', 'running_var'] as const;

type Entry = readonly [name: string, shape: readonly number[]];

const entriesOf = (blocks: readonly Block[]): Entry[] =>
  blocks.flatMap((block) => interpret(rules, block, undefined));

const normEntries = ({ name, channels }: Norm): Entry[] =>
  normParts.map((part) => [`${name}.${part}`, [channels]]);

const rules: Rules<undefined, Entry[]> = {
  convolution: ({ name, inputs, outputs, kernel }) => [[`${name}.weight`, [outputs, inputs, kernel, kernel]]],
  batchNorm: normEntries,
  maxPool: () => [],
  averagePool: () => [],
  globalAveragePool: () => [],
  subsamplePad: () => [],
  residual: ({ path, norm, shortcut }) => [...entriesOf(path), ...normEntries(norm), ...entriesOf(shortcut)],
};
