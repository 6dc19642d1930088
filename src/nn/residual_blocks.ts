import type { BatchNorm, Block, Convolution, Residual } from './architecture.ts';

/** What a residual block makes of its images. */
export interface ResidualSizes {
  /** Channels in. */
  readonly inputs: number;
  /** Channels out. */
  readonly outputs: number;
  /** Pixels from one window of its convolution with a stride to the next: 1, or 2 where it halves the side. */
  readonly stride: number;
  /** What its norms add to variances. */
  readonly epsilon: number;
}

/** A convolution, padded to keep the side at stride 1 unless `pad` says otherwise. */
export const convolution = (
  name: string,
  sizes: Omit<Convolution, 'kind' | 'name' | 'pad'> & { readonly pad?: number },
): Convolution => ({ kind: 'convolution', name, pad: (sizes.kernel - 1) / 2, ...sizes });

/** Batch norm and ReLU. */
export const normRelu = (name: string, channels: number, epsilon: number): BatchNorm => ({
  kind: 'batchNorm',
  name,
  channels,
  epsilon,
  relu: true,
});

/** relu(bn2(conv2(relu(bn1(conv1(x))))) + shortcut(x)), both convolutions 3×3. */
export function basicBlock(name: string, sizes: ResidualSizes, shortcut: readonly Block[]): Residual {
  const { inputs, outputs, stride, epsilon } = sizes;
  return {
    kind: 'residual',
    name,
    path: [
      convolution(`${name}.conv1`, { inputs, outputs, kernel: 3, stride }),
      normRelu(`${name}.bn1`, outputs, epsilon),
      convolution(`${name}.conv2`, { inputs: outputs, outputs, kernel: 3, stride: 1 }),
    ],
    norm: { name: `${name}.bn2`, channels: outputs, epsilon },
    shortcut,
  };
}

/**
 * relu(bn3(conv3(relu(bn2(conv2(relu(bn1(conv1(x)))))))) + shortcut(x)), convolutions of 1×1, 3×3 and 1×1.
 * @param inner channels of the 3×3 convolution
 * @param first whether the stride is the first convolution's, not the second's
 */
export function bottleneck(
  name: string,
  sizes: ResidualSizes & { readonly inner: number; readonly first: boolean },
  shortcut: readonly Block[],
): Residual {
  const { inputs, outputs, inner, stride, first, epsilon } = sizes;
  return {
    kind: 'residual',
    name,
    path: [
      convolution(`${name}.conv1`, { inputs, outputs: inner, kernel: 1, stride: first ? stride : 1 }),
      normRelu(`${name}.bn1`, inner, epsilon),
      convolution(`${name}.conv2`, { inputs: inner, outputs: inner, kernel: 3, stride: first ? 1 : stride }),
      normRelu(`${name}.bn2`, inner, epsilon),
      convolution(`${name}.conv3`, { inputs: inner, outputs, kernel: 1, stride: 1 }),
    ],
    norm: { name: `${name}.bn3`, channels: outputs, epsilon },
    shortcut,
  };
}

/** A shortcut that changes the shape: a 1×1 convolution with the stride, and its norm. */
export function projection(name: string, { inputs, outputs, stride, epsilon }: ResidualSizes): Block[] {
  return [
    convolution(`${name}.0`, { inputs, outputs, kernel: 1, stride }),
    { kind: 'batchNorm', name: `${name}.1`, channels: outputs, epsilon, relu: false },
  ];
}

/**
 * The same by a mean over windows of the stride before a convolution without one, which sees every pixel (He et al.
 * 2018, arXiv 1812.01187, ResNet-D).
 */
export function averagedProjection(name: string, sizes: ResidualSizes): Block[] {
  const { inputs, outputs, stride, epsilon } = sizes;
  const pool: Block[] = stride === 1 ? [] : [{ kind: 'averagePool', name: `${name}.0`, kernel: stride }];
  return [
    ...pool,
    convolution(`${name}.1`, { inputs, outputs, kernel: 1, stride: 1 }),
    { kind: 'batchNorm', name: `${name}.2`, channels: outputs, epsilon, relu: false },
  ];
}

/** The same without parameters: pixels left out, channels of zeros on both sides. */
export function paddedIdentity(name: string, { inputs, outputs, stride }: ResidualSizes): Block[] {
  const before = Math.floor((outputs - inputs) / 2);
  return [{ kind: 'subsamplePad', name, stride, before, after: outputs - inputs - before }];
}
