import shader from '#shaders/fold_norm.wgsl';
import type { Launch } from '../gpu/launch.ts';

const width = 64;
/** Rows of weights of a workgroup: a lane with one row only would cost a software adapter more to start than to run. */
const block = 64;

/**
 * Weights [rows][channels] and a bias [channels] of a convolution that gives what another one gives behind its batch
 * norm in evaluation mode.
 */
export function foldNorm(rows: number, channels: number, epsilon: number): Launch {
  const isWhole = channels % 4 === 0;
  const elements = isWhole ? channels / 4 : channels;
  return {
    shader,
    entry: 'fold',
    constants: { Element: isWhole ? 'vec4f' : 'f32' },
    params: { rows, channels: elements, block, epsilon },
    grid: [Math.ceil(elements / width), Math.ceil(rows / block), 1],
  };
}
