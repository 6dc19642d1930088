import shader from '#shaders/optimizer/loss_scale.wgsl';
import type { Launch } from '../gpu/launch.ts';
import { blockGrid } from './optimizer.ts';

/**
 * Looks for an infinite or undefined gradient, then judges the step and moves the scale.
 * @param blocks of 64 elements
 * @param interval steps without an overflow behind which the scale is doubled
 */
export function judgeGradients(blocks: number, interval: number): { find: Launch; judge: Launch } {
  const params = { blocks, interval };
  return {
    find: { shader, entry: 'find_overflow', params, grid: blockGrid(blocks) },
    judge: { shader, entry: 'judge', params, grid: [1, 1, 1] },
  };
}
