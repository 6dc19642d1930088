import shader from '#shaders/elementwise.wgsl';
import { type Launch, linearGrid } from '../gpu/launch.ts';
import type { FloatType } from '../gpu/shader.ts';

const width = 64;

const launch = (entry: string, count: number, value = 0, stored: FloatType = 'f32'): Launch => ({
  shader,
  entry,
  constants: { Stored: stored },
  params: { count, value },
  grid: linearGrid(Math.ceil(count / width)),
});

/** y = value */
export const fill = (count: number, value: number, stored?: FloatType): Launch =>
  launch('fill', count, value, stored);
/** y = value · x */
export const scale = (count: number, value: number, stored?: FloatType): Launch =>
  launch('scale', count, value, stored);
/** y += x */
export const accumulate = (count: number, stored?: FloatType): Launch =>
  launch('accumulate', count, 0, stored);
/** y = x + other */
export const add = (count: number, stored?: FloatType): Launch => launch('add', count, 0, stored);
/** y = max(x, 0) */
export const relu = (count: number, stored?: FloatType): Launch => launch('relu', count, 0, stored);
/** y = x where other > 0, else 0 */
export const reluGradient = (count: number, stored?: FloatType): Launch =>
  launch('relu_gradient', count, 0, stored);
