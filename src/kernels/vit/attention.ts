import shader from '#shaders/vit/attention.wgsl';
import gradientShader from '#shaders/vit/attention_gradient.wgsl';
import subgroupGradientShader from '#shaders/vit/attention_gradient_subgroup.wgsl';
import subgroupShader from '#shaders/vit/attention_subgroup.wgsl';
import type { Capabilities } from '../../gpu/device.ts';
import type { Launch } from '../../gpu/launch.ts';

/** Sizes of a self-attention. */
export interface AttentionShape {
  /** Images of the batch. */
  readonly images: number;
  /** Tokens of each. */
  readonly tokens: number;
  /** Heads of each token. */
  readonly heads: number;
  /** D: numbers of a head's row, whole vec4f. */
  readonly headSize: number;
}

/** How a kernel is cut: `lane` gives each lane queries of its own, `subgroup` hands numbers round the lanes of one. */
export type AttentionVariant =
  | { readonly form: 'lane'; readonly lanes: number; readonly queries: number; readonly keys: number }
  | { readonly form: 'subgroup'; readonly lanes: number; readonly own: number };

/** Lanes of a workgroup, queries of each, keys of a block. */
const plain = {
  llvmpipe: { form: 'lane', lanes: 8, queries: 2, keys: 8 },
  swiftshader: { form: 'lane', lanes: 8, queries: 4, keys: 2 },
  gpu: { form: 'lane', lanes: 64, queries: 1, keys: 8 },
} as const satisfies Record<string, AttentionVariant>;

/** Tokens of a tile that a lane may load. */
const ownTokens = [4, 3] as const;
/** What a tile costs beside its rows, in tokens of a lane: the other operand is loaded once for all of them. */
const costOfTile = 0.6;

/** The kernel that is taken where nothing else is asked for. */
export function attentionVariant(
  { driver, subgroupMinSize }: Pick<Capabilities, 'driver' | 'subgroupMinSize'>,
  { headSize, tokens }: AttentionShape,
): AttentionVariant {
  // SwiftShader's shuffles cost it more than loads do.
  const lanes = driver === 'llvmpipe' ? subgroupMinSize : 0;
  if (lanes === 0 || (headSize / 4) % lanes !== 0) return plain[driver];
  const cost = (own: number) => Math.ceil(tokens / (lanes * own)) * (own + costOfTile);
  const own = ownTokens.reduce((best, other) => (cost(other) < cost(best) ? other : best));
  return { form: 'subgroup', lanes, own };
}

/** What all kernels of a shape are given. Scores are powers of two, which drivers make those of e from. */
function paramsOf({ tokens, heads, headSize }: AttentionShape) {
  const factor = 1 / Math.sqrt(headSize);
  return { tokens, heads, scale: Math.LOG2E * factor, factor };
}

/** y = softmax(q·kᵀ/√D)·v of each head, and the logarithm to base 2 of the softmax's sum for each query. */
export function attention(
  capabilities: Capabilities,
  shape: AttentionShape,
  variant: AttentionVariant = attentionVariant(capabilities, shape),
): Launch {
  const { tokens, heads, images, headSize } = shape;
  const { lanes } = variant;
  const { factor: _, ...params } = paramsOf(shape);
  const QUADS = headSize / 4;
  if (variant.form === 'subgroup') {
    const { own } = variant;
    return {
      shader: subgroupShader,
      entry: 'attend',
      constants: { LANES: lanes, OWN: own, QUADS },
      params: { ...params, lanes, quads: QUADS },
      grid: [Math.ceil(tokens / (lanes * own)), heads, images],
    };
  }
  const { queries, keys } = variant;
  return {
    shader,
    entry: 'attend',
    constants: { LANES: lanes, QUERIES: queries, KEYS: keys, QUADS },
    params,
    grid: [Math.ceil(tokens / (lanes * queries)), heads, images],
  };
}

/** The gradient of qkv in three steps: dy·y of each query, then what queries get, and what keys and values get. */
export function attentionGradient(
  capabilities: Pick<Capabilities, 'driver' | 'subgroupMinSize'>,
  shape: AttentionShape,
  variant: AttentionVariant = attentionVariant(capabilities, shape),
) {
  const { tokens, heads, images, headSize } = shape;
  const { lanes } = plain[capabilities.driver];
  const QUADS = headSize / 4;
  const params = paramsOf(shape);
  const byLane = (entry: string): Launch => ({
    shader: gradientShader,
    entry,
    constants: { LANES: lanes, QUADS },
    params,
    grid: [Math.ceil(tokens / lanes), heads, images],
  });
  const bySubgroup = (entry: string, lanes: number, own: number): Launch => ({
    shader: subgroupGradientShader,
    entry,
    constants: { LANES: lanes, OWN: own, QUADS },
    params: { ...params, lanes, quads: QUADS },
    grid: [Math.ceil(tokens / (lanes * own)), heads, images],
  });
  const launch = (entry: string) =>
    variant.form === 'subgroup' ? bySubgroup(entry, variant.lanes, variant.own) : byLane(entry);
  return {
    products: byLane('row_products'),
    queries: launch('query_gradient'),
    keys: launch('key_gradient'),
  };
}
