import shader from '#shaders/vit/layer_scale.wgsl';
import { type Launch, linearGrid } from '../../gpu/launch.ts';
import type { NormalisedRows } from './layer_norm.ts';

const width = 64;
/** Blocks whose sums are joined: enough to occupy the device, few beside the rows. */
const mostBlocks = 64;

function kernel({ rows, channels }: NormalisedRows) {
  const quads = channels % 4 === 0;
  const elements = quads ? channels / 4 : channels;
  const count = rows * elements;
  const launch = (entry: string, block: number, grid: Launch['grid']): Launch => ({
    shader,
    entry,
    constants: { Element: quads ? 'vec4f' : 'f32' },
    params: { count, rows, channels: elements, block },
    grid,
  });
  return {
    each: (entry: string) => launch(entry, 0, linearGrid(Math.ceil(count / width))),
    byChannel(entry: string) {
      const block = Math.max(16, Math.ceil(rows / mostBlocks));
      const blocks = Math.ceil(rows / block);
      return { blocks, partial: launch(entry, block, [Math.ceil(elements / width), blocks, 1]) };
    },
  };
}

/** y = x + γ·f */
export const scaledSum = (rows: NormalisedRows): Launch => kernel(rows).each('scaled_sum');
/** df = γ·dy */
export const branchGradient = (rows: NormalisedRows): Launch => kernel(rows).each('branch_gradient');
/** Partial sums [blocks][C] of dγ = Σ dy·f. */
export const factorSums = (rows: NormalisedRows): { blocks: number; partial: Launch } =>
  kernel(rows).byChannel('factor_sums');
