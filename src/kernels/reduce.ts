import shader from '#shaders/reduce.wgsl';
import { type Launch, linearGrid } from '../gpu/launch.ts';

/** total[count] = Σ over parts of partial[parts][count], in the order of the parts. */
export function sumParts(parts: number, count: number): Launch {
  const quads = count % 4 === 0;
  const elements = quads ? count / 4 : count;
  return {
    shader,
    entry: 'sum_parts',
    constants: { Element: quads ? 'vec4f' : 'f32' },
    params: { parts, count: elements },
    grid: linearGrid(Math.ceil(elements / 64)),
  };
}
