import shader from '#shaders/optimizer/loss_scale.wgsl';
import { type Launch, linearGrid } from '../gpu/launch.ts';
import { blockElements } from './optimizer.ts';

/** Looks for an infinite or undefined gradient, then judges the step and moves the scale. */
export function judgeGradients(blocks: number, interval: number): { find: Launch; judge: Launch } {
  const params = { blocks, interval };
  const grid = linearGrid(Math.ceil(blocks / blockElements));
  return {
    find: { shader, entry: 'find_overflow', params, grid },
    judge: { shader, entry: 'judge', params, grid: [1, 1, 1] },
  };
}
