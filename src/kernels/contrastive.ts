import shader from '#shaders/contrastive.wgsl';
import type { Launch } from '../gpu/launch.ts';

/** R rows of d elements. */
export interface ContrastiveShape {
  /** R: views, or rows with labels. */
  readonly rows: number;
  /** d: elements of a row. */
  readonly columns: number;
  /** τ, which the cosine similarities are divided by; above 0. */
  readonly temperature: number;
  /** Row i's only positive is the row R/2 further on, round the end: NT-Xent. Otherwise positives share a label. */
  readonly paired: boolean;
  /** Positives are in no denominator: DCL, of pairs alone. */
  readonly decoupled: boolean;
}

/** A block of the R×R matrix, on or above its diagonal. */
export interface Block {
  /** First row of the block in the whole matrix. */
  readonly rowStart: number;
  /** First column of the block in the whole matrix. */
  readonly columnStart: number;
  /** Rows of the block. */
  readonly rows: number;
  /** Columns of the block. */
  readonly columns: number;
}

type Size = Pick<ContrastiveShape, 'rows' | 'columns'>;

/** Numbers that the streamed loss keeps of each row. */
export const stateRows = 6;

/** Numbers by which the buffers of all of these may be longer, since each begins at a multiple of 256 bytes. */
const roundedUp = 5 * 64;

/**
 * Side of the blocks: a block, the rows' norms and their state together stay within 4·R·(d+4) bytes, the memory that a
 * second copy of the rows would take, or are of 8 rows. A multiple of 64, matmul's tile, or at least of 8, where that is not
 * the whole matrix.
 */
export function blockSide({ rows, columns }: Size): number {
  const numbers = rows * (columns + 4 - 1 - stateRows) - roundedUp;
  const side = Math.floor(Math.sqrt(Math.max(numbers, 64)));
  return side >= rows ? rows : side - (side % (side >= 64 ? 64 : 8));
}

/** The upper triangle of the R×R matrix, block by block. */
export function upperBlocks(size: Size): Block[] {
  const side = blockSide(size);
  const blocks: Block[] = [];
  for (let rowStart = 0; rowStart < size.rows; rowStart += side) {
    for (let columnStart = rowStart; columnStart < size.rows; columnStart += side) {
      const rows = Math.min(side, size.rows - rowStart);
      blocks.push({ rowStart, columnStart, rows, columns: Math.min(side, size.rows - columnStart) });
    }
  }
  return blocks;
}

const whole: Block = { rowStart: 0, columnStart: 0, rows: 0, columns: 0 };

function launch(
  entry: string,
  shape: ContrastiveShape,
  grid: Launch['grid'],
  block = whole,
  transposed = false,
): Launch {
  const params = {
    rows: shape.rows,
    columns: shape.columns,
    row_start: block.rowStart,
    column_start: block.columnStart,
    block_rows: block.rows,
    block_columns: block.columns,
    transposed: transposed ? 1 : 0,
    inverse_temperature: 1 / shape.temperature,
  };
  return { shader, entry, constants: { PAIRED: shape.paired, DECOUPLED: shape.decoupled }, params, grid };
}

const perRow = (rows: number): Launch['grid'] => [Math.ceil(rows / 8), 1, 1];

/** Empties the state [6][R] that the blocks fill. */
export const clearState = (shape: ContrastiveShape): Launch =>
  launch('clear_state', shape, perRow(shape.rows));
/** Takes a block of raw products into the state of its rows or, transposed, of its columns. */
export const absorbBlock = (shape: ContrastiveShape, block: Block, transposed: boolean): Launch =>
  launch('absorb_block', shape, perRow(transposed ? block.columns : block.rows), block, transposed);
/** The mean loss [1] and the metrics [2] from the state of all rows. */
export const contrastiveMeans = (shape: ContrastiveShape): Launch => launch('means', shape, [1, 1, 1]);
/** Turns a block of raw products, in place, into the factors that the other rows have in each row's gradient. */
export const coefficients = (shape: ContrastiveShape, block: Block): Launch =>
  launch('coefficients', shape, [Math.ceil(block.columns / (4 * 8)), Math.ceil(block.rows / 32), 1], block);
/** Takes each row's gradient through the row's normalisation, in place: dx = G − (x·G)·x/‖x‖². */
export const projectGradient = (shape: ContrastiveShape): Launch =>
  launch('project', shape, perRow(shape.rows));
