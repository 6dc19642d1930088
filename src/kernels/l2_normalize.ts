import shader from '#shaders/l2_normalize.wgsl';
import type { Launch } from '../gpu/launch.ts';

const launch = (entry: string, rows: number, columns: number): Launch => ({
  shader,
  entry,
  params: { rows, columns },
  grid: [Math.ceil(rows / 8), 1, 1],
});

/** 1/‖x‖ of each row. */
export const inverseNorms = (rows: number, columns: number): Launch => launch('inverse_norms', rows, columns);
/** z = x/‖x‖ and the inverse norms. */
export const l2Normalize = (rows: number, columns: number): Launch => launch('normalize', rows, columns);
/** dx = (dz − (z·dz)·z)/‖x‖ from z, dz and the inverse norms. */
export const l2NormalizeGradient = (rows: number, columns: number): Launch =>
  launch('gradient', rows, columns);
