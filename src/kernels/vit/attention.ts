import shader from '#shaders/vit/attention.wgsl';
import gradientShader from '#shaders/vit/attention_gradient.wgsl';
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
  swiftshader: { form: 'lane', lanes: 8, queries: 2, keys: 4 },
  gpu: { form: 'lane', lanes: 64, queries: 1, keys: 8 },
} as const satisfies Record<string, AttentionVariant>;

/** The kernel that is taken where nothing else is asked for. */
export function attentionVariant(
  { driver, subgroupMinSize }: Pick<Capabilities, 'driver' | 'subgroupMinSize'>,
  { headSize }: AttentionShape,
): AttentionVariant {
  const lanes = driver === 'gpu' ? 0 : subgroupMinSize;
  return lanes > 0 && (headSize / 4) % lanes === 0 ? { form: 'subgroup', lanes, own: 4 } : plain[driver];
}

const paramsOf = ({ tokens, heads, headSize }: AttentionShape) => ({
  tokens,
  heads,
  scale: 1 / Math.sqrt(headSize),
});

/** y = softmax(q·kᵀ/√D)·v of each head, and the logarithm of the softmax's sum for each query. */
export function attention(
  capabilities: Capabilities,
  shape: AttentionShape,
  variant: AttentionVariant = attentionVariant(capabilities, shape),
): Launch {
  const { tokens, heads, images, headSize } = shape;
  const { lanes } = variant;
  const params = paramsOf(shape);
  const QUADS = headSize / 4;
  if (variant.form === 'subgroup') {
    const { own } = variant;
    return {
      shader: subgroupShader,
      entry: 'attend',
      constants: { LANES: lanes, OWN: own, QUADS },
      params: { ...params, lanes },
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
export function attentionGradient({ driver }: Pick<Capabilities, 'driver'>, shape: AttentionShape) {
  const { lanes } = plain[driver];
  const launch = (entry: string): Launch => ({
    shader: gradientShader,
    entry,
    constants: { LANES: lanes, QUADS: shape.headSize / 4 },
    params: paramsOf(shape),
    grid: [Math.ceil(shape.tokens / lanes), shape.heads, shape.images],
  });
  return {
    products: launch('row_products'),
    queries: launch('query_gradient'),
    keys: launch('key_gradient'),
  };
}
