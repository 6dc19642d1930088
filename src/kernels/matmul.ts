import shader from '#shaders/matmul.wgsl';
import type { Capabilities } from '../gpu/device.ts';
import type { Launch } from '../gpu/launch.ts';
import { sumParts } from './reduce.ts';
import { matmulTile } from './tiles.ts';

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
  const { lanes, rows, columns } = matmulTile(capabilities);
  const { m, n, k, transposeA, transposeB, bias = false, accumulate = false } = shape;
  const start = shape.start ?? { a: 0, b: 0, c: 0 };
  const grid = [Math.ceil(m / (lanes * rows)), Math.ceil(n / columns)] as const;
  const wanted = Math.min(Math.floor(enoughWorkgroups / (grid[0] * grid[1])), Math.floor(k / shortestSlice));
  const slice = bias || accumulate || shape.start || wanted < 2 ? k : Math.ceil(k / wanted);
  const slices = Math.max(1, Math.ceil(k / slice));
  const product: Launch = {
    shader,
    entry: 'matmul',
    constants: { LANES: lanes, ROWS: rows, COLUMNS: columns, BIAS: bias, ACCUMULATE: accumulate },
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
    grid: [grid[0], grid[1], slices],
  };
  return { slices, product, sum: slices > 1 ? sumParts(slices, m * n) : undefined };
}
