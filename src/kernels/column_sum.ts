import shader from '#shaders/column_sum.wgsl';
import type { Launch } from '../gpu/launch.ts';
import { sumParts } from './reduce.ts';

/** Sums the rows of x[rows][columns]: partial sums of blocks of rows, then their ordered sum. */
export function columnSum(rows: number, columns: number): { blocks: number; partial: Launch; total: Launch } {
  const block = Math.max(64, Math.ceil(rows / 64));
  const blocks = Math.ceil(rows / block);
  const grid = [Math.ceil(columns / 64), blocks, 1] as const;
  return {
    blocks,
    partial: { shader, entry: 'column_sum', params: { rows, columns, block }, grid },
    total: sumParts(blocks, columns),
  };
}
