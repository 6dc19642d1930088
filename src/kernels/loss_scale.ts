import shader from '#shaders/optimizer/loss_scale.wgsl';
import type { Launch } from '../gpu/launch.ts';
import { blockGrid } from './optimizer.ts';

/** What the search for overflows keeps, u32: whether gradients, and whether statistics overflowed; steps skipped for the latter. */
export const overflowNotes = 3;

/** Looks for an infinite or undefined number. @param blocks of 64 elements */
export function findOverflow(blocks: number, where: 'gradients' | 'statistics'): Launch {
  const params = { blocks, interval: 0, place: where === 'gradients' ? 0 : 1 };
  return { shader, entry: 'find_overflow', params, grid: blockGrid(blocks) };
}

/**
 * Judges the step by what was found, and moves the scale.
 * @param interval steps without an overflow behind which the scale is doubled
 */
export function judgeStep(interval: number): Launch {
  return { shader, entry: 'judge', params: { blocks: 0, interval, place: 0 }, grid: [1, 1, 1] };
}

/**
 * Copies numbers by their bits: `keep` always, `putBack` where the step is skipped.
 * @param blocks of 64 elements
 */
export function keepAndPutBack(blocks: number): { keep: Launch; putBack: Launch } {
  const params = { blocks, interval: 0, place: 0 };
  const grid = blockGrid(blocks);
  return {
    keep: { shader, entry: 'keep', params, grid },
    putBack: { shader, entry: 'put_back', params, grid },
  };
}
