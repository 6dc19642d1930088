import shader from '#shaders/vit/layer_norm.wgsl';
import type { Capabilities } from '../../gpu/device.ts';
import type { Launch } from '../../gpu/launch.ts';

/** Rows of C channels, each normalised by itself. */
export interface NormalisedRows {
  /** All rows of all images. */
  readonly rows: number;
  /** C. */
  readonly channels: number;
}

/** A workgroup is started for so many rows at least: starting one costs software adapters as much as a short row. */
const fewestRows = { llvmpipe: 8, swiftshader: 8, gpu: 1 } as const;
/** Blocks whose sums are joined: enough to occupy the device, few beside the rows. */
const mostBlocks = 64;
/** WebGPU guarantees no more workgroups along an axis. */
const gridLimit = 65535;

function kernel({ driver }: Capabilities, { rows, channels }: NormalisedRows, epsilon = 0) {
  const quads = channels % 4 === 0;
  const elements = quads ? channels / 4 : channels;
  const width = driver === 'gpu' ? 64 : 8;
  const launch = (entry: string, block: number, grid: Launch['grid']): Launch => ({
    shader,
    entry,
    constants: { Element: quads ? 'vec4f' : 'f32', SCALARS: quads ? 4 : 1, WIDTH: width },
    params: { rows, channels: elements, block, epsilon },
    grid,
  });
  const block = Math.max(fewestRows[driver], Math.ceil(rows / gridLimit));
  return {
    byRow: (entry: string) => launch(entry, block, [Math.ceil(rows / block), 1, 1]),
    byChannel(entry: string) {
      const summed = Math.max(16, Math.ceil(rows / mostBlocks));
      const blocks = Math.ceil(rows / summed);
      return { blocks, partial: launch(entry, summed, [Math.ceil(elements / width), blocks, 1]) };
    },
  };
}

/** y = γ·x̂ + β, and mean and inverse standard deviation of each row. */
export const layerNorm = (capabilities: Capabilities, rows: NormalisedRows, epsilon: number): Launch =>
  kernel(capabilities, rows, epsilon).byRow('normalise');

/** dx from x, γ, dy and the statistics. */
export const layerNormInputGradient = (capabilities: Capabilities, rows: NormalisedRows): Launch =>
  kernel(capabilities, rows).byRow('input_gradient');

/** Partial sums [blocks][C] of dβ and dγ. */
export const layerNormParameterSums = (
  capabilities: Capabilities,
  rows: NormalisedRows,
): { blocks: number; partial: Launch } => kernel(capabilities, rows).byChannel('parameter_sums');
