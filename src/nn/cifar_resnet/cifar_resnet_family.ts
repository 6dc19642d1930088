import { imagenetScale } from '../../ops/augment.ts';
import { type Family, isChannels, isEpsilon, oneOf, type Refuse, type StateDictShapes } from '../family.ts';
import { countBlocks } from '../stages.ts';
import { type CifarResNetOptions, cifarDepths, cifarResNet, cifarResNetDefaults } from './cifar_resnet.ts';

/** Names inside the trunk; the classifier is `linear` or `fc`. */
const trunk = /^(?:conv|bn|layer)\d/;

/** ResNets of three stages. Published weights saw CIFAR's pixels by the mean and deviation of ImageNet. */
export const cifarResNetFamily: Family<CifarResNetOptions> = {
  weights: `CIFAR ResNet-${cifarDepths.slice(0, -1).join(', -')} or -${cifarDepths.at(-1)} weights`,
  fits: (tensors) => !tensors.has('layer4.0.conv1.weight') && !tensors.has('patch_embed.proj.weight'),
  owns: (name) => trunk.test(name),
  describe: cifarResNet,
  infer: inferCifarResNet,
  untold: ['epsilon'],
  usualWidth: cifarResNetDefaults.width,
  required: [],
  accepts: {
    depth: oneOf(...cifarDepths),
    width: isChannels,
    shortcut: oneOf('padding', 'projection'),
    epsilon: isEpsilon,
  },
  // https://github.com/akamaster/pytorch_resnet_cifar10/blob/master/trainer.py
  usualNormalisation: () => imagenetScale,
};

function inferCifarResNet(tensors: StateDictShapes, refuse: Refuse): CifarResNetOptions {
  const first = tensors.get('conv1.weight');
  if (!first) return refuse('lacks "conv1.weight" of shape [width, 3, 3, 3]');
  const [width, , kernel] = first.shape;
  if (!width || kernel !== 3) {
    return refuse(`has "conv1.weight" of shape [${first.shape}], not [width, 3, 3, 3]`);
  }
  const counts = countBlocks(tensors, 3);
  const depth = cifarDepths.find((candidate) => counts.every((count) => 6 * count + 2 === candidate));
  if (!depth) {
    const known = cifarDepths.map((candidate) => (candidate - 2) / 6);
    return refuse(
      `has ${counts.join(', ')} blocks in layer1 to layer3 and no layer4, not ${known.join(', ')} in each of three`,
    );
  }
  const projects = tensors.has('layer2.0.downsample.0.weight');
  return { depth, width, ...(projects && { shortcut: 'projection' }) };
}
