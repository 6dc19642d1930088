// How a vision transformer's tensors are named, by whoever wrote the file, and what timm calls them. A tensor's name is
//
//   prefix · place                       such as  teacher.backbone. cls_token
//   prefix · blocks · number · part      such as  vit. encoder.layer . 3 . layernorm_before.weight
//
// Prefixes are not listed: whatever stands before the map of the patches is one.
import type { GridRule } from '../../../numerics/resample_grid.ts';

/** A beginning of a name, and what timm has in its place. */
export type Rename = readonly [RegExp, string];

/** How the tensors of a vision transformer are named. */
export interface ViTNaming {
  /** Whose names they are. */
  readonly title: string;
  /** Where that can be read. */
  readonly source: string;
  /** The map of the patches, whose weight every such file has. */
  readonly map: string;
  /** What stands outside the blocks. */
  readonly places: readonly Rename[];
  /** Regular expression for what stands before the part of a block, with its number as the only group. */
  readonly block: string;
  /** What stands inside them; `q`, `k` and `v` are joined. */
  readonly parts: readonly Rename[];
  /** How it brings positions to another side, where files with registers do it otherwise, those. */
  readonly positions: { readonly usual: GridRule; readonly registers?: GridRule };
  /** Names, one of which only its files have; without it all do that have its map. */
  readonly only?: RegExp;
}

const transformers = 'https://github.com/huggingface/transformers/blob/main/src/transformers/models';
/** timm/models/vision_transformer.py, which others follow. */
const timmNames = {
  map: 'patch_embed.proj.',
  // FSDP's chunks of blocks keep the blocks' own numbers: `blocks.0.3.norm1`.
  block: 'blocks\\.(?:\\d{1,3}\\.)?(\\d{1,3})\\.',
  parts: [],
} as const;

/** All namings that are known; of one map the narrower first. */
export const vitNamings: readonly ViTNaming[] = [
  {
    ...timmNames,
    title: "Meta's DINOv2",
    // Scale and antialiasing: dinov2/hub/backbones.py, `interpolate_offset` and `interpolate_antialias`.
    source: 'https://github.com/facebookresearch/dinov2/blob/main/dinov2/models/vision_transformer.py',
    places: [[/^register_tokens$/, 'reg_token']],
    positions: { usual: 'offset', registers: 'antialias' },
    only: /^(?:mask_token|register_tokens)$/,
  },
  {
    ...timmNames,
    title: 'timm',
    // https://github.com/huggingface/pytorch-image-models/blob/main/timm/layers/pos_embed.py (resample_abs_pos_embed)
    source: 'https://github.com/huggingface/pytorch-image-models/blob/main/timm/models/vision_transformer.py',
    places: [],
    positions: { usual: 'antialias' },
  },
  {
    title: 'Hugging Face transformers',
    source: `${transformers}/dinov2/modeling_dinov2.py, dinov2_with_registers/modeling_dinov2_with_registers.py and vit/modeling_vit.py`,
    map: 'embeddings.patch_embeddings.projection.',
    places: [
      [/^embeddings\.cls_token$/, 'cls_token'],
      [/^embeddings\.register_tokens$/, 'reg_token'],
      [/^embeddings\.position_embeddings$/, 'pos_embed'],
      [/^embeddings\.patch_embeddings\.projection\./, 'patch_embed.proj.'],
      [/^layernorm\./, 'norm.'],
    ],
    block: 'encoder\\.layer\\.(\\d{1,3})\\.',
    parts: [
      [/^(?:norm1|layernorm_before)\./, 'norm1.'],
      [/^(?:norm2|layernorm_after)\./, 'norm2.'],
      [/^attention\.attention\.query\./, 'attn.q.'],
      [/^attention\.attention\.key\./, 'attn.k.'],
      [/^attention\.attention\.value\./, 'attn.v.'],
      [/^attention\.output\.dense\./, 'attn.proj.'],
      [/^layer_scale([12])\.lambda1$/, 'ls$1.gamma'],
      [/^(?:mlp\.fc1|intermediate\.dense)\./, 'mlp.fc1.'],
      [/^(?:mlp\.fc2|output\.dense)\./, 'mlp.fc2.'],
    ],
    positions: { usual: 'size', registers: 'antialias' },
  },
  {
    title: 'torchvision',
    // Positions: `interpolate_embeddings`, from the centre of the first cell to that of the last.
    source: 'https://github.com/pytorch/vision/blob/main/torchvision/models/vision_transformer.py',
    map: 'conv_proj.',
    places: [
      [/^class_token$/, 'cls_token'],
      [/^encoder\.pos_embedding$/, 'pos_embed'],
      [/^conv_proj\./, 'patch_embed.proj.'],
      [/^encoder\.ln\./, 'norm.'],
    ],
    block: 'encoder\\.layers\\.encoder_layer_(\\d{1,3})\\.',
    parts: [
      [/^ln_([12])\./, 'norm$1.'],
      [/^self_attention\.in_proj_/, 'attn.qkv.'],
      [/^self_attention\.out_proj\./, 'attn.proj.'],
      [/^mlp\.(?:0|linear_1)\./, 'mlp.fc1.'],
      [/^mlp\.(?:3|linear_2)\./, 'mlp.fc2.'],
    ],
    positions: { usual: 'corners' },
  },
];
