import shader from '#shaders/vit/attention.wgsl';
import gradientShader from '#shaders/vit/attention_gradient.wgsl';
import stagedGradientShader from '#shaders/vit/attention_gradient_staged.wgsl';
import subgroupGradientShader from '#shaders/vit/attention_gradient_subgroup.wgsl';
import stagedShader from '#shaders/vit/attention_staged.wgsl';
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

/**
 * How a kernel is cut: `lane` gives each lane queries of its own, `subgroup` hands numbers round the lanes of one, `staged`
 * keeps tiles in workgroup memory.
 */
export type AttentionVariant =
  | { readonly form: 'lane'; readonly lanes: number; readonly queries: number; readonly keys: number }
  | { readonly form: 'subgroup'; readonly lanes: number; readonly own: number }
  | { readonly form: 'staged'; readonly laneRows: number };

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

/** Lanes along a staged block's tokens and along a row's columns, as in lib/attention_panels.wgsl. */
const laneColumns = 8;
/** Lanes along the rows of a staged tile. */
const laneRows = [16, 8, 4] as const;

/** Bytes of workgroup memory of a staged tile: rows and block by number, weights, and a vec4f a lane. */
function stagedBytes(laneRows: number, headSize: number): number {
  const [rowPitch, blockPitch] = [laneRows + 1, laneColumns + 1];
  return 16 * (headSize * (rowPitch + blockPitch) + 4 * laneColumns * rowPitch + laneRows * laneColumns);
}

/** Staged forms, the largest tile that fits first; none where a row is no whole number of vec4f for each lane of it. */
export function stagedAttention(
  { workgroupBytes }: Pick<Capabilities, 'workgroupBytes'>,
  { headSize }: Pick<AttentionShape, 'headSize'>,
): readonly AttentionVariant[] {
  if ((headSize / 4) % laneColumns !== 0) return [];
  return laneRows
    .filter((rows) => stagedBytes(rows, headSize) <= workgroupBytes)
    .map((rows) => ({ form: 'staged', laneRows: rows }));
}

/** What is asked of an adapter. */
type Adapter = Pick<Capabilities, 'driver' | 'subgroupMinSize' | 'workgroupBytes'>;

/** The kernel that is taken where nothing else is asked for. */
export function attentionVariant(adapter: Adapter, shape: AttentionShape): AttentionVariant {
  const { driver, subgroupMinSize } = adapter;
  const { headSize, tokens } = shape;
  if (driver === 'gpu') return stagedAttention(adapter, shape)[0] ?? plain.gpu;
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

/** What a variant adds to a launch: the shader's constants and sizes, and the tokens of a tile. */
function tileOf(variant: Exclude<AttentionVariant, { form: 'lane' }>, headSize: number) {
  const QUADS = headSize / 4;
  if (variant.form === 'subgroup') {
    const { lanes, own } = variant;
    const params = { lanes, quads: QUADS };
    return { rows: lanes * own, constants: { LANES: lanes, OWN: own, QUADS }, params };
  }
  const rows = 4 * variant.laneRows;
  const params = { numbers: headSize, block: 4 * laneColumns };
  return { rows, constants: { LANE_ROWS: variant.laneRows, QUADS }, params };
}

/** y = softmax(q·kᵀ/√D)·v of each head, and the logarithm to base 2 of the softmax's sum for each query. */
export function attention(
  capabilities: Adapter,
  shape: AttentionShape,
  variant: AttentionVariant = attentionVariant(capabilities, shape),
): Launch {
  const { tokens, heads, images, headSize } = shape;
  const { factor: _, ...params } = paramsOf(shape);
  if (variant.form !== 'lane') {
    const { rows, constants, params: more } = tileOf(variant, headSize);
    return {
      shader: variant.form === 'staged' ? stagedShader : subgroupShader,
      entry: 'attend',
      constants,
      params: { ...params, ...more },
      grid: [Math.ceil(tokens / rows), heads, images],
    };
  }
  const { lanes, queries, keys } = variant;
  return {
    shader,
    entry: 'attend',
    constants: { LANES: lanes, QUERIES: queries, KEYS: keys, QUADS: headSize / 4 },
    params,
    grid: [Math.ceil(tokens / (lanes * queries)), heads, images],
  };
}

/** The gradient of qkv in three steps: dy·y of each query, then what queries get, and what keys and values get. */
export function attentionGradient(
  capabilities: Adapter,
  shape: AttentionShape,
  variant: AttentionVariant = attentionVariant(capabilities, shape),
) {
  const { tokens, heads, images, headSize } = shape;
  const params = paramsOf(shape);
  const byLane = (entry: string): Launch => {
    const { lanes } = plain[capabilities.driver];
    return {
      shader: gradientShader,
      entry,
      constants: { LANES: lanes, QUADS: headSize / 4 },
      params,
      grid: [Math.ceil(tokens / lanes), heads, images],
    };
  };
  const launch = (entry: string): Launch => {
    if (variant.form === 'lane') return byLane(entry);
    const { rows, constants, params: more } = tileOf(variant, headSize);
    return {
      shader: variant.form === 'staged' ? stagedGradientShader : subgroupGradientShader,
      entry,
      constants,
      params: { ...params, ...more },
      grid: [Math.ceil(tokens / rows), heads, images],
    };
  };
  return {
    products: byLane('row_products'),
    queries: launch('query_gradient'),
    keys: launch('key_gradient'),
  };
}
