import shader from '#shaders/pretext/prototypes.wgsl';
import { type Launch, linearGrid } from '../../gpu/launch.ts';

/** Brings each row to length one, in place. */
export const normaliseRows = (rows: number, columns: number): Launch => ({
  shader,
  entry: 'normalise',
  params: { rows, columns, steps: 0 },
  grid: [Math.ceil(rows / 8), 1, 1],
});

/** A gradient as it is, and 0 in the first steps. */
export const thawGradient = (count: number, steps: number): Launch => ({
  shader,
  entry: 'thaw',
  params: { rows: 1, columns: count, steps },
  grid: linearGrid(Math.ceil(count / 8)),
});
