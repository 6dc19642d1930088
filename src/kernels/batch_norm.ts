import shader from '#shaders/batch_norm.wgsl';
import gradientShader from '#shaders/batch_norm_gradient.wgsl';
import type { Capabilities } from '../gpu/device.ts';
import type { Launch } from '../gpu/launch.ts';
import type { FloatType, Shader } from '../gpu/shader.ts';

/** Rows M = N·H·W of C channels. */
export interface Rows {
  /** M: all pixels of all images. */
  readonly rows: number;
  /** C. */
  readonly channels: number;
  /** What the rows are stored as; all that is kept of a channel is f32. */
  readonly stored: FloatType;
}

/** Numbers that a normalisation keeps of each channel: μ, σ⁻¹, γ·σ⁻¹, β − μ·γ·σ⁻¹. */
export const statisticsRows = 4;

/** Partial sums are few beside the rows, and joined by one lane a channel: enough of them to occupy the device. */
const mostParts = { llvmpipe: 64, swiftshader: 64, gpu: 512 } as const;
/** Rows that a lane visits at least: with one each, software adapters spend their time on starting lanes. */
const fewestRows = 16;
/** Rows that a lane of the kernels that treat each for itself visits. */
const rowsOfLane = { llvmpipe: 64, swiftshader: 64, gpu: 16 } as const;

const vectorOf = { f32: 'vec4f', f16: 'vec4h' } as const;

/** The kernels of one shape. Channels go by fours where these divide them, lanes along channels and then rows. */
function kernels({ driver }: Capabilities, { rows, channels, stored }: Rows) {
  const quads = channels % 4 === 0;
  const elements = quads ? channels / 4 : channels;
  const width = driver === 'gpu' ? 64 : 8;
  const lines = Math.floor(width / Math.min(elements, width));
  const blocks = Math.max(1, Math.floor(mostParts[driver] / lines));
  const summed = Math.max(fewestRows * lines, Math.ceil(rows / blocks));
  // WebGPU guarantees no more than 65,535 workgroups along an axis.
  const visited = Math.max(rowsOfLane[driver] * lines, Math.ceil(rows / 65535));
  const parts = lines * Math.ceil(rows / summed);
  const constants = {
    Element: quads ? 'vec4f' : 'f32',
    Stored: quads ? vectorOf[stored] : stored,
    WIDTH: width,
  };
  const params = { rows, channels: elements, parts };
  const columns = Math.ceil(elements / width);
  return {
    parts,
    /** One lane a channel. */
    channelwise: { constants, params: { ...params, block: summed }, grid: [columns, 1, 1] },
    summing: {
      constants,
      params: { ...params, block: summed },
      grid: [columns, Math.ceil(rows / summed), 1],
    },
    visiting: {
      constants,
      params: { ...params, block: visited },
      grid: [columns, Math.ceil(rows / visited), 1],
    },
  } as const;
}

function launch(
  of: Shader,
  entry: string,
  kernel: Pick<Launch, 'constants' | 'params' | 'grid'>,
  more: Pick<Launch, 'constants' | 'params'> = {},
): Launch {
  const constants = { ...kernel.constants, ...more.constants };
  return { shader: of, entry, constants, params: { ...kernel.params, ...more.params }, grid: kernel.grid };
}

/** Statistics of parts of the rows, then the batch's, which move the running ones with `momentum`. */
export function batchStatistics(capabilities: Capabilities, shape: Rows, epsilon: number, momentum: number) {
  const { parts, summing, channelwise } = kernels(capabilities, shape);
  const params = { epsilon, momentum };
  return {
    parts,
    partial: launch(shader, 'partial_statistics', summing, { params }),
    join: launch(shader, 'join_statistics', channelwise, { params }),
  };
}

/**
 * The same among ranks with as many rows each: each rank's own statistics from `partial`, then those of all ranks from
 * [ranks][2][C], which move the running ones.
 */
export function rankStatistics(
  capabilities: Capabilities,
  shape: Rows,
  ranks: number,
  rates: { readonly epsilon: number; readonly momentum: number },
) {
  const { channelwise } = kernels(capabilities, shape);
  const { rows } = shape;
  const all = {
    ...channelwise,
    params: { ...channelwise.params, rows: ranks * rows, block: rows, parts: ranks },
  };
  return {
    own: launch(shader, 'rank_statistics', channelwise, { params: { epsilon: 0, momentum: 0 } }),
    join: launch(shader, 'join_statistics', all, { constants: { EVEN: true }, params: rates }),
  };
}

/** The statistics that evaluation takes, from the running ones. */
export function runningStatistics(capabilities: Capabilities, shape: Rows, epsilon: number): Launch {
  const { channelwise } = kernels(capabilities, shape);
  return launch(shader, 'running_statistics', channelwise, { params: { epsilon, momentum: 0 } });
}

/** y = relu(γ·x̂ + β + residual) from x and the four statistics of each channel, ReLU and residual where asked. */
export function normalise(
  capabilities: Capabilities,
  shape: Rows,
  { relu, residual }: { relu: boolean; residual: boolean },
): Launch {
  const more = { constants: { RELU: relu, RESIDUAL: residual }, params: { epsilon: 0, momentum: 0 } };
  return launch(shader, 'normalise', kernels(capabilities, shape).visiting, more);
}

/** dβ and dγ in two steps, the first with the residual's gradient, the second with the coefficients of dx; then dx. */
export function batchNormGradient(
  capabilities: Capabilities,
  shape: Rows,
  { relu, residual, training }: { relu: boolean; residual: boolean; training: boolean },
) {
  const { parts, summing, channelwise, visiting } = kernels(capabilities, shape);
  const masks = { constants: { RELU: relu, RESIDUAL: residual } };
  const TRAINING = training;
  return {
    parts,
    sums: launch(gradientShader, 'parameter_sums', summing, masks),
    parameters: launch(gradientShader, 'parameter_gradients', channelwise, { constants: { TRAINING } }),
    input: launch(gradientShader, 'input_gradient', visiting, masks),
  };
}

/**
 * The second of the two steps among ranks: dβ, dγ and the sums of one rank, then the coefficients of dx from all ranks'
 * sums [ranks][2][C].
 */
export function rankGradients(capabilities: Capabilities, shape: Rows, ranks: number) {
  const { channelwise } = kernels(capabilities, shape);
  const all = { ...channelwise, params: { ...channelwise.params, rows: ranks * shape.rows, parts: ranks } };
  return {
    own: launch(gradientShader, 'rank_sums', channelwise),
    coefficients: launch(gradientShader, 'rank_coefficients', all),
  };
}
