import type { Block } from '../architecture.ts';
import { convolution, normRelu } from '../residual_blocks.ts';

/** Kinds of stems. */
type Stem = 'cifar' | 'imagenet' | 'deep';

/** What a stem is made by, beside its kind. */
export interface StemSizes {
  /** Channels out. */
  readonly width: number;
  /** Zeros around the image where the stem is `cifar`. */
  readonly stemPadding: number;
  /** What its norms add to variances. */
  readonly epsilon: number;
}

/** From an image to the first stage, by kind of stem. */
export const stems: Readonly<Record<Stem, (sizes: StemSizes) => Block[]>> = {
  /** 3×3, stride 1: for images of 32 pixels. */
  cifar: ({ width, stemPadding, epsilon }) => [
    convolution('conv1', { inputs: 3, outputs: width, kernel: 3, stride: 1, pad: stemPadding }),
    normRelu('bn1', width, epsilon),
  ],
  /** 7×7, stride 2, and a max-pool: a sixteenth of the pixels. */
  imagenet: ({ width, epsilon }) => [
    convolution('conv1', { inputs: 3, outputs: width, kernel: 7, stride: 2 }),
    normRelu('bn1', width, epsilon),
    maxPool,
  ],
  /** Three 3×3 in place of the 7×7, the first two of half the width (He et al. 2018, arXiv 1812.01187, ResNet-C). */
  deep: ({ width, epsilon }) => {
    const half = Math.ceil(width / 2);
    return [
      convolution('conv1.0', { inputs: 3, outputs: half, kernel: 3, stride: 2 }),
      normRelu('conv1.1', half, epsilon),
      convolution('conv1.3', { inputs: half, outputs: half, kernel: 3, stride: 1 }),
      normRelu('conv1.4', half, epsilon),
      convolution('conv1.6', { inputs: half, outputs: width, kernel: 3, stride: 1 }),
      normRelu('bn1', width, epsilon),
      maxPool,
    ];
  },
};

const maxPool: Block = { kind: 'maxPool', name: 'maxpool', kernel: 3, stride: 2, pad: 1 };
