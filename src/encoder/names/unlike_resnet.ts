import { quote } from '../../formats/quote.ts';
import type { StoredTensor } from '../../formats/safetensors.ts';
import type { FoundEncoder } from './found.ts';

/**
 * Why an encoder that shares a ResNet's names, or most of them, computes something else, to stand behind the file's name;
 * undefined where nothing says so.
 * @param all every tensor of the file
 */
export function unlikeResNet(
  { tensors, prefix }: FoundEncoder,
  all: ReadonlyMap<string, StoredTensor>,
): string | undefined {
  if (tensors.has('patch_embed.proj.weight')) return undefined;
  const attention = [...all.keys()].find((name) => name.startsWith(`${prefix}attnpool.`));
  if (attention !== undefined)
    return `is CLIP's ResNet, which ends in attention (${quote(attention)}) and pools between its convolutions`;
  return withoutStatistics(tensors) ?? groupedConvolution(tensors) ?? earlyNorms(tensors);
}

type Tensors = FoundEncoder['tensors'];

/** No norm of the encoder has running statistics. */
function withoutStatistics(tensors: Tensors): string | undefined {
  const names = [...tensors.keys()];
  if (names.some((name) => /\.running_(?:mean|var)$/.test(name))) return undefined;
  const biased = names.find((name) => /(?:^|\.)conv\d(?:\.\d)?\.bias$/.test(name));
  if (biased !== undefined && !names.some((name) => /(?:^|\.)bn\d\./.test(name)))
    return `is a ResNet whose norms were folded into its convolutions (${quote(tensors.get(biased)!.from)})`;
  return 'is a ResNet whose norms have no running statistics: instance or group norm, which kindred does not run';
}

/** Bottlenecks of ResNeXt: a convolution that sees a part of its inputs only. */
function groupedConvolution(tensors: Tensors): string | undefined {
  for (const [name, { shape, from }] of tensors) {
    const block = /^(layer\d+\.\d+)\.conv2\.weight$/.exec(name)?.[1];
    const inputs = tensors.get(`${block}.conv1.weight`)?.shape[0];
    const [, seen] = shape;
    if (inputs && seen && shape.length === 4 && seen < inputs && inputs % seen === 0)
      return `is a ResNeXt (${quote(from)} of shape [${shape.join(', ')}] is a convolution in ${inputs / seen} groups), which kindred does not run`;
  }
  return undefined;
}

/** Identity mappings (He et al. 2016, arXiv 1603.05027): a block's first norm has as many channels as its inputs. */
function earlyNorms(tensors: Tensors): string | undefined {
  const [outputs, inputs] = tensors.get('layer2.0.conv1.weight')?.shape ?? [];
  const norm = tensors.get('layer2.0.bn1.weight');
  if (!norm || inputs === outputs || norm.shape.join() !== String(inputs)) return undefined;
  return `is a ResNet with its norms before its convolutions (${quote(norm.from)} has ${inputs} channels), which kindred does not run`;
}
