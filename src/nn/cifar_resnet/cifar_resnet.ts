import { batchNormEpsilon } from '../../ops/batch_norm.ts';
import type { Architecture, Block } from '../architecture.ts';
import {
  basicBlock,
  convolution,
  normRelu,
  paddedIdentity,
  projection,
  type ResidualSizes,
} from '../residual_blocks.ts';

/** Depths that were published: 6n + 2, of three stages of n basic blocks. */
export const cifarDepths = [20, 32, 44, 56, 110] as const;

/** Which CIFAR ResNet. */
export interface CifarResNetOptions {
  /** Default 20. */
  readonly depth?: (typeof cifarDepths)[number];
  /** Channels of the first stage; each next stage doubles them. Default 16, the published width. */
  readonly width?: number;
  /**
   * Shortcuts where the shape changes: `padding` leaves pixels out and adds channels of zeros (option A), `projection`
   * is a 1×1 convolution (option B). Default `padding`.
   */
  readonly shortcut?: 'padding' | 'projection';
  /** ε that batch norms add to variances. Default 1e-5. */
  readonly epsilon?: number;
}

/** What is built where options say nothing. */
export const cifarResNetDefaults = {
  depth: 20,
  width: 16,
  shortcut: 'padding',
  epsilon: batchNormEpsilon,
} as const satisfies Required<CifarResNetOptions>;

/**
 * The ResNet for images of 32 pixels (He et al. 2015, arXiv 1512.03385, section 4.2) up to the global average pool,
 * without a classifier, under the names of https://github.com/akamaster/pytorch_resnet_cifar10; projections under
 * torchvision's.
 */
export function cifarResNet(options: CifarResNetOptions = {}): Architecture {
  const { depth, width, shortcut, epsilon } = { ...cifarResNetDefaults, ...options };
  const blocks: Block[] = [
    convolution('conv1', { inputs: 3, outputs: width, kernel: 3, stride: 1 }),
    normRelu('bn1', width, epsilon),
  ];
  let inputs = width;
  for (let stage = 0; stage < 3; stage++) {
    const outputs = width * 2 ** stage;
    for (let i = 0; i < (depth - 2) / 6; i++) {
      const name = `layer${stage + 1}.${i}`;
      const sizes: ResidualSizes = { inputs, outputs, stride: stage > 0 && i === 0 ? 2 : 1, epsilon };
      const change = () =>
        shortcut === 'padding'
          ? paddedIdentity(`${name}.shortcut`, sizes)
          : projection(`${name}.downsample`, sizes);
      blocks.push(basicBlock(name, sizes, inputs === outputs ? [] : change()));
      inputs = outputs;
    }
  }
  blocks.push({ kind: 'globalAveragePool', name: 'avgpool' });
  return { name: `cifar_resnet${depth}`, title: `CIFAR ResNet-${depth}`, blocks, featureSize: inputs };
}
