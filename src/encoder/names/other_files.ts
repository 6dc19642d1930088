import { quote } from '../../formats/quote.ts';
import type { StoredTensor } from '../../formats/safetensors.ts';

/** What a file holds by the name of one of its tensors, where it is no ResNet. */
interface Sign {
  readonly name: RegExp;
  /** To end `holds …`. */
  readonly title: string;
}

/** Networks of other kinds by names that only they have, as timm, torchvision and transformers call their tensors. */
const signs: readonly Sign[] = [
  {
    name: /(?:^|\.)(?:text_projection|logit_scale|text_model\.|vision_model\.|visual\.(?:conv1|proj|class_embedding|attnpool)\b)/,
    title: 'CLIP or a part of it',
  },
  {
    name: /relative_position_(?:bias_table|index)|layers\.\d+\.blocks\.\d+\.attn\./,
    title: 'a Swin transformer or one like it',
  },
  {
    name: /(?:^|\.)(?:word_embeddings|embed_tokens|wte|lm_head|token_type_embeddings)\./,
    title: 'a language model',
  },
  {
    name: /attn\.(?:qkv|in_proj)|self_attention\.|attention\.(?:self|attention)\.|(?:^|\.)(?:cls_token|class_token|pos_embed|patch_embed(?:dings)?)\b/,
    title: 'a vision transformer (ViT) of another kind, or a part of one',
  },
  {
    name: /dwconv|downsample_layers\.|layer_scale$|stages\.\d+\.blocks\.\d+\.(?:conv_dw|gamma)/,
    title: 'a ConvNeXt',
  },
  { name: /denseblock\d|denselayer\d/, title: 'a DenseNet' },
  {
    name: /(?:^|\.)_blocks\.\d|_depthwise_conv|(?:^|\.)features\.\d+\.\d+\.block\./,
    title: 'an EfficientNet',
  },
  { name: /conv_(?:dw|pw|pwl)\b/, title: 'an EfficientNet or MobileNet' },
  { name: /(?:^|\.)features\.\d+\.(?:conv|block)\./, title: 'a MobileNet' },
  { name: /(?:^|\.)Mixed_\d|(?:^|\.)inception\d/, title: 'an Inception network' },
  { name: /\.squeeze\.weight$|(?:^|\.)stage\d\.\d+\.branch\d/, title: 'a SqueezeNet or ShuffleNet' },
  { name: /(?:^|\.)trunk_output\.|(?:^|\.)s\d\.b\d+\./, title: 'a RegNet' },
  { name: /(?:^|\.)block\d\.layer\.\d+\./, title: 'a wide ResNet with norms before its convolutions' },
  { name: /(?:^|\.)block\d\.unit\d|(?:^|\.)root\.conv\./, title: 'a ResNet of the second version (BiT)' },
  {
    name: /(?:^|\.)res\d\.\d+\.conv\d\.|res\d_\d+_branch/,
    title: "Detectron's ResNet, whose pixels are BGR",
  },
  { name: /(?:^|\.)model\.\d+\.(?:conv|cv\d|m)\./, title: 'a YOLO network' },
  { name: /(?:^|\.)features\.(?:module\.)?\d+\.weight$/, title: 'a VGG network or an AlexNet' },
  { name: /double_conv\.|(?:^|\.)(?:time_embed|diffusion_model)\./, title: 'a U-Net' },
];

/** Ends of names that optimizers give to their tensors. */
const optimizerPart =
  /(?:^|\.)(?:exp_avg|exp_avg_sq|max_exp_avg_sq|exp_inf|momentum_buffer|square_avg|acc_delta|grad_avg|step|sum|ax|mu|eta)$/;
const linearPart = /(?:^|\.)(?:weight|bias)$/;

/**
 * What a file without a ResNet holds instead, as far as its names tell, to stand behind the file's name.
 * @param unread what is in the file and cannot be read, by name, with the reason
 */
export function describeOther(
  tensors: ReadonlyMap<string, StoredTensor>,
  unread: ReadonlyMap<string, string>,
): string {
  const names = [...tensors.keys()];
  const hidden = [...unread].find(([name]) => /(?:^|\.)(?:conv1|convolution)(?:\.0)?\.weight$/.test(name));
  if (hidden) return `holds a network whose ${quote(hidden[0])} ${hidden[1]}`;
  if (names.length === 0) return 'holds no tensors';
  if (names.every((name) => optimizerPart.test(name))) {
    return `holds an optimizer's state only (its tensors are ${list(names)})`;
  }
  const isLinear = [...tensors].every(([name, { shape }]) => linearPart.test(name) && shape.length <= 2);
  if (isLinear && names.length <= 4) {
    const shown = [...tensors].map(([name, { shape }]) => `${quote(name)} [${shape.join(', ')}]`).join(', ');
    return `holds linear layers only (its tensors are ${shown})`;
  }
  const volume = [...tensors].find(([name, { shape }]) => name.endsWith('.weight') && shape.length === 5);
  if (volume)
    return `holds a network of volumes or videos (${quote(volume[0])} of shape [${volume[1].shape.join(', ')}])`;
  for (const { name: pattern, title } of signs) {
    const sign = names.find((name) => pattern.test(name));
    if (sign !== undefined)
      return `holds ${title}, by its tensor ${quote(sign)}, and kindred runs no such network`;
  }
  const block = names.find((name) => /layer\d+\.\d+\.conv1\.weight$/.test(name));
  if (block !== undefined)
    return `holds blocks of a ResNet (${quote(block)}) and no first convolution before them`;
  return `holds no ResNet that kindred knows (its tensors are ${list(names)})`;
}

/** The first few of many, in quotes, and how many more there are. */
export function list(items: readonly string[], most = 3): string {
  const shown = items.slice(0, most).map(quote);
  const rest = items.length - shown.length;
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ');
}
