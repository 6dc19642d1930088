import shader from '#shaders/conv2d/matrix.wgsl';
import weightShader from '#shaders/conv2d/weight_gradient_matrix.wgsl';
import type { Capabilities } from '../../gpu/device.ts';
import type { Launch } from '../../gpu/launch.ts';
import type { MatrixVariant } from '../tuning/variant.ts';
import { type Conv2dShape, phasePixels, phasesOf, vectors } from './shape.ts';

// Convolutions of f16 images, with channels of whole vec4, on matrix units.

export function matrixForward(capabilities: Capabilities, shape: Conv2dShape, tile: MatrixVariant): Launch {
  const { height, width, constants } = tileOf(capabilities, tile);
  const pixels = shape.batch * shape.outHeight * shape.outWidth;
  return {
    shader,
    entry: 'forward',
    constants,
    params: vectors(shape),
    grid: [Math.ceil(pixels / height), Math.ceil(shape.outChannels / width), 1],
  };
}

/** @param accumulate add to dx instead of overwriting it */
export function matrixInputGradient(
  capabilities: Capabilities,
  shape: Conv2dShape,
  tile: MatrixVariant,
  accumulate = false,
): Launch {
  const { height, width, constants } = tileOf(capabilities, tile);
  return {
    shader,
    entry: 'input_gradient',
    constants: { ...constants, ACCUMULATE: accumulate },
    params: vectors(shape),
    grid: [
      Math.ceil(phasePixels(shape, shape.batch) / height),
      Math.ceil(shape.channels / width),
      phasesOf(shape, accumulate),
    ],
  };
}

/** The kernel for one slice, and the panels of output pixels that can be cut into slices. */
export function matrixWeightGradient(
  capabilities: Capabilities,
  shape: Conv2dShape,
  tile: MatrixVariant,
): { lines: number; launch: Launch } {
  const { height, width, constants } = tileOf(capabilities, tile);
  const rows = shape.kernel ** 2 * shape.pitch;
  const launch: Launch = {
    shader: weightShader,
    entry: 'weight_gradient',
    constants,
    params: vectors(shape),
    grid: [Math.ceil(rows / height), Math.ceil(shape.outChannels / width), 1],
  };
  return { lines: Math.ceil((shape.batch * shape.outHeight * shape.outWidth) / tile.depth), launch };
}

/** Sides of a workgroup's tile, and what the kernels must know of it. */
function tileOf({ subgroupMinSize, matrixUnits }: Capabilities, tile: MatrixVariant) {
  if (!matrixUnits) throw new Error('the adapter has no matrix units');
  const { rows, columns, subgroupRows, subgroupColumns, depth } = tile;
  const { m, n, k } = matrixUnits;
  const units = { SUBGROUP: subgroupMinSize, MATRIX_M: m, MATRIX_N: n, MATRIX_K: k };
  const subgroups = { SUBGROUP_ROWS: subgroupRows, SUBGROUP_COLUMNS: subgroupColumns };
  return {
    height: m * rows * subgroupRows,
    width: n * columns * subgroupColumns,
    constants: { ...units, ROWS: rows, COLUMNS: columns, ...subgroups, DEPTH: depth },
  };
}
