import shader from '#shaders/conv2d/staged.wgsl';
import type { Launch } from '../../gpu/launch.ts';
import { stagedTile } from '../tuning/tiles.ts';
import type { StagedVariant } from '../tuning/variant.ts';
import { type Conv2dShape, phasePixels, phasesOf, uniform } from './shape.ts';

// Convolutions of any channels whose lanes share panels in workgroup memory.

export function stagedForward(shape: Conv2dShape, tile: StagedVariant): Launch {
  const { height, width, constants } = stagedTile(tile);
  const pixels = shape.batch * shape.outHeight * shape.outWidth;
  return {
    shader,
    entry: 'forward',
    constants: { ...constants, Stored: shape.stored },
    params: uniform(shape),
    grid: [Math.ceil(pixels / height), Math.ceil(shape.outChannels / width), 1],
  };
}

/** @param accumulate add to dx instead of overwriting it */
export function stagedInputGradient(shape: Conv2dShape, tile: StagedVariant, accumulate = false): Launch {
  const { height, width, constants } = stagedTile(tile);
  return {
    shader,
    entry: 'input_gradient',
    constants: { ...constants, Stored: shape.stored, ACCUMULATE: accumulate },
    params: uniform(shape),
    grid: [
      Math.ceil(phasePixels(shape, shape.batch) / height),
      Math.ceil(shape.channels / width),
      phasesOf(shape, accumulate),
    ],
  };
}
