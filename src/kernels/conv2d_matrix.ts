import shader from '#shaders/conv2d_matrix.wgsl';
import weightShader from '#shaders/conv2d_weight_gradient_matrix.wgsl';
import type { Capabilities } from '../gpu/device.ts';
import type { Launch } from '../gpu/launch.ts';
import type { MatrixUnits } from '../gpu/matrix_syntax.ts';
import { type Conv2dShape, vectors } from './conv2d_shape.ts';

/** A workgroup's tile on matrix units: matrices of a subgroup along rows and columns, and subgroups along either. */
export interface MatrixTile {
  readonly rows: number;
  readonly columns: number;
  readonly subgroupRows: number;
  readonly subgroupColumns: number;
  /** k that is staged at once; a multiple of the units'. */
  readonly depth: number;
}

/** Smallest first. Not measured yet: no adapter with matrix units was at hand. */
const tiles: readonly MatrixTile[] = [
  { rows: 2, columns: 2, subgroupRows: 2, subgroupColumns: 2, depth: 32 },
  { rows: 4, columns: 2, subgroupRows: 2, subgroupColumns: 2, depth: 32 },
  { rows: 4, columns: 4, subgroupRows: 2, subgroupColumns: 2, depth: 32 },
  { rows: 2, columns: 2, subgroupRows: 4, subgroupColumns: 2, depth: 32 },
];

/** The tiles that the adapter's matrix units can work on: none without units, or where a pass does not store f16. */
export function matrixTiles(
  capabilities: Capabilities,
  { stored, channels, pitch, outChannels }: Conv2dShape,
) {
  const { matrixUnits, workgroupBytes } = capabilities;
  const whole =
    [pitch, outChannels].every((count) => count % 4 === 0) && (channels === 3 || channels % 4 === 0);
  if (!matrixUnits || stored !== 'f16' || !whole) return [];
  return tiles.filter(
    (tile) => bytesOf(tile, matrixUnits) <= workgroupBytes && tile.depth % matrixUnits.k === 0,
  );
}

/** Elements by which a staged line is longer than its numbers, as in matrix_tile.wgsl. */
const pad = 8;

function tileSize({ rows, columns, subgroupRows, subgroupColumns }: MatrixTile, { m, n }: MatrixUnits) {
  return { height: m * rows * subgroupRows, width: n * columns * subgroupColumns };
}

/** Of the panels, in f16, and one matrix of results a subgroup. */
function bytesOf(tile: MatrixTile, units: MatrixUnits): number {
  const { height, width } = tileSize(tile, units);
  const panel = (side: number) => Math.max(side * (tile.depth + pad), tile.depth * (side + pad));
  return (
    2 * (panel(height) + panel(width)) + 4 * units.m * units.n * tile.subgroupRows * tile.subgroupColumns
  );
}

function constants({ subgroupSize, matrixUnits }: Capabilities, tile: MatrixTile): Record<string, number> {
  const { m, n, k } = matrixUnits!;
  return {
    SUBGROUP: subgroupSize,
    MATRIX_M: m,
    MATRIX_N: n,
    MATRIX_K: k,
    ROWS: tile.rows,
    COLUMNS: tile.columns,
    SUBGROUP_ROWS: tile.subgroupRows,
    SUBGROUP_COLUMNS: tile.subgroupColumns,
    DEPTH: tile.depth,
  };
}

export function matrixForward(capabilities: Capabilities, shape: Conv2dShape, tile: MatrixTile): Launch {
  const { height, width } = tileSize(tile, capabilities.matrixUnits!);
  const pixels = shape.batch * shape.outHeight * shape.outWidth;
  return {
    shader,
    entry: 'forward',
    constants: constants(capabilities, tile),
    params: vectors(shape),
    grid: [Math.ceil(pixels / height), Math.ceil(shape.outChannels / width), 1],
  };
}

/** @param accumulate add to dx instead of overwriting it */
export function matrixInputGradient(
  capabilities: Capabilities,
  shape: Conv2dShape,
  tile: MatrixTile,
  accumulate = false,
): Launch {
  const { height, width } = tileSize(tile, capabilities.matrixUnits!);
  const { batch, channels, stride } = shape;
  const phasePixels = batch * Math.ceil(shape.height / stride) * Math.ceil(shape.width / stride);
  return {
    shader,
    entry: 'input_gradient',
    constants: { ...constants(capabilities, tile), ACCUMULATE: accumulate },
    params: vectors(shape),
    grid: [Math.ceil(phasePixels / height), Math.ceil(channels / width), stride * stride],
  };
}

/** The partial gradients of at most `slices` slices of the output pixels, whose ordered sum is the gradient. */
export function matrixWeightGradient(
  capabilities: Capabilities,
  shape: Conv2dShape,
  tile: MatrixTile,
  slices: number,
): { slices: number; partial: Launch } {
  const { height, width } = tileSize(tile, capabilities.matrixUnits!);
  const pixels = shape.batch * shape.outHeight * shape.outWidth;
  const slice = tile.depth * Math.ceil(pixels / tile.depth / slices);
  const rows = shape.kernel ** 2 * shape.pitch;
  const grid = [
    Math.ceil(rows / height),
    Math.ceil(shape.outChannels / width),
    Math.ceil(pixels / slice),
  ] as const;
  const partial: Launch = {
    shader: weightShader,
    entry: 'weight_gradient',
    constants: constants(capabilities, tile),
    params: { ...vectors(shape), slice },
    grid,
  };
  return { slices: grid[2], partial };
}
