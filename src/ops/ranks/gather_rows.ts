import { apply, currentTape, type Op } from '../../autograd/tape.ts';
import { requireShapes, type Tensor } from '../../autograd/tensor.ts';
import { ownRows } from '../../kernels/ranks.ts';

/** How rows of all ranks become one batch's. */
export interface GatherAttributes {
  /** Views of an image: a rank's rows are those of all its images' first views, then of all second ones. */
  readonly views: number;
}

/**
 * All ranks' rows [views·ranks·B, D] from each rank's [views·B, D], in the order of one process with the whole batch. What
 * follows is computed on every rank alike, so that a rank's rows have their whole gradient there: no sum over ranks.
 */
export const gatherRowsOp: Op<GatherAttributes, undefined> = {
  name: 'gather_rows',
  infer(inputs, { views }) {
    const [x] = inputs;
    const fits = x!.shape.length === 2 && x!.shape[0]! % views === 0;
    requireShapes('gather_rows', inputs, fits, `rows [${views}·B, D]`);
    const { size } = currentTape().ranks!.link;
    return [{ shape: [size * x!.shape[0]!, x!.shape[1]!], dtype: 'f32' }];
  },
  forward(run, [x], [y], { views }) {
    const { link } = run.ranks!;
    const block = (4 * x!.size) / views;
    run.host([x!, y!], async (gpu) => {
      const [own] = await gpu.read([x!.storage]);
      const gathered = await link.gather('projections', new Uint8Array(own!));
      gpu.write(y!.storage, viewsFirst(gathered, { views, block, ranks: link.size }));
    });
    return undefined;
  },
  backward(run, { inputs: [x], attributes: { views } }, [dy], [dx]) {
    if (!dx) return;
    const { rank, size: ranks } = run.ranks!.link;
    const [rows, columns] = x!.shape as [number, number];
    run.dispatch(ownRows({ views, rows: rows / views, columns, rank, ranks }), { x: dy!, y: dx });
  },
  // Copies.
  tolerance: 0,
};

/** Rows that lie rank by rank, brought to lie view by view. @param block bytes of a view of one rank */
function viewsFirst(
  gathered: Uint8Array,
  { views, block, ranks }: { readonly views: number; readonly block: number; readonly ranks: number },
): Uint8Array {
  const ordered = new Uint8Array(gathered.length);
  for (let rank = 0; rank < ranks; rank++)
    for (let view = 0; view < views; view++) {
      const from = (rank * views + view) * block;
      ordered.set(gathered.subarray(from, from + block), (view * ranks + rank) * block);
    }
  return ordered;
}

/**
 * Records the rows of all ranks' images, [views·ranks·B, D] of each rank's [views·B, D]: the rows themselves in a process
 * that has its batches for itself.
 */
export function gatherRows(rows: Tensor, views: number): Tensor {
  return currentTape().ranks ? apply(gatherRowsOp, [rows], { views }) : rows;
}
