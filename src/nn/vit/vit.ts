import { layerNormEpsilon } from '../../ops/vit/layer_norm.ts';
import type { Architecture, Block, Branch, LayerNorm } from '../architecture.ts';

/** What stands for an image: the class token, the mean of its patches' tokens, or both, one behind the other. */
export type Pooling = 'class' | 'mean' | 'both';

/** Which vision transformer. */
export interface ViTOptions {
  /** Side of the squares that become tokens, in pixels. */
  readonly patch: number;
  /** Squares along a side of the image, for each of which there is a position: images have patch · grid pixels a side. */
  readonly grid: number;
  /** Channels of a token. Default 384, the small one's. */
  readonly width?: number;
  /** Blocks. Default 12. */
  readonly depth?: number;
  /** Heads of each attention. Default one for every 64 channels. Weights have the same shapes. */
  readonly heads?: number;
  /** Channels inside a block's MLP, for each channel of a token. Default 4. */
  readonly mlpRatio?: number;
  /** Tokens that stand for nothing (Darcet et al. 2023, arXiv 2309.16588). Default 0. */
  readonly registers?: number;
  /** Whether blocks weigh what they add by a factor for each channel, as DINOv2's. Default false. */
  readonly layerScale?: boolean;
  /** Whether the class token has a position too. Default true. */
  readonly classPosition?: boolean;
  /** Whether queries, keys and values have a bias. Default true. */
  readonly qkvBias?: boolean;
  /** What stands for the image. Default `class`. Weights have the same shapes. */
  readonly pooling?: Pooling;
  /** ε that layer norms add to variances. Default 1e-6. */
  readonly epsilon?: number;
}

/** What is built where options say nothing: ViT-S. */
export const vitDefaults = {
  width: 384,
  depth: 12,
  mlpRatio: 4,
  registers: 0,
  layerScale: false,
  classPosition: true,
  qkvBias: true,
  pooling: 'class',
  epsilon: layerNormEpsilon,
} as const satisfies Required<Omit<ViTOptions, 'patch' | 'grid' | 'heads'>>;

/** Channels of a head where nothing says how many heads there are. */
const headWidth = 64;

/** Heads of a vision transformer of some width, where nothing says it. */
export const usualHeads = (width: number): number => Math.max(1, Math.floor(width / headWidth));

type Chosen = Required<ViTOptions>;

/**
 * A vision transformer (Dosovitskiy et al. 2020, arXiv 2010.11929) with its norms before what they normalise, up to the
 * row that stands for the image, without a classifier, under timm's names. With `layerScale` and, as the later ones
 * have, registers it is DINOv2's (Oquab et al. 2023, arXiv 2304.07193).
 */
export function vit(options: ViTOptions): Architecture {
  const { width = vitDefaults.width } = options;
  const chosen: Chosen = { ...vitDefaults, heads: usualHeads(width), ...options };
  const { patch, grid, registers, classPosition, depth, pooling } = chosen;
  const placed = classPosition ? 1 : 0;
  return {
    ...namesOf(chosen),
    blocks: [
      { kind: 'patchTokens', patch, grid, registers, placed, channels: width },
      ...Array.from({ length: depth }, (_, block) => transformerBlock(`blocks.${block}`, chosen)).flat(),
      norm('norm', chosen),
      { kind: 'tokenPool', name: 'pool', leading: 1 + registers, pooling },
    ],
    featureSize: pooling === 'both' ? 2 * width : width,
  };
}

const norm = (name: string, { width, epsilon }: Chosen): LayerNorm => ({
  kind: 'layerNorm',
  name,
  channels: width,
  epsilon,
});

/** The blocks of a vision transformer on tokens of a width, and the norm behind them, under names of their own. */
export function transformerBlocks(
  name: string,
  { width, depth, heads }: { readonly width: number; readonly depth: number; readonly heads: number },
): Block[] {
  const chosen: Chosen = { ...vitDefaults, patch: 1, grid: 1, width, depth, heads };
  const blocks = Array.from({ length: depth }, (_, block) => transformerBlock(`${name}.${block}`, chosen));
  return [...blocks.flat(), norm(`${name}.norm`, chosen)];
}

/** Attention between the tokens, then an MLP on each, either added to what it starts from. */
function transformerBlock(name: string, chosen: Chosen): Branch[] {
  const { width, heads, qkvBias, layerScale } = chosen;
  const hidden = hiddenWidth(chosen);
  const linear = (layer: string, inputs: number, outputs: number, bias = true): Block => ({
    kind: 'linear',
    name: `${name}.${layer}`,
    inputs,
    outputs,
    bias,
  });
  const scaled = (scale: string) => layerScale && { scale: { name: `${name}.${scale}`, channels: width } };
  return [
    {
      kind: 'branch',
      name: `${name}.attn`,
      path: [
        norm(`${name}.norm1`, chosen),
        linear('attn.qkv', width, 3 * width, qkvBias),
        { kind: 'selfAttention', name: `${name}.attn`, heads, channels: width },
        linear('attn.proj', width, width),
      ],
      ...scaled('ls1'),
    },
    {
      kind: 'branch',
      name: `${name}.mlp`,
      path: [
        norm(`${name}.norm2`, chosen),
        linear('mlp.fc1', width, hidden),
        { kind: 'gelu', name: `${name}.mlp.act` },
        linear('mlp.fc2', hidden, width),
      ],
      ...scaled('ls2'),
    },
  ];
}

/** Channels inside the MLPs. */
const hiddenWidth = ({ width, mlpRatio }: Chosen): number => Math.max(1, Math.round(width * mlpRatio));

/** Names of the sizes that people know. */
const sizes: readonly { width: number; depth: number; name: string; letter: string }[] = [
  { width: 192, depth: 12, name: 'tiny', letter: 'Ti' },
  { width: 384, depth: 12, name: 'small', letter: 'S' },
  { width: 768, depth: 12, name: 'base', letter: 'B' },
  { width: 1024, depth: 24, name: 'large', letter: 'L' },
];

/** timm's name where it has one, and what papers call it. */
function namesOf({ width, depth, patch, registers, mlpRatio }: Chosen): Pick<Architecture, 'name' | 'title'> {
  const known =
    mlpRatio === vitDefaults.mlpRatio && sizes.find((size) => size.width === width && size.depth === depth);
  const [suffix, tail] = registers > 0 ? [`_reg${registers}`, `, ${registers} registers`] : ['', ''];
  if (known)
    return { name: `vit_${known.name}_patch${patch}${suffix}`, title: `ViT-${known.letter}/${patch}${tail}` };
  return {
    name: `vit_${width}x${depth}_patch${patch}${suffix}`,
    title: `ViT/${patch} of ${depth} blocks and width ${width}${tail}`,
  };
}
