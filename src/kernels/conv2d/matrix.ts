import shader from '#shaders/conv2d/matrix.wgsl';
import weightShader from '#shaders/conv2d/weight_gradient_matrix.wgsl';
import type { Capabilities } from '../../gpu/device.ts';
import type { Launch } from '../../gpu/launch.ts';
import type { MatrixVariant } from '../tuning/variant.ts';
import { epilogueParams, noEpilogue } from './epilogue.ts';
import { type Conv2dShape, type Pass, passGrid, vectors } from './shape.ts';

/**
 * A convolution of f16 images with channels of whole vec4, or its input's gradient, on matrix units.
 * @throws RangeError where the adapter has none
 */
export function matrixLaunch(
  capabilities: Capabilities,
  shape: Conv2dShape,
  tile: MatrixVariant,
  pass: Pass,
): Launch {
  const { height, width, constants } = tileOf(capabilities, tile);
  const { gradient, accumulate, epilogue = noEpilogue } = pass;
  return {
    shader,
    entry: 'convolve',
    constants: { ...constants, GRADIENT: gradient, ACCUMULATE: accumulate },
    params: { ...vectors(shape), ...epilogueParams(epilogue) },
    grid: passGrid(shape, pass, height, width),
  };
}

/**
 * A convolution's gradient by its weights on matrix units.
 * @returns the kernel for one slice, and how many panels of output pixels there are to cut into slices
 * @throws RangeError where the adapter has no matrix units
 */
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
  if (!matrixUnits) throw new RangeError('the adapter has no matrix units');
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
