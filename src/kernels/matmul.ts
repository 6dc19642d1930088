import shader from '#shaders/matmul.wgsl';
import subgroupShader from '#shaders/matmul_subgroup.wgsl';
import type { Capabilities } from '../gpu/device.ts';
import type { Launch } from '../gpu/launch.ts';
import { sumParts } from './reduce.ts';
import { matmulTile, subgroupLanes, type Tile } from './tiles.ts';

/** Sizes and transposed forms of C[M][N] = op(A) · op(B). */
export interface MatmulShape {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** A is stored as [K][M]. */
  readonly transposeA: boolean;
  /** B is stored as [N][K]. */
  readonly transposeB: boolean;
  readonly bias?: boolean;
  /** Add to C instead of overwriting it. */
  readonly accumulate?: boolean;
  /** Element offsets of blocks within larger matrices that have the block's row length. */
  readonly start?: { readonly a: number; readonly b: number; readonly c: number };
}

/** Products with fewer workgroups than this are split along K, to occupy the device. */
const enoughWorkgroups = 64;
const shortestSlice = 128;

/** The product, and where K is split into slices the ordered sum of their partial results. */
export function matmul(
  capabilities: Capabilities,
  shape: MatmulShape,
): { slices: number; product: Launch; sum: Launch | undefined } {
  const { m, n, k, bias = false, accumulate = false } = shape;
  const lanes = hasWholeVectors(shape) ? subgroupLanes(capabilities) : undefined;
  const tile = matmulTile(capabilities);
  const grid = lanes
    ? ([Math.ceil(m / (4 * lanes)), Math.ceil(n / (4 * lanes))] as const)
    : ([Math.ceil(m / (tile.lanes * tile.rows)), Math.ceil(n / tile.columns)] as const);
  const wanted = Math.min(Math.floor(enoughWorkgroups / (grid[0] * grid[1])), Math.floor(k / shortestSlice));
  const slice = bias || accumulate || shape.start || wanted < 2 ? k : 4 * Math.ceil(k / wanted / 4);
  const slices = Math.max(1, Math.ceil(k / slice));
  const kernel = lanes ? subgroupProduct(lanes, shape, slice) : tiledProduct(tile, shape, slice);
  const product = { ...kernel, grid: [grid[0], grid[1], slices] as const };
  return { slices, product, sum: slices > 1 ? sumParts(slices, m * n) : undefined };
}

/** Whether every row that is loaded, and every block of one, is a whole number of vec4f. */
function hasWholeVectors({ m, n, k, transposeA, start }: MatmulShape): boolean {
  const lengths = [n, k, transposeA ? m : 0, start?.a ?? 0, start?.b ?? 0, start?.c ?? 0];
  return lengths.every((length) => length % 4 === 0);
}

function subgroupProduct(lanes: number, shape: MatmulShape, slice: number): Omit<Launch, 'grid'> {
  const { m, n, k, transposeA, transposeB, bias = false, accumulate = false } = shape;
  const start = shape.start ?? { a: 0, b: 0, c: 0 };
  return {
    shader: subgroupShader,
    entry: 'matmul',
    constants: {
      LANES: lanes,
      TRANSPOSE_A: transposeA,
      TRANSPOSE_B: transposeB,
      ACCUMULATE: accumulate,
    },
    params: {
      m,
      n: n / 4,
      k: k / 4,
      a_pitch: (transposeA ? m : k) / 4,
      a_step: transposeA ? m : 1,
      b_pitch: (transposeB ? k : n) / 4,
      b_step: transposeB ? 1 : n,
      slice: slice / 4,
      a_start: start.a / 4,
      b_start: start.b / 4,
      c_start: start.c / 4,
      has_bias: Number(bias),
    },
  };
}

/** The form for any sizes. */
function tiledProduct(tile: Tile, shape: MatmulShape, slice: number): Omit<Launch, 'grid'> {
  const { m, n, k, transposeA, transposeB, bias = false, accumulate = false } = shape;
  const start = shape.start ?? { a: 0, b: 0, c: 0 };
  return {
    shader,
    entry: 'matmul',
    constants: {
      LANES: tile.lanes,
      ROWS: tile.rows,
      COLUMNS: tile.columns,
      BIAS: bias,
      ACCUMULATE: accumulate,
    },
    params: {
      m,
      n,
      k,
      a_row: transposeA ? 1 : k,
      a_column: transposeA ? m : 1,
      b_row: transposeB ? 1 : n,
      b_column: transposeB ? k : 1,
      slice,
      a_start: start.a,
      b_start: start.b,
      c_start: start.c,
    },
  };
}
