import { batchNormEpsilon } from '../../ops/batch_norm.ts';
import type { Architecture, Block } from '../architecture.ts';
import {
  averagedProjection,
  basicBlock,
  bottleneck,
  projection,
  type ResidualSizes,
} from '../residual_blocks.ts';
import { stems } from './stems.ts';

/** Blocks in each of the four stages, by depth; from 50 layers on they are bottlenecks. */
export const blockCounts = {
  18: [2, 2, 2, 2],
  34: [3, 4, 6, 3],
  50: [3, 4, 6, 3],
  101: [3, 4, 23, 3],
} as const;

/** Layers of a ResNet. */
export type ResNetDepth = keyof typeof blockCounts;

/** All of them. */
export const resnetDepths = Object.keys(blockCounts).map(Number) as readonly ResNetDepth[];

/** Whether ResNets of this depth are built of bottlenecks: 1×1, 3×3, 1×1, four times as many channels out as inside. */
export const hasBottlenecks = (depth: ResNetDepth): boolean => depth >= 50;

/** Which ResNet. */
export interface ResNetOptions {
  /** Default 18. */
  readonly depth?: keyof typeof blockCounts;
  /**
   * Channels of the stem and of the first stage's 3×3 convolutions; each next stage doubles them. Default 64, the
   * published width.
   */
  readonly width?: number;
  /**
   * `cifar`: 3×3, stride 1, for images of 32 pixels; `imagenet`: 7×7, stride 2, then a max-pool; `deep`: three 3×3 in
   * place of the 7×7.
   */
  readonly stem: 'cifar' | 'imagenet' | 'deep';
  /**
   * Of bottlenecks: channels of the 3×3 convolution for every 64 that the stage has by `width`. Default 64; 128 is the
   * wide ResNet-50-2 (Zagoruyko & Komodakis 2016, arXiv 1605.07146).
   */
  readonly baseWidth?: number;
  /**
   * Which convolution of a bottleneck has the stride: `v1` the first 1×1 (He et al. 2015), `v1.5` the 3×3, as
   * torchvision's. Default `v1.5`. Weights have the same shapes.
   */
  readonly stride?: 'v1' | 'v1.5';
  /**
   * Shortcuts where the shape changes: `convolution` of 1×1 with the stride, or a 2×2 `average` before one without.
   * Default `convolution`; `average` with the stem `deep` is ResNet-D.
   */
  readonly downsample?: 'convolution' | 'average';
  /** Zeros on each side of the image for the stem `cifar`. Default 1; some train with 2. Weights have the same shapes. */
  readonly stemPadding?: 1 | 2;
  /** ε that batch norms add to variances. Default 1e-5. */
  readonly epsilon?: number;
}

/** What is built where options say nothing: torchvision's ResNet-18 but for the stem. */
export const resnetDefaults = {
  depth: 18,
  width: 64,
  baseWidth: 64,
  stride: 'v1.5',
  downsample: 'convolution',
  stemPadding: 1,
  epsilon: batchNormEpsilon,
} as const satisfies Required<Omit<ResNetOptions, 'stem'>>;

/**
 * ResNet (He et al. 2015, arXiv 1512.03385) up to the global average pool, without a classifier, under torchvision's
 * names; timm's for what torchvision does not have.
 */
export function resnet(options: ResNetOptions): Architecture {
  const chosen: Required<ResNetOptions> = { ...resnetDefaults, ...options };
  const { depth, width, stem } = chosen;
  const blocks: Block[] = [...stems[stem](chosen)];
  let inputs = width;
  blockCounts[depth].forEach((count, stage) => {
    const channels = width * 2 ** stage;
    for (let i = 0; i < count; i++) {
      const stride = stage > 0 && i === 0 ? 2 : 1;
      const block = residualBlock(`layer${stage + 1}.${i}`, chosen, { inputs, channels, stride });
      blocks.push(block);
      inputs = block.norm.channels;
    }
  });
  blocks.push({ kind: 'globalAveragePool', name: 'avgpool' });
  return { ...namesOf(chosen), blocks, featureSize: inputs };
}

/** @param channels of the stage by the width */
function residualBlock(
  name: string,
  { depth, baseWidth, stride: version, downsample, epsilon }: Required<ResNetOptions>,
  { inputs, channels, stride }: { inputs: number; channels: number; stride: number },
) {
  const outputs = hasBottlenecks(depth) ? 4 * channels : channels;
  const sizes: ResidualSizes = { inputs, outputs, stride, epsilon };
  const changes = stride !== 1 || inputs !== outputs;
  const change = downsample === 'average' ? averagedProjection : projection;
  const shortcut = changes ? change(`${name}.downsample`, sizes) : [];
  if (!hasBottlenecks(depth)) return basicBlock(name, sizes, shortcut);
  const inner = Math.floor((channels * baseWidth) / 64);
  return bottleneck(name, { ...sizes, inner, first: version === 'v1' }, shortcut);
}

/** torchvision's and timm's names of what they have. */
function namesOf({ depth, stem, downsample, baseWidth }: Required<ResNetOptions>) {
  const isD = stem === 'deep' && downsample === 'average';
  const [suffix, tail] = isD ? ['d', '-D'] : ['', ''];
  if (!hasBottlenecks(depth) || baseWidth === 64)
    return { name: `resnet${depth}${suffix}`, title: `ResNet-${depth}${tail}` };
  const factor = baseWidth / 64;
  return {
    name: `wide_resnet${depth}${suffix}_${factor}`,
    title: `Wide ResNet-${depth}${tail}-${factor}`,
  };
}
