// How a ResNet's tensors are named, by whoever wrote the file, and what torchvision calls them. A tensor's name is
//
//   prefix · stage · '.' · block's number · '.' · part       such as  module.encoder_q. layer2 . 0 . conv1.weight
//
// or, before the first stage, prefix · place in the stem. Prefixes are not listed anywhere: whatever stands before a
// whole encoder is its prefix. Stages, stems and parts are told apart each by its own table, so that any may be
// combined: numbered stages of blocks with shortcuts, say.

/** How the stages of a ResNet are named, and where its stem is found. */
export interface StageNaming {
  /** Whose names they are. */
  readonly title: string;
  /** Where that can be read. */
  readonly source: string;
  /** Regular expression for what stands between prefix and block, with the stage's number as its only group. */
  readonly stage: string;
  /** The first stage's number; without it the lowest that is there. */
  readonly first?: number;
  /** The beginning of names, behind the prefix, of what runs before the first stage; `numbers`: those below its own. */
  readonly stem: RegExp | 'numbers';
  /** Encoders so named were trained on pixels from 0 to 1. */
  readonly plainPixels?: boolean;
}

/** How parts of a block are named; those that no row knows have torchvision's names already, or none. */
export interface PartNaming {
  /** Whose names they are. */
  readonly title: string;
  /** Where that can be read. */
  readonly source: string;
  /** The beginning of a name behind the block's number, and what torchvision calls it. */
  readonly parts: readonly (readonly [RegExp, string | ((...groups: string[]) => string)])[];
}

/** `layer0` in Cadene's pretrained-models; `stem` in OpenMMLab's. */
const named = /^(?:(?:compressible_)?conv1|bn1|norm1|stem|layer0)\./;
const simclrV2 = {
  title: 'google-research/simclr as SimCLRv2-Pytorch converts it',
  source: 'https://github.com/Separius/SimCLRv2-Pytorch',
};
const transformers = {
  title: 'Hugging Face transformers',
  source:
    'https://github.com/huggingface/transformers/blob/main/src/transformers/models/resnet/modeling_resnet.py',
};
const cifar100 = {
  title: 'pytorch-cifar100',
  source: 'https://github.com/weiaicunzai/pytorch-cifar100/blob/master/models/resnet.py',
};

/** All namings of stages that are known, the usual ones first. */
export const stageNamings: readonly StageNaming[] = [
  {
    // Also timm, MoCo, SimSiam, SwAV, DINO, VISSL, solo-learn, OpenMMLab and others, behind their prefixes.
    title: 'torchvision',
    source: 'https://github.com/pytorch/vision/blob/main/torchvision/models/resnet.py',
    stage: 'layer(\\d{1,3})',
    first: 1,
    stem: named,
  },
  {
    // torch.nn.Sequential(*resnet.children()), with or without a norm before it: lightly, leftthomas/SimCLR, fastai.
    title: 'the numbers of a torch.nn.Sequential',
    source: 'https://github.com/lightly-ai/lightly/pull/870',
    stage: '(\\d{1,3})',
    stem: 'numbers',
  },
  {
    ...transformers,
    stage: 'encoder\\.stages\\.(\\d{1,3})\\.layers',
    first: 0,
    stem: /^embedder\.embedder\./,
  },
  { ...cifar100, stage: 'conv(\\d{1,3})_x', first: 2, stem: named },
  { ...simclrV2, stage: 'net\\.(\\d{1,3})\\.blocks', first: 1, stem: /^net\.0\./, plainPixels: true },
  {
    title: 'torchvision, with its stages in a list',
    source:
      'https://github.com/NVIDIA/DeepLearningExamples/blob/master/PyTorch/Classification/ConvNets/image_classification/models/resnet.py',
    stage: '(?:layers?|stages?|blocks?|groups?)[._]?(\\d{1,3})(?:\\.(?:layers|blocks))?',
    stem: named,
  },
];

/** All namings of the parts of a block that are known. */
export const partNamings: readonly PartNaming[] = [
  {
    title: 'pytorch-cifar',
    source: 'https://github.com/kuangliu/pytorch-cifar/blob/master/models/resnet.py',
    parts: [[/^(?:shortcut|skip)\.(\d)\./, 'downsample.$1.']],
  },
  {
    title: 'pytorch_resnet_cifar10',
    source: 'https://github.com/akamaster/pytorch_resnet_cifar10/blob/master/resnet.py',
    parts: [[/^compressible_/, '']],
  },
  {
    title: 'norms called norm',
    source: 'https://github.com/open-mmlab/mmpretrain/blob/main/mmpretrain/models/backbones/resnet.py',
    parts: [[/^norm(\d)\./, 'bn$1.']],
  },
  {
    ...cifar100,
    // Convolution, norm, ReLU, over and over.
    parts: [[/^residual_function\.([0134679])\./, (_, at) => layerName(Number(at) % 3, Number(at) / 3)]],
  },
  {
    ...transformers,
    parts: [
      [/^layer\.(\d)\.convolution\./, (_, at) => layerName(0, Number(at))],
      [/^layer\.(\d)\.normalization\./, (_, at) => layerName(1, Number(at))],
      [/^shortcut\.convolution\./, 'downsample.0.'],
      [/^shortcut\.normalization\./, 'downsample.1.'],
    ],
  },
  {
    ...simclrV2,
    parts: [
      [/^net\.([024])\.(?=weight|bias)/, (_, at) => layerName(0, Number(at) / 2)],
      [/^net\.([135])\.0\./, (_, at) => layerName(1, Number(at) / 2)],
      [/^projection\.shortcut\.(?=weight|bias)/, 'downsample.0.'],
      [/^projection\.bn\.0\./, 'downsample.1.'],
    ],
  },
];

/** torchvision's name of a convolution (kind 0) or norm (1) of a block. @param order among its kind, from 0 */
const layerName = (kind: number, order: number): string =>
  `${kind === 0 ? 'conv' : 'bn'}${Math.floor(order) + 1}.`;
