import { averagePool } from '../ops/average_pool.ts';
import { maxPool } from '../ops/max_pool.ts';
import { batchNormalisation, convolution, type Layer, type ModelContext } from './layers.ts';

/** Basic blocks in each of the four stages. */
const depths = { 18: [2, 2, 2, 2], 34: [3, 4, 6, 3] } as const;

/** Depth, width and first layers of a ResNet of basic blocks (He et al. 2016, arXiv 1512.03385). */
export interface ResNetOptions {
  /** Default 18. */
  readonly depth?: keyof typeof depths;
  /** Channels of the first stage; each next stage doubles them. Default 64, the published width. */
  readonly width?: number;
  /** `cifar`: 3×3, stride 1, for images of 32 pixels; `imagenet`: 7×7, stride 2, then a max-pool. */
  readonly stem: 'cifar' | 'imagenet';
}

/** An encoder: images [N, H, W, 3] to features [N, featureSize]. */
export interface Encoder {
  readonly forward: Layer;
  readonly featureSize: number;
}

/** A basic block: its name, channels in and out, stride of its first convolution. */
export interface Block {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly stride: number;
}

/** The basic blocks of a ResNet, in order. */
export function basicBlocks({ depth = 18, width = 64 }: ResNetOptions): Block[] {
  let inputs = width;
  return depths[depth].flatMap((count, stage) => {
    const outputs = width * 2 ** stage;
    return Array.from({ length: count }, (_, i) => {
      const block = { name: `layer${stage + 1}.${i}`, inputs, outputs, stride: stage > 0 && i === 0 ? 2 : 1 };
      inputs = outputs;
      return block;
    });
  });
}

/** Whether the block's input is brought to its output's shape by a convolution of its own. */
export const hasDownsample = ({ stride, inputs, outputs }: Block): boolean =>
  stride !== 1 || inputs !== outputs;

/**
 * ResNet of basic blocks (He et al. 2015, arXiv 1512.03385) up to the global average pool, without a classifier.
 * Tensors are named as torchvision's (`conv1.weight`, `layer1.0.bn1.running_mean`, …). The last batch norm of a block
 * starts with γ = 1, as torchvision's default.
 */
export function resnet(context: ModelContext, options: ResNetOptions): Encoder {
  const { width = 64, stem } = options;
  const large = stem === 'imagenet';
  const conv1 = convolution(context, 'conv1', {
    inputs: 3,
    outputs: width,
    kernel: large ? 7 : 3,
    stride: large ? 2 : 1,
  });
  const bn1 = batchNormalisation(context, 'bn1', width);
  const blocks = basicBlocks(options).map((block) => basicBlock(context, block));
  const forward: Layer = (images) => {
    const opened = bn1(conv1(images), { relu: true });
    const start = large ? maxPool(opened, { kernel: 3, stride: 2, pad: 1 }) : opened;
    return averagePool(blocks.reduce((x, block) => block(x), start));
  };
  return { forward, featureSize: 8 * width };
}

/** relu(bn2(conv2(relu(bn1(conv1(x))))) + shortcut(x)); the shortcut is a 1×1 convolution where the shape changes. */
function basicBlock(context: ModelContext, block: Block): Layer {
  const { name, inputs, outputs, stride } = block;
  const conv1 = convolution(context, `${name}.conv1`, { inputs, outputs, kernel: 3, stride });
  const bn1 = batchNormalisation(context, `${name}.bn1`, outputs);
  const conv2 = convolution(context, `${name}.conv2`, { inputs: outputs, outputs, kernel: 3, stride: 1 });
  const bn2 = batchNormalisation(context, `${name}.bn2`, outputs);
  const shortcut: Layer = hasDownsample(block)
    ? downsample(context, `${name}.downsample`, { inputs, outputs, stride })
    : (x) => x;
  return (x) => {
    // First, so that its gradient comes last and adds to the few pixels that a 1×1 convolution with a stride has seen.
    const residual = shortcut(x);
    return bn2(conv2(bn1(conv1(x), { relu: true })), { relu: true, residual });
  };
}

function downsample(
  context: ModelContext,
  name: string,
  { inputs, outputs, stride }: { inputs: number; outputs: number; stride: number },
): Layer {
  const conv = convolution(context, `${name}.0`, { inputs, outputs, kernel: 1, stride });
  const bn = batchNormalisation(context, `${name}.1`, outputs);
  return (x) => bn(conv(x));
}

/** ResNet-18 (see `resnet`). */
export const resnet18 = (context: ModelContext, options: Omit<ResNetOptions, 'depth'>): Encoder =>
  resnet(context, { ...options, depth: 18 });

/** Multiply-adds of one image's forward pass: the convolutions', which are nearly all. */
export function multiplyAdds(options: ResNetOptions, side: number): number {
  const { depth = 18, width = 64, stem } = options;
  const large = stem === 'imagenet';
  let edge = large ? Math.ceil(side / 2) : side;
  let total = edge ** 2 * (large ? 49 : 9) * 3 * width;
  if (large) edge = Math.ceil(edge / 2);
  let inputs = width;
  depths[depth].forEach((count, stage) => {
    const outputs = width * 2 ** stage;
    for (let i = 0; i < count; i++) {
      const shrinks = stage > 0 && i === 0;
      if (shrinks) edge = Math.ceil(edge / 2);
      total += edge ** 2 * (9 * (inputs + outputs) + (shrinks ? inputs : 0)) * outputs;
      inputs = outputs;
    }
  });
  return total;
}
