import { imagenetScale } from '../ops/augment.ts';
import type { StatedParts } from './recipe_dialects/stated.ts';
import type { StatedRecipe } from './recipe_files.ts';

/** Who published weights, where that tells their recipe. */
export type Publisher = 'torchvision' | 'torchvision-v2' | 'timm' | 'transformers' | 'simclr';

/** Weights that are known by the name of their file, which mostly holds the beginning of its own hash. */
export interface PublishedWeights {
  /** How their publisher evaluates them. */
  readonly recipe: StatedParts;
  /** What they may be used under, as SPDX writes it. */
  readonly licence: string;
}

/** torchvision/transforms/_presets.py (ImageClassification), with `resize_size` as torchvision/models/resnet.py gives it. */
const torchvision = (shorterSide: number): PublishedWeights => ({
  recipe: { imageSize: 224, shorterSide, filter: 'bilinear', squash: false, normalise: imagenetScale },
  licence: 'BSD-3-Clause',
});
/** https://github.com/akamaster/pytorch_resnet_cifar10/blob/master/trainer.py: the square is the image itself. */
const cifarResNet: PublishedWeights = { recipe: { normalise: imagenetScale }, licence: 'BSD-2-Clause' };
/** https://github.com/facebookresearch/semi-supervised-ImageNet1K-models */
const semiSupervised: PublishedWeights = { ...torchvision(256), licence: 'CC-BY-NC-4.0' };

/** https://github.com/facebookresearch/dinov2/blob/main/dinov2/data/transforms.py (make_classification_eval_transform) */
const dinov2: PublishedWeights = {
  recipe: { imageSize: 224, shorterSide: 256, filter: 'bicubic', squash: false, normalise: imagenetScale },
  licence: 'Apache-2.0',
};

/** Files by the names under which they are downloaded, in the order of their depths; the older of torchvision's first. */
const published: readonly (readonly [weights: PublishedWeights, names: string])[] = [
  [
    torchvision(256),
    'resnet18-5c106cde resnet34-333f7ec4 resnet50-19c8e357 resnet101-5d3b4d8f resnet152-b121ed2d',
  ],
  [
    torchvision(256),
    'resnet18-f37072fd resnet34-b627a593 resnet50-0676ba61 resnet101-63fe2227 resnet152-394f9c45 wide_resnet50_2-95faca4d wide_resnet101_2-32ee1156',
  ],
  [
    torchvision(232),
    'resnet50-11ad3fa6 resnet101-cd907fc2 resnet152-f82ba261 wide_resnet50_2-9ba9bcbe wide_resnet101_2-d733dc28',
  ],
  [
    cifarResNet,
    'resnet20-12fca82f resnet32-d509ac18 resnet44-014dd654 resnet56-4bfd9763 resnet110-1d1ed7c2 resnet1202-f3b1deed',
  ],
  [
    semiSupervised,
    'semi_supervised_resnet18-d92f0530 semi_supervised_resnet50-08389792 semi_weakly_supervised_resnet18-118f1556 semi_weakly_supervised_resnet50-16a12f1b',
  ],
  [torchvision(256), 'vit_b_16-c867db91 vit_b_32-d86f8d99'],
  // Without a hash in the name: https://github.com/facebookresearch/dinov2/blob/main/MODEL_CARD.md
  [
    dinov2,
    'dinov2_vits14_pretrain dinov2_vitb14_pretrain dinov2_vitl14_pretrain dinov2_vits14_reg4_pretrain dinov2_vitb14_reg4_pretrain dinov2_vitl14_reg4_pretrain',
  ],
];
const byName = new Map(
  published.flatMap(([weights, names]) => names.split(' ').map((name) => [name, weights])),
);

/** What is known of weights by their file's name; undefined for all that are not in the list. */
export function publishedAs(fileName: string): PublishedWeights | undefined {
  return byName.get(fileName.replace(/\.(?:pth|th|pt)$/i, ''));
}

/** Names that publishers give to their models, or to files of them, by whom; the first that fits counts. */
const namings: readonly (readonly [Publisher, RegExp])[] = [
  // timm's copies of torchvision's: resnet50.tv_in1k, resnet50.tv2_in1k, tv_resnet50.
  ['torchvision-v2', /(?:^|[._])tv2_/],
  ['torchvision', /(?:^|[._])tv_/],
  // resnet18.a1_in1k on the hub; resnet50_a1_0-14fe96d1.pth, resnet18d_ra2-48a79e06.pth and resnet26d-69e92c46.pth before.
  ['timm', /^(?:wide_)?resnet\d+(?:_2)?[a-z]*\.[a-z]\w*_in\d+k/],
  ['timm', /^resnet\d+[a-z]*_[a-z]\w*-[0-9a-f]{8}\.pth$/],
  ['timm', /^resnet\d+[dst]-[0-9a-f]{8}\.pth$/],
  // resnet-50, as Hugging Face calls them.
  ['transformers', /^resnet-(?:18|26|34|50|101|152)$/],
];

/** Who published weights, as far as names tell: of the file, of its folder, or in the configuration beside it. */
export function publisherByNames(names: readonly string[]): Publisher | undefined {
  return namings.find(([, pattern]) => names.some((name) => pattern.test(name)))?.[0];
}

/** Who published weights, by what the configuration beside them says of itself; timm alone writes `architecture`. */
export function publisherByConfig({
  dialect,
  architecture,
}: Pick<StatedRecipe, 'dialect' | 'architecture'>): Publisher | undefined {
  if (dialect === 'timm' || /^(?:wide_)?resnet\d+/.test(architecture ?? '')) return 'timm';
  // The `model_type` of transformers.
  return dialect === 'transformers' || architecture === 'resnet' ? 'transformers' : undefined;
}
