import { averagePool } from '../ops/pool/average_pool.ts';
import { averagePool2d } from '../ops/pool/average_pool_2d.ts';
import { maxPool } from '../ops/pool/max_pool.ts';
import { subsamplePad } from '../ops/subsample_pad.ts';
import { gelu } from '../ops/vit/gelu.ts';
import { tokenPool } from '../ops/vit/token_pool.ts';
import {
  type Architecture,
  type Block,
  interpret,
  type Norm,
  type PatchTokens,
  type Rules,
} from './architecture.ts';
import {
  batchNormalisation,
  convolution,
  type Layer,
  type ModelContext,
  type NormLayer,
  normalisedConvolution,
} from './layers.ts';
import { branch, layerNormalisation, patchTokens, selfAttention, tokenLinear } from './vit/layers.ts';

/**
 * An encoder whose tensors are declared: images [N, H, W, 3], or [N, H, W, 4] with a fourth channel that is left out,
 * to features [N, featureSize].
 */
export interface Encoder {
  /** Records the forward pass on the current tape. */
  readonly forward: Layer;
  /** Numbers that it gives for an image. */
  readonly featureSize: number;
  /** Where a feature map is averaged at the end, as in ResNets: what comes before. */
  readonly map?: FeatureMap;
  /** Where the squares of an image are tokens, as in vision transformers: what comes before one row stands for all. */
  readonly tokens?: TokenStages;
}

/** An encoder up to its last feature map. */
export interface FeatureMap {
  /** Records images [N, S, S, 3] to the map [N, S/stride, S/stride, channels], rounded up. */
  readonly forward: Layer;
  /** Pixels of an image, along a side, for one place of the map. */
  readonly stride: number;
  /** Channels of the map. */
  readonly channels: number;
}

/** An encoder of tokens in two parts, between which some can be taken out. */
export interface TokenStages extends Pick<PatchTokens, 'patch' | 'grid' | 'channels'> {
  /** Records images to tokens with their positions, [N, leading + grid², channels]. */
  readonly embed: Layer;
  /** Records such tokens, or some of each image's, through all blocks. */
  readonly encode: Layer;
  /** Tokens before those of the patches. */
  readonly leading: number;
}

/**
 * Declares an architecture's tensors under torchvision's names (`conv1.weight`, `layer1.0.bn1.running_mean`, …) or timm's
 * (`blocks.0.attn.qkv.weight`), in the order of their state dicts. The last batch norm of a residual block starts with γ = 1, as torchvision's
 * default.
 * @throws RangeError where a name is taken; Error where the store was given memory already
 */
export function createEncoder(context: ModelContext, { blocks, featureSize }: Architecture): Encoder {
  const [first, last] = [blocks[0]!, blocks.at(-1)!];
  if (last.kind === 'globalAveragePool') {
    const map = layersOf(blocks.slice(0, -1), context);
    const forward: Layer = (x, counter) => averagePool(map(x, counter));
    return { forward, featureSize, map: { forward: map, stride: strideOf(blocks), channels: featureSize } };
  }
  if (first.kind !== 'patchTokens' || last.kind !== 'tokenPool')
    return { forward: layersOf(blocks, context), featureSize };
  const { patch, grid, channels } = first;
  const embed = interpret(rules, first, context);
  const encode = layersOf(blocks.slice(1, -1), context);
  const pool = interpret(rules, last, context);
  const forward: Layer = (x, counter) => pool(encode(embed(x, counter), counter), counter);
  return { forward, featureSize, tokens: { embed, encode, patch, grid, channels, leading: last.leading } };
}

/** Pixels of an image, along a side, for one place of what blocks give. */
const strideOf = (blocks: readonly Block[]): number =>
  blocks.reduce((stride, block) => {
    if (block.kind === 'residual') return stride * strideOf(block.path);
    return 'stride' in block ? stride * block.stride : stride;
  }, 1);

/** Declares blocks, to be run one behind the other: a convolution and the norm behind it are one layer. */
export function layersOf(blocks: readonly Block[], context: ModelContext): Layer {
  const layers: Layer[] = [];
  for (let i = 0; i < blocks.length; i++) {
    const [block, next] = [blocks[i]!, blocks[i + 1]];
    if (block.kind === 'convolution' && next?.kind === 'batchNorm') {
      const layer = normalisedConvolution(context, block, next);
      layers.push((x) => layer(x, { relu: next.relu }));
      i++;
    } else {
      layers.push(interpret(rules, block, context));
    }
  }
  return (x, counter) => layers.reduce((value, layer) => layer(value, counter), x);
}

/** The end of a path with the norm that closes it. */
function closing(last: Block | undefined, norm: Norm, context: ModelContext): NormLayer {
  if (last?.kind === 'convolution') return normalisedConvolution(context, last, norm);
  const before: Layer = last ? interpret(rules, last, context) : (x) => x;
  const close = batchNormalisation(context, norm.name, norm.channels, norm);
  return (x, after) => close(before(x), after);
}

const rules: Rules<ModelContext, Layer> = {
  convolution: (block, context) => convolution(context, block.name, block),
  batchNorm: (block, context) => {
    const norm = batchNormalisation(context, block.name, block.channels, block);
    return (x) => norm(x, { relu: block.relu });
  },
  maxPool: ({ kernel, stride, pad }) => {
    return (x) => maxPool(x, { kernel, stride, pad });
  },
  averagePool: ({ kernel }) => {
    return (x) => averagePool2d(x, { kernel });
  },
  globalAveragePool: () => averagePool,
  subsamplePad: ({ stride, before, after }) => {
    return (x) => subsamplePad(x, { stride, before, after });
  },
  residual: ({ path, norm, shortcut }, context) => {
    const through = layersOf(path.slice(0, -1), context);
    const close = closing(path.at(-1), norm, context);
    const past = layersOf(shortcut, context);
    return (x) => {
      // First, so that its gradient comes last and adds to the few pixels that a 1×1 convolution with a stride has seen.
      const residual = past(x);
      return close(through(x), { relu: true, residual });
    };
  },
  patchTokens: (block, context) => patchTokens(context, block),
  layerNorm: (block, context) => layerNormalisation(context, block),
  linear: (block, context) => tokenLinear(context, block),
  gelu: () => gelu,
  selfAttention: ({ heads }) => selfAttention(heads),
  branch: (block, context) => branch(context, layersOf(block.path, context), block),
  tokenPool: ({ leading, pooling }) => {
    const [classToken, mean] = [pooling !== 'mean', pooling !== 'class'];
    return (x) => tokenPool(x, { leading, classToken, mean });
  },
};
