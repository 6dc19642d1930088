import { imagenetScale, pixelScale } from '../../ops/augment.ts';
import type { Family, Refuse, StateDictShapes } from '../family.ts';
import { blockCounts, type ResNetOptions, resnet } from './resnet.ts';

/** Names inside a ResNet's trunk. */
const trunk = /^(?:conv|bn|layer)\d/;

/** ResNets, by torchvision's names. Those of others with the ImageNet stem were trained on torchvision's pixels. */
export const resnetFamily: Family<ResNetOptions> = {
  weights: "ResNet-18 or ResNet-34 weights under torchvision's names",
  landmark: 'conv1.weight',
  owns: (name) => trunk.test(name),
  describe: resnet,
  infer: inferResNet,
  usualNormalisation: ({ stem }) => (stem === 'imagenet' ? imagenetScale : pixelScale),
};

function inferResNet(tensors: StateDictShapes, refuse: Refuse): Required<ResNetOptions> {
  if (tensors.has('layer1.0.conv3.weight')) {
    return refuse('is a bottleneck ResNet (50 layers or more), whose blocks of three convolutions differ');
  }
  const { shape } = tensors.get('conv1.weight')!;
  const [width, , kernel] = shape;
  if (!width || (kernel !== 3 && kernel !== 7)) {
    return refuse(`has "conv1.weight" of shape [${shape}], not [width, 3, 7, 7] or [width, 3, 3, 3]`);
  }
  const counts = [1, 2, 3, 4].map((stage) => {
    let count = 0;
    while (tensors.has(`layer${stage}.${count}.conv1.weight`)) count++;
    return count;
  });
  const depth = ([18, 34] as const).find((candidate) => blockCounts[candidate].join() === counts.join());
  if (!depth) {
    const known = Object.values(blockCounts).map((stages) => stages.join(', '));
    return refuse(`has ${counts.join(', ')} blocks in layer1 to layer4, not ${known.join(' or ')}`);
  }
  return { depth, width, stem: kernel === 7 ? 'imagenet' : 'cifar' };
}
