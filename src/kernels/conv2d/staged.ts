import shader from '#shaders/conv2d/staged.wgsl';
import type { Launch } from '../../gpu/launch.ts';
import { stagedTile } from '../tuning/tiles.ts';
import type { StagedVariant } from '../tuning/variant.ts';
import { epilogueParams, noEpilogue } from './epilogue.ts';
import { type Conv2dShape, type Pass, passGrid, uniform } from './shape.ts';

/** A convolution of any channels, or its input's gradient, whose lanes share panels in workgroup memory. */
export function stagedLaunch(shape: Conv2dShape, tile: StagedVariant, pass: Pass): Launch {
  const { height, width, constants } = stagedTile(tile);
  const { gradient, accumulate, epilogue = noEpilogue } = pass;
  return {
    shader,
    entry: 'convolve',
    constants: { ...constants, Stored: shape.stored, GRADIENT: gradient, ACCUMULATE: accumulate },
    params: { ...uniform(shape), ...epilogueParams(epilogue) },
    grid: passGrid(shape, pass, height, width),
  };
}
