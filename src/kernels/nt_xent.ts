import shader from '#shaders/nt_xent.wgsl';
import type { Launch } from '../gpu/launch.ts';

/** 2N views of d elements. */
export interface NtXentShape {
  readonly rows: number;
  readonly columns: number;
  readonly temperature: number;
}

/** A block of the 2N×2N matrix, on or above its diagonal. */
export interface Block {
  readonly rowStart: number;
  readonly columnStart: number;
  readonly rows: number;
  readonly columns: number;
}

/**
 * Side of the blocks: a block and the per-row state together stay within 4·2N·(d+4) bytes, the memory that a second
 * copy of the views would take. A multiple of 64, matmul's tile, where that is not the whole matrix.
 */
export function blockSide({ rows, columns }: NtXentShape): number {
  const side = Math.floor(Math.sqrt(rows * Math.max(columns - 1, 1)));
  return side >= rows ? rows : Math.max(8, side >= 64 ? side - (side % 64) : side);
}

/** The upper triangle of the 2N×2N matrix, block by block. */
export function upperBlocks(shape: NtXentShape): Block[] {
  const side = blockSide(shape);
  const blocks: Block[] = [];
  for (let rowStart = 0; rowStart < shape.rows; rowStart += side) {
    for (let columnStart = rowStart; columnStart < shape.rows; columnStart += side) {
      const rows = Math.min(side, shape.rows - rowStart);
      blocks.push({ rowStart, columnStart, rows, columns: Math.min(side, shape.rows - columnStart) });
    }
  }
  return blocks;
}

const whole: Block = { rowStart: 0, columnStart: 0, rows: 0, columns: 0 };

function launch(
  entry: string,
  shape: NtXentShape,
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
  return { shader, entry, params, grid };
}

const perRow = (rows: number): Launch['grid'] => [Math.ceil(rows / 8), 1, 1];

export const clearState = (shape: NtXentShape): Launch => launch('clear_state', shape, perRow(shape.rows));
export const absorbBlock = (shape: NtXentShape, block: Block, transposed: boolean): Launch =>
  launch('absorb_block', shape, perRow(transposed ? block.columns : block.rows), block, transposed);
export const ntXentMeans = (shape: NtXentShape): Launch => launch('means', shape, [1, 1, 1]);
export const coefficients = (shape: NtXentShape, block: Block): Launch =>
  launch('coefficients', shape, [Math.ceil(block.columns / 8), block.rows, 1], block);
export const projectGradient = (shape: NtXentShape): Launch => launch('project', shape, perRow(shape.rows));
