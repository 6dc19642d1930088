import shader from '#shaders/batch_norm.wgsl';
import gradientShader from '#shaders/batch_norm_gradient.wgsl';
import type { Launch } from '../gpu/launch.ts';

/** Rows M = N·H·W of C channels. */
export interface Rows {
  readonly rows: number;
  readonly channels: number;
}

const width = 64;
/** Partial statistics are few beside the rows, and joined by one lane a channel. */
const mostBlocks = 64;

const block = ({ rows }: Rows): number => Math.max(16, Math.ceil(rows / mostBlocks));
const blocksOf = (shape: Rows): number => Math.ceil(shape.rows / block(shape));
const grid = (shape: Rows, blocks: number): [number, number, number] => [
  Math.ceil(shape.channels / width),
  blocks,
  1,
];

/** Statistics of blocks of rows, then the batch's, which move the running ones with `momentum`. */
export function batchStatistics(shape: Rows, epsilon: number, momentum: number) {
  const blocks = blocksOf(shape);
  const params = { ...shape, block: block(shape), blocks, epsilon, momentum };
  const statistics: Launch = { shader, entry: 'statistics', params, grid: grid(shape, blocks) };
  const join: Launch = { shader, entry: 'join_statistics', params, grid: grid(shape, 1) };
  return { blocks, statistics, join };
}

/** Mean and inverse standard deviation from the running statistics. */
export function runningStatistics(shape: Rows, epsilon: number): Launch {
  const params = { ...shape, block: 0, blocks: 0, epsilon, momentum: 0 };
  return { shader, entry: 'running_statistics', params, grid: grid(shape, 1) };
}

export function normalise(shape: Rows, options: { relu: boolean; residual: boolean }): Launch {
  const blocks = blocksOf(shape);
  const params = { ...shape, block: block(shape), blocks, epsilon: 0, momentum: 0 };
  const constants = { RELU: options.relu, RESIDUAL: options.residual };
  return { shader, entry: 'normalise', constants, params, grid: grid(shape, blocks) };
}

/** dβ and dγ in two steps, the second with the coefficients that dx takes, then dx. */
export function batchNormGradient(shape: Rows, options: { relu: boolean; training: boolean }) {
  const blocks = blocksOf(shape);
  const params = { ...shape, block: block(shape), blocks };
  const RELU = options.relu;
  const launch = (entry: string, count: number, constants = {}): Launch => ({
    shader: gradientShader,
    entry,
    constants,
    params,
    grid: grid(shape, count),
  });
  return {
    blocks,
    sums: launch('parameter_sums', blocks, { RELU }),
    parameters: launch('parameter_gradients', 1, { TRAINING: options.training }),
    input: launch('input_gradient', blocks, { RELU }),
  };
}
