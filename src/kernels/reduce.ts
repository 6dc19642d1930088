import shader from '#shaders/reduce.wgsl';
import { type Launch, linearGrid } from '../gpu/launch.ts';

/** total[count] = Σ over parts of partial[parts][count], in the order of the parts. */
export function sumParts(parts: number, count: number): Launch {
  return { shader, entry: 'sum_parts', params: { parts, count }, grid: linearGrid(Math.ceil(count / 64)) };
}
