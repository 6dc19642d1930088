import type { Architecture, Block, Convolution, Residual } from '../architecture.ts';

/** Basic blocks in each of the four stages, by depth. */
export const blockCounts = { 18: [2, 2, 2, 2], 34: [3, 4, 6, 3] } as const;

/** Which ResNet. */
export interface ResNetOptions {
  /** Default 18. */
  readonly depth?: keyof typeof blockCounts;
  /** Channels of the first stage; each next stage doubles them. Default 64, the published width. */
  readonly width?: number;
  /** `cifar`: 3×3, stride 1, for images of 32 pixels; `imagenet`: 7×7, stride 2, then a max-pool. */
  readonly stem: 'cifar' | 'imagenet';
}

/**
 * ResNet of basic blocks (He et al. 2015, arXiv 1512.03385) up to the global average pool, without a classifier, under
 * torchvision's names.
 */
export function resnet({ depth = 18, width = 64, stem }: ResNetOptions): Architecture {
  const blocks: Block[] = [...stems[stem](width)];
  let channels = width;
  blockCounts[depth].forEach((count, stage) => {
    const outputs = width * 2 ** stage;
    for (let i = 0; i < count; i++) {
      const stride = stage > 0 && i === 0 ? 2 : 1;
      blocks.push(basicBlock(`layer${stage + 1}.${i}`, channels, outputs, stride));
      channels = outputs;
    }
  });
  blocks.push({ kind: 'globalAveragePool', name: 'avgpool' });
  return { name: `resnet${depth}`, title: `ResNet-${depth}`, blocks, featureSize: channels };
}

const stems: Readonly<Record<ResNetOptions['stem'], (width: number) => Block[]>> = {
  cifar: (width) => [
    convolution('conv1', { inputs: 3, outputs: width, kernel: 3, stride: 1 }),
    { kind: 'batchNorm', name: 'bn1', channels: width, relu: true },
  ],
  imagenet: (width) => [
    convolution('conv1', { inputs: 3, outputs: width, kernel: 7, stride: 2 }),
    { kind: 'batchNorm', name: 'bn1', channels: width, relu: true },
    { kind: 'maxPool', name: 'maxpool', kernel: 3, stride: 2, pad: 1 },
  ],
};

/** relu(bn2(conv2(relu(bn1(conv1(x))))) + shortcut(x)); the shortcut is a 1×1 convolution where the shape changes. */
function basicBlock(name: string, inputs: number, outputs: number, stride: number): Residual {
  const changes = stride !== 1 || inputs !== outputs;
  return {
    kind: 'residual',
    name,
    path: [
      convolution(`${name}.conv1`, { inputs, outputs, kernel: 3, stride }),
      { kind: 'batchNorm', name: `${name}.bn1`, channels: outputs, relu: true },
      convolution(`${name}.conv2`, { inputs: outputs, outputs, kernel: 3, stride: 1 }),
    ],
    norm: { name: `${name}.bn2`, channels: outputs },
    shortcut: changes ? downsample(`${name}.downsample`, inputs, outputs, stride) : [],
  };
}

const downsample = (name: string, inputs: number, outputs: number, stride: number): Block[] => [
  convolution(`${name}.0`, { inputs, outputs, kernel: 1, stride }),
  { kind: 'batchNorm', name: `${name}.1`, channels: outputs, relu: false },
];

/** Padded to keep the side at stride 1. */
const convolution = (name: string, sizes: Omit<Convolution, 'kind' | 'name' | 'pad'>): Convolution => ({
  kind: 'convolution',
  name,
  ...sizes,
  pad: (sizes.kernel - 1) / 2,
});
