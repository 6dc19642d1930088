import { type Architecture, type Block, interpret, type Norm, type Rules } from './architecture.ts';
import { type TorchTensor, toTorch } from './torch_layout.ts';

/**
 * The shapes of an encoder's tensors in PyTorch, under torchvision's or timm's names and in the order of their state dicts; without
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
    const [outputs, inputs, ...window] = shape;
    // Linear layers and convolutions have their axes the other way round; other tensors of rows are as they are.
    const engine = shape.length === 2 || shape.length === 4 ? [...window, inputs!, outputs!] : shape;
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
  patchTokens: ({ patch, grid, registers, placed, channels }) => [
    ['cls_token', [1, 1, channels]],
    ...(registers > 0 ? [['reg_token', [1, registers, channels]] as const] : []),
    ['pos_embed', [1, placed + grid ** 2, channels]],
    ['patch_embed.proj.weight', [channels, 3, patch, patch]],
    ['patch_embed.proj.bias', [channels]],
  ],
  layerNorm: ({ name, channels }) => [
    [`${name}.weight`, [channels]],
    [`${name}.bias`, [channels]],
  ],
  linear: ({ name, inputs, outputs, bias }) => [
    [`${name}.weight`, [outputs, inputs]],
    ...(bias ? [[`${name}.bias`, [outputs]] as const] : []),
  ],
  gelu: () => [],
  selfAttention: () => [],
  branch: ({ path, scale }) => [
    ...entriesOf(path),
    ...(scale ? [[`${scale.name}.gamma`, [scale.channels]] as const] : []),
  ],
  tokenPool: () => [],
  residual: ({ path, norm, shortcut }) => [...entriesOf(path), ...normEntries(norm), ...entriesOf(shortcut)],
};
