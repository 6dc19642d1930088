import { imagenetScale, pixelScale } from '../../ops/augment.ts';
import { type Family, isChannels, isEpsilon, oneOf, type Refuse, type StateDictShapes } from '../family.ts';
import { countBlocks } from '../stages.ts';
import {
  blockCounts,
  hasBottlenecks,
  type ResNetOptions,
  resnet,
  resnetDefaults,
  resnetDepths,
} from './resnet.ts';

/** Names inside a ResNet's trunk. */
const trunk = /^(?:conv|bn|layer)\d/;

/** ResNets, by torchvision's names. Those of others with the ImageNet stem were trained on torchvision's pixels. */
export const resnetFamily: Family<ResNetOptions> = {
  weights: `ResNet-${resnetDepths.slice(0, -1).join(', -')} or -${resnetDepths.at(-1)} weights`,
  fits: (tensors) => tensors.has('layer4.0.conv1.weight'),
  owns: (name) => trunk.test(name),
  describe: resnet,
  infer: inferResNet,
  untold: ['stride', 'stemPadding', 'epsilon'],
  usualWidth: resnetDefaults.width,
  required: ['stem'],
  accepts: {
    depth: oneOf(...resnetDepths),
    width: isChannels,
    stem: oneOf('cifar', 'imagenet', 'deep'),
    baseWidth: isChannels,
    stride: oneOf('v1', 'v1.5'),
    downsample: oneOf('convolution', 'average'),
    stemPadding: oneOf(1, 2),
    epsilon: isEpsilon,
  },
  usualNormalisation: ({ stem }) => (stem === 'cifar' ? pixelScale : imagenetScale),
};

function inferResNet(tensors: StateDictShapes, refuse: Refuse): ResNetOptions {
  const { width, stem } = inferStem(tensors, refuse);
  const counts = countBlocks(tensors, 4);
  const bottlenecks = tensors.has('layer1.0.conv3.weight');
  const candidates = resnetDepths.filter((depth) => hasBottlenecks(depth) === bottlenecks);
  const depth = candidates.find((candidate) => blockCounts[candidate].join() === counts.join());
  if (!depth) {
    const known = candidates.map((candidate) => blockCounts[candidate].join(', '));
    const kind = bottlenecks ? 'bottleneck' : 'basic';
    return refuse(`has ${counts.join(', ')} ${kind} blocks in layer1 to layer4, not ${known.join(' or ')}`);
  }
  // A norm is second in a shortcut that begins with a convolution, a convolution in one that begins with a pool.
  const averages = tensors.get('layer2.0.downsample.1.weight')?.shape.length === 4;
  const baseWidth = bottlenecks ? inferBaseWidth(tensors, width, refuse) : 64;
  return {
    depth,
    width,
    stem,
    ...(baseWidth !== 64 && { baseWidth }),
    ...(averages && { downsample: 'average' }),
  };
}

function inferStem(
  tensors: StateDictShapes,
  refuse: Refuse,
): Pick<Required<ResNetOptions>, 'width' | 'stem'> {
  const deep = tensors.get('conv1.6.weight');
  if (deep) {
    const [width] = deep.shape;
    return width ? { width, stem: 'deep' } : refuse(`has "conv1.6.weight" of shape [${deep.shape}]`);
  }
  const first = tensors.get('conv1.weight');
  if (!first) return refuse('lacks "conv1.weight" of shape [width, 3, 7, 7] or [width, 3, 3, 3]');
  const [width, , kernel] = first.shape;
  if (!width || (kernel !== 3 && kernel !== 7)) {
    return refuse(`has "conv1.weight" of shape [${first.shape}], not [width, 3, 7, 7] or [width, 3, 3, 3]`);
  }
  return { width, stem: kernel === 7 ? 'imagenet' : 'cifar' };
}

/** torchvision's `width_per_group`, by the first block, whose 1×1 convolution has ⌊width·baseWidth/64⌋ channels out. */
function inferBaseWidth(tensors: StateDictShapes, width: number, refuse: Refuse): number {
  const [inner] = tensors.get('layer1.0.conv1.weight')!.shape;
  const { shape } = tensors.get('layer1.0.conv2.weight') ?? { shape: [inner, inner] };
  if (shape[1] !== inner && shape[0] === inner) {
    return refuse(
      `has "layer1.0.conv2.weight" of shape [${shape}]: a convolution in groups, which a ResNet does not have`,
    );
  }
  return Math.max(1, Math.ceil((64 * (inner ?? 1)) / width));
}
