import { currentTape } from '../../autograd/tape.ts';
import type { Tensor } from '../../autograd/tensor.ts';
import {
  drawRows,
  enqueueRows,
  type MemoryShape,
  recallRows,
  rememberRows,
} from '../../kernels/pretext/memory.ts';

// Memories of rows of length one, f32. Not differentiable: what they hold is a constant to a loss. A row that is not
// finite, or of zeros, leaves what the memory held.

/**
 * Records that a batch's rows [B, D] replace the oldest rows of a queue [K, D]: those of step t go to t·B, t·B + 1, …,
 * round its end. Of a batch larger than the queue each place keeps one of its rows.
 * @param counter u32 [2]: seed and step
 * @throws RangeError where the batch is larger than the queue
 */
export function enqueue(queue: Tensor, rows: Tensor, counter: Tensor): void {
  const [total, columns] = queue.shape as [number, number];
  const count = rows.shape[0]!;
  if (count > total) throw new RangeError(`a queue of ${total} rows cannot take ${count} at once`);
  const shape = { count, columns, first: 0, rows: total, total, momentum: 0 };
  currentTape().dispatch(enqueueRows(shape), { counter, x: rows, memory: queue });
}

/** A bank with a row for each image, in parts of so many rows [R, D], since an adapter binds only so much at once. */
export interface Bank {
  /** The parts, in the order of the images. */
  readonly parts: readonly Tensor[];
  /** Rows of each part but the last, which may have fewer. */
  readonly rowsOfPart: number;
  /** Rows of all parts. */
  readonly total: number;
  /** Elements of a row. */
  readonly columns: number;
}

function eachPart({ parts, rowsOfPart, total, columns }: Bank, count: number, momentum: number) {
  return parts.map((part, p): { part: Tensor; shape: MemoryShape } => ({
    part,
    shape: { count, columns, first: p * rowsOfPart, rows: part.shape[0]!, total, momentum },
  }));
}

/** Records the rows of these images: [N, D]. @param images u32 [N], each below the bank's rows */
export function recall(bank: Bank, images: Tensor): Tensor {
  const tape = currentTape();
  const rows = tape.temporary('rows of the bank', [images.size, bank.columns]);
  for (const { part, shape } of eachPart(bank, images.size, 0))
    tape.dispatch(recallRows(shape), { bank: part, images, rows });
  return rows;
}

/**
 * Records that the rows of these images move towards rows [N, D]: m ← (momentum·m + (1 − momentum)·x̂), brought to length
 * one. No image may come twice.
 */
export function remember(bank: Bank, images: Tensor, rows: Tensor, momentum: number): void {
  for (const { part, shape } of eachPart(bank, images.size, momentum))
    currentTape().dispatch(rememberRows(shape), { x: rows, memory: part, images });
}

/** Records which rows a step compares with, by chance: u32 [count]. @param counter u32 [2]: seed and step */
export function drawImages(bank: Bank, count: number, counter: Tensor): Tensor {
  const tape = currentTape();
  const drawn = tape.temporary('drawn rows', [count], 'u32');
  const { total, columns } = bank;
  const shape = { count, columns, first: 0, rows: total, total, momentum: 0 };
  tape.dispatch(drawRows(shape), { counter, drawn });
  return drawn;
}
