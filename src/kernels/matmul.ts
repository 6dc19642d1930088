import linesShader from '#shaders/matmul/lines.wgsl';
import stagedShader from '#shaders/matmul/staged.wgsl';
import subgroupShader from '#shaders/matmul/subgroup.wgsl';
import shader from '#shaders/matmul/tile.wgsl';
import type { Capabilities } from '../gpu/device.ts';
import type { Launch } from '../gpu/launch.ts';
import { sumParts } from './reduce.ts';
import type { KernelContext } from './tuning/choices.ts';
import {
  enoughWorkgroups,
  inOrder,
  matmulLines,
  matmulSubgroups,
  matmulTiles,
  sliceCounts,
  stagedForms,
  stagedTile,
} from './tuning/tiles.ts';
import {
  choose,
  type Family,
  type LinesVariant,
  plainTile,
  roughly,
  type SlicedLaunches,
  type StagedVariant,
  type SubgroupVariant,
  type TileVariant,
  withSlices,
} from './tuning/variant.ts';

/** Sizes and transposed forms of C[M][N] = op(A) · op(B). */
export interface MatmulShape {
  /** Rows of C. */
  readonly m: number;
  /** Columns of C. */
  readonly n: number;
  /** Products of one sum. */
  readonly k: number;
  /** A is stored as [K][M]. */
  readonly transposeA: boolean;
  /** B is stored as [N][K]. */
  readonly transposeB: boolean;
  /** Add a vector [N] to every row. Default false. */
  readonly bias?: boolean;
  /** Add to C instead of overwriting it. */
  readonly accumulate?: boolean;
  /** Element offsets of blocks within larger matrices that have the block's row length. */
  readonly start?: { readonly a: number; readonly b: number; readonly c: number };
  /** Products whose operands, and whose results, lie one behind another. Default 1; several have neither bias nor start. */
  readonly products?: number;
}

type MatmulVariant = TileVariant | SubgroupVariant | LinesVariant | StagedVariant;

/** Shorter ones are not worth their part of the sum. */
const shortestSlice = 128;

/** The product, and where K is split into slices the ordered sum of their partial results. */
export function matmul(context: KernelContext, shape: MatmulShape): SlicedLaunches {
  return launches(context.capabilities, shape, choose(matmulFamily, context, shape));
}

/** All kernels of a matrix product. */
export const matmulFamily: Family<MatmulShape, MatmulVariant> = {
  key(shape) {
    const { m, n, k, transposeA, transposeB, bias, accumulate, products = 1 } = shape;
    const form = `${transposeA ? 'T' : 'N'}${transposeB ? 'T' : 'N'}${bias ? 'b' : ''}${accumulate ? '+' : ''}`;
    // Whatever else keeps a product from being split.
    const whole = `${hasWholeVectors(shape) ? '' : ' ragged'}${shape.start ? ' block' : ''}`;
    const count = products === 1 ? '' : `${products} x `;
    return `matmul ${form}${whole} ${count}${roughly(m)}x${roughly(n)}x${roughly(k)}`;
  },
  multiplyAdds: ({ m, n, k, products = 1 }) => products * m * n * k,
  variants(capabilities, shape) {
    const lines = hasWholeLines(shape) ? matmulLines(capabilities, shape) : [];
    const subgroups = hasWholeVectors(shape) ? matmulSubgroups(capabilities) : [];
    const [tiles, staged] = [matmulTiles(capabilities), stagedForms(capabilities)];
    const forms = [...lines, ...inOrder(capabilities, { subgroups, tiles, staged })];
    return canSplit(shape) ? withSlices(forms, sliceCounts) : forms;
  },
  launches,
  operands(shape) {
    const { m, n, k, bias, start = { a: 0, b: 0, c: 0 }, products = 1 } = shape;
    const [a, b, c] = [start.a + products * m * k, start.b + products * n * k, start.c + products * m * n];
    return {
      buffers: { a, b, c, ...(bias && { bias: n }) },
      ...(!bias && { aliases: { bias: 'b' } }),
      output: 'c',
      terms: k,
      twin: { ...plainTile, slices: 1 },
    };
  },
};

const canSplit = ({ bias, accumulate, start, products = 1 }: MatmulShape): boolean =>
  !bias && !accumulate && !start && products === 1;

function launches(capabilities: Capabilities, shape: MatmulShape, variant: MatmulVariant): SlicedLaunches {
  const { m, n, k, products = 1 } = shape;
  const [rows, columns] = tileOf(variant);
  const grid = [Math.ceil(m / rows), Math.ceil(n / columns)] as const;
  const enough = Math.floor(enoughWorkgroups(capabilities) / (grid[0] * grid[1]));
  const wanted = variant.slices ?? Math.min(enough, Math.floor(k / shortestSlice));
  const slice = !canSplit(shape) || wanted < 2 ? k : 4 * Math.ceil(k / wanted / 4);
  const slices = Math.max(1, Math.ceil(k / slice));
  const kernel = kernelOf(variant, shape, slice);
  const params = { ...kernel.params, slices };
  const product = { ...kernel, params, grid: [grid[0], grid[1], products * slices] as const };
  return { slices, product, sum: slices > 1 ? sumParts(slices, m * n) : undefined };
}

/** Rows and columns of a workgroup. */
function tileOf(variant: MatmulVariant): readonly [rows: number, columns: number] {
  if (variant.form === 'subgroup' || variant.form === 'lines') return [4 * variant.lanes, variant.channels];
  if (variant.form === 'tile') return [variant.lanes * variant.rows, variant.columns];
  const { height, width } = stagedTile(variant);
  return [height, width];
}

function kernelOf(variant: MatmulVariant, shape: MatmulShape, slice: number): Omit<Launch, 'grid'> {
  if (variant.form === 'subgroup') return subgroupProduct(variant.lanes, shape, slice);
  if (variant.form === 'lines') return linesProduct(variant, shape, slice);
  return variant.form === 'tile' ? tiledProduct(variant, shape, slice) : stagedProduct(variant, shape, slice);
}

/** Whether every row that is loaded, and every block of one, is a whole number of vec4f. */
function hasWholeVectors({ m, n, k, transposeA, start }: MatmulShape): boolean {
  const lengths = [n, k, transposeA ? m : 0, start?.a ?? 0, start?.b ?? 0, start?.c ?? 0];
  return lengths.every((length) => length % 4 === 0);
}

/** Whether the rows of B and of C, and the blocks of either, are whole numbers of vec4f, and B is not transposed. */
function hasWholeLines({ n, transposeB, start }: MatmulShape): boolean {
  return !transposeB && [n, start?.b ?? 0, start?.c ?? 0].every((length) => length % 4 === 0);
}

function linesProduct(
  { lanes, channels }: LinesVariant,
  shape: MatmulShape,
  slice: number,
): Omit<Launch, 'grid'> {
  const { m, n, k, bias = false, accumulate = false } = shape;
  const { a_row, a_column, a_start, b_start, c_start, a_block, b_block } = scalarParams(shape, slice);
  return {
    shader: linesShader,
    entry: 'matmul',
    constants: { LANES: lanes, WIDE: channels > 4 * lanes, ACCUMULATE: accumulate },
    params: {
      m,
      n: n / 4,
      k,
      a_row,
      a_column,
      slice,
      a_start,
      b_start: b_start / 4,
      c_start: c_start / 4,
      a_block,
      b_block: b_block / 4,
      has_bias: Number(bias),
      four: 4,
    },
  };
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
      a_block: (m * k) / 4,
      b_block: (k * n) / 4,
      has_bias: Number(bias),
      four: 4,
    },
  };
}

/** Tiles of scalars, for any sizes. */
function tiledProduct(tile: TileVariant, shape: MatmulShape, slice: number): Omit<Launch, 'grid'> {
  const { bias = false, accumulate = false } = shape;
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
    params: scalarParams(shape, slice),
  };
}

function stagedProduct(tile: StagedVariant, shape: MatmulShape, slice: number): Omit<Launch, 'grid'> {
  const { transposeA, transposeB, bias = false, accumulate = false } = shape;
  const form = { TRANSPOSE_A: transposeA, TRANSPOSE_B: transposeB, BIAS: bias, ACCUMULATE: accumulate };
  return {
    shader: stagedShader,
    entry: 'matmul',
    constants: { ...stagedTile(tile).constants, ...form },
    params: scalarParams(shape, slice),
  };
}

/** Sizes and strides of the kernels for any sizes. */
function scalarParams(shape: MatmulShape, slice: number) {
  const { m, n, k, transposeA, transposeB, start = { a: 0, b: 0, c: 0 } } = shape;
  return {
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
    a_block: m * k,
    b_block: k * n,
  };
}
