import { add } from '../../ops/add.ts';
import { matmul } from '../../ops/matmul.ts';
import { scale } from '../../ops/scale.ts';
import { attention } from '../../ops/vit/attention.ts';
import { dropPath } from '../../ops/vit/drop_path.ts';
import { embedTokens } from '../../ops/vit/embed_tokens.ts';
import { layerNorm } from '../../ops/vit/layer_norm.ts';
import { layerScale } from '../../ops/vit/layer_scale.ts';
import { patches } from '../../ops/vit/patches.ts';
import type { Branch, Linear, Norm, PatchTokens } from '../architecture.ts';
import { normalOf, ones, uniformFanIn, zeros } from '../initialise.ts';
import type { Layer, ModelContext } from '../layers.ts';
import { adapterNames } from '../tuning/low_rank.ts';

// First values are timm's (timm/models/vision_transformer.py, init_weights_vit_timm): linear weights and positions of
// deviation 0.02, biases 0, a class token of next to nothing; the map of the patches as PyTorch starts a convolution.
const deviation = 0.02;
const smallDeviation = 1e-6;
/** DINOv2's first layer scale (Oquab et al. 2023, arXiv 2304.07193). */
const firstScale = 1e-5;

/** Declares the tensors of `PatchTokens`; the layer takes images of pixels of three numbers, or four, of which it leaves one out. */
export function patchTokens(
  { parameters, seed }: ModelContext,
  { patch, grid, registers, placed, channels }: PatchTokens,
): Layer {
  const undecayed = { decay: false };
  const rows = (name: string, count: number, std: number) =>
    parameters.trainable(name, [count, channels], normalOf(seed, name, std), undecayed);
  const classToken = rows('cls_token', 1, smallDeviation);
  const registerTokens = registers > 0 ? rows('reg_token', registers, smallDeviation) : undefined;
  const positions = rows('pos_embed', placed + grid ** 2, deviation);
  const name = 'patch_embed.proj';
  const numbers = 3 * patch ** 2;
  const uniform = (part: string) => uniformFanIn(seed, `${name}.${part}`, numbers);
  const shape = [numbers, channels];
  const weight = parameters.trainable(`${name}.weight`, shape, uniform('weight'), { decay: true });
  const bias = parameters.trainable(`${name}.bias`, [channels], uniform('bias'), undecayed);
  return (x) => {
    const embedded = matmul(patches(x, { patch, channels: 3 }), weight, { bias });
    return embedTokens(embedded, { positions, classToken, registers: registerTokens });
  };
}

/** Declares `${name}.weight` (γ) and `.bias` (β), each [channels], of a layer norm. */
export function layerNormalisation({ parameters }: ModelContext, { name, channels, epsilon }: Norm): Layer {
  const gamma = parameters.trainable(`${name}.weight`, [channels], ones, { decay: false });
  const beta = parameters.trainable(`${name}.bias`, [channels], zeros, { decay: false });
  return (x) => layerNorm(x, { gamma, beta }, { epsilon });
}

/**
 * Declares x·W (+ bias) on tokens [N, T, inputs], and where the layer is tuned by an adapter A and B, `${name}.lora_A` and
 * `${name}.lora_B`, x·W + factor·(x·A)·B (Hu et al. 2021, arXiv 2106.09685), which starts as x·W.
 */
export function tokenLinear(
  { parameters, seed, tuning }: ModelContext,
  { name, inputs, outputs, bias: hasBias }: Linear,
): Layer {
  const initialise = normalOf(seed, `${name}.weight`, deviation);
  const weight = parameters.trainable(`${name}.weight`, [inputs, outputs], initialise, { decay: true });
  const bias = hasBias ? parameters.trainable(`${name}.bias`, [outputs], zeros, { decay: false }) : undefined;
  const adapter = tuning?.adapter?.(name);
  if (!adapter) return (x) => matmul(x, weight, { bias });
  const { rank, factor } = adapter;
  const [nameOfA, nameOfB] = adapterNames(name);
  const decay = { decay: true };
  const a = parameters.trainable(nameOfA, [inputs, rank], uniformFanIn(seed, nameOfA, inputs), decay);
  const b = parameters.trainable(nameOfB, [rank, outputs], zeros, decay);
  return (x) => add(matmul(x, weight, { bias }), scale(matmul(matmul(x, a), b), factor));
}

/** Self-attention without parameters. */
export const selfAttention =
  (heads: number): Layer =>
  (x) =>
    attention(x, { heads });

/**
 * Declares the factors of a branch, where it has any, and adds it to what it branches from; in training by chance, where
 * the branch is tuned so.
 */
export function branch(
  { parameters, tuning }: ModelContext,
  path: Layer,
  { name, scale: factors }: Pick<Branch, 'name' | 'scale'>,
): Layer {
  const drop = tuning?.drop?.(name);
  const through: Layer = (x, counter) => {
    const y = path(x, counter);
    return drop && counter ? dropPath(y, counter, drop) : y;
  };
  if (!factors) return (x, counter) => add(x, through(x, counter));
  const first: typeof ones = (shape) => ones(shape).fill(firstScale);
  const gamma = parameters.trainable(`${factors.name}.gamma`, [factors.channels], first, { decay: false });
  return (x, counter) => layerScale(x, through(x, counter), gamma);
}
