import { quote } from '../../formats/quote.ts';
import type { StoredTensor } from '../../formats/safetensors.ts';
import type { Refuse } from '../../nn/family.ts';
import type { FoundEncoder } from './find_encoders.ts';

/**
 * Refuses networks that share a ResNet's names, or most of them, and compute something else.
 * @param all every tensor of the file
 */
export function refuseUnlikeResNet(
  { tensors, prefix }: FoundEncoder,
  all: ReadonlyMap<string, StoredTensor>,
  refuse: Refuse,
): void {
  const attention = [...all.keys()].find((name) => name.startsWith(`${prefix}attnpool.`));
  if (attention !== undefined) {
    return refuse(
      `is CLIP's ResNet, which ends in attention (${quote(attention)}) and pools between its convolutions`,
    );
  }
  const names = [...tensors.keys()];
  const norms = names.filter((name) =>
    /(?:^|\.)(?:bn\d|downsample\.[12])\.(?:weight|running_mean)$/.test(name),
  );
  const statistics = names.filter((name) => name.endsWith('.running_mean'));
  if (statistics.length === 0) {
    const biased = names.filter((name) => /(?:^|\.)conv\d(?:\.\d)?\.bias$/.test(name));
    if (norms.filter((name) => name.includes('bn')).length === 0 && biased.length > 0)
      return refuse(
        `is a ResNet whose norms were folded into its convolutions (${quote(tensors.get(biased[0]!)!.from)})`,
      );
    return refuse(
      'is a ResNet whose norms have no running statistics: instance or group norm, which kindred does not run',
    );
  }
  for (const [name, { shape, from }] of tensors) {
    const block = /^(layer\d+\.\d+)\.conv2\.weight$/.exec(name)?.[1];
    const before = tensors.get(`${block}.conv1.weight`)?.shape;
    if (before && shape.length === 4 && shape[1]! < before[0]! && before[0]! % shape[1]! === 0)
      return refuse(
        `is a ResNeXt: ${quote(from)} of shape [${shape.join(', ')}] is a convolution in ${before[0]! / shape[1]!} groups`,
      );
  }
  const [outputs, inputs] = tensors.get('layer2.0.conv1.weight')?.shape ?? [];
  const early = tensors.get('layer2.0.bn1.weight');
  if (early && inputs !== outputs && early.shape.join() === String(inputs))
    return refuse(
      `is a ResNet with its norms before its convolutions (${quote(early.from)} has ${inputs} channels), of the second version`,
    );
}
