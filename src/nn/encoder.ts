import { averagePool } from '../ops/pool/average_pool.ts';
import { averagePool2d } from '../ops/pool/average_pool_2d.ts';
import { maxPool } from '../ops/pool/max_pool.ts';
import { subsamplePad } from '../ops/subsample_pad.ts';
import { gelu } from '../ops/vit/gelu.ts';
import { tokenPool } from '../ops/vit/token_pool.ts';
import { type Architecture, type Block, interpret, type Norm, type Rules } from './architecture.ts';
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
}

/**
 * Declares an architecture's tensors under torchvision's names (`conv1.weight`, `layer1.0.bn1.running_mean`, …) or timm's
 * (`blocks.0.attn.qkv.weight`), in the order of their state dicts. The last batch norm of a residual block starts with γ = 1, as torchvision's
 * default.
 * @throws RangeError where a name is taken; Error where the store was given memory already
 */
export function createEncoder(context: ModelContext, { blocks, featureSize }: Architecture): Encoder {
  return { forward: sequence(blocks, context), featureSize };
}

/** A convolution and the norm behind it are one layer, whose two parts evaluation joins. */
function sequence(blocks: readonly Block[], context: ModelContext): Layer {
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
    const through = sequence(path.slice(0, -1), context);
    const close = closing(path.at(-1), norm, context);
    const past = sequence(shortcut, context);
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
  branch: (block, context) => branch(context, sequence(block.path, context), block),
  tokenPool: ({ leading, pooling }) => {
    const [classToken, mean] = [pooling !== 'mean', pooling !== 'class'];
    return (x) => tokenPool(x, { leading, classToken, mean });
  },
};
