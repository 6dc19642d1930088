import type { Run } from '../autograd/tape.ts';
import type { Tensor } from '../autograd/tensor.ts';
import {
  absorbBlock,
  type Block,
  blockSide,
  type ContrastiveShape,
  clearState,
  coefficients,
  contrastiveMeans,
  projectGradient,
  stateRows,
  upperBlocks,
} from '../kernels/contrastive.ts';
import { inverseNorms } from '../kernels/l2_normalize.ts';
import { matmul } from '../kernels/matmul.ts';

// What NT-Xent and SupCon share: one block of similarities at a time, in the memory of O(R·d).

/** The rows of a contrastive loss: views [R, D], and u32 labels [R] or, for NT-Xent, none. */
export interface ContrastiveRows {
  /** f32 [R, D], not normalised. */
  readonly views: Tensor;
  /** u32 [R]; undefined for NT-Xent. */
  readonly labels: Tensor | undefined;
  /** τ, which the cosine similarities are divided by; above 0. */
  readonly temperature: number;
  /** Whether positives are left out of the denominators, as in DCL; of pairs alone. Default false. */
  readonly decoupled?: boolean;
}

/** What the backward pass of a contrastive loss takes from its forward pass: 1/‖x‖ [R] and the rows' state [6, R]. */
export interface ContrastiveSaved {
  /** 1/‖x‖, f32 [R]. */
  readonly inverseNorm: Tensor;
  /** What the kernels keep of each row, f32 [6, R]. */
  readonly state: Tensor;
}

/** Logits reach 1/τ and their differences 2/τ, in f32: e^x is allowed 3 + 2·|x| ulp. */
export const contrastiveTolerance = 2e-5;

/** Writes loss [1] and metrics [2]. */
export function contrastiveForward(
  run: Run,
  rows: ContrastiveRows,
  loss: Tensor,
  metrics: Tensor,
): ContrastiveSaved {
  const { views } = rows;
  const shape = describe(rows);
  const inverseNorm = run.temporary('inverse norms', [shape.rows]);
  const state = run.temporary('contrastive state', [stateRows, shape.rows]);
  const products = run.temporary('contrastive block', [blockSide(shape), blockSide(shape)]);
  const labels = boundLabels(rows, inverseNorm);
  run.dispatch(inverseNorms(shape.rows, shape.columns), { x: views, new_inverse_norm: inverseNorm });
  run.dispatch(clearState(shape), { state });
  for (const block of upperBlocks(shape)) {
    multiplyViews(run, shape, block, views, products);
    const tensors = { inverse_norm: inverseNorm, products, state, labels };
    run.dispatch(absorbBlock(shape, block, false), tensors);
    if (block.columnStart !== block.rowStart) run.dispatch(absorbBlock(shape, block, true), tensors);
  }
  run.dispatch(contrastiveMeans(shape), { state, loss, metrics });
  return { inverseNorm, state };
}

/** Writes the views' gradient. */
export function contrastiveBackward(
  run: Run,
  rows: ContrastiveRows,
  { inverseNorm, state }: ContrastiveSaved,
  dLoss: Tensor,
  dViews: Tensor,
): void {
  const { views } = rows;
  const shape = describe(rows);
  const products = run.temporary('contrastive coefficients', [blockSide(shape), blockSide(shape)]);
  for (const block of upperBlocks(shape)) {
    multiplyViews(run, shape, block, views, products);
    run.dispatch(coefficients(shape, block), {
      inverse_norm: inverseNorm,
      tile: products,
      saved: state,
      loss_gradient: dLoss,
      labels: boundLabels(rows, inverseNorm),
    });
    addRows(run, shape, block, products, views, dViews, false);
    if (block.columnStart !== block.rowStart) addRows(run, shape, block, products, views, dViews, true);
  }
  run.dispatch(projectGradient(shape), { inverse_norm: inverseNorm, x: views, gradient: dViews });
}

function describe({ views, labels, temperature, decoupled = false }: ContrastiveRows): ContrastiveShape {
  const [rows, columns] = views.shape as [number, number];
  return { rows, columns, temperature, paired: labels === undefined, decoupled };
}

/** A binding wants some buffer, also where the kernel does not read it. */
const boundLabels = ({ labels }: ContrastiveRows, unread: Tensor): Tensor => labels ?? unread;

/** products = x_rows · x_columnsᵀ of a block. */
function multiplyViews(
  run: Run,
  { columns: k }: ContrastiveShape,
  block: Block,
  views: Tensor,
  products: Tensor,
): void {
  const start = { a: block.rowStart * k, b: block.columnStart * k, c: 0 };
  const shape = { m: block.rows, n: block.columns, k, transposeA: false, transposeB: true, start };
  run.dispatch(matmul(run, shape).product, { a: views, b: views, bias: views, c: products });
}

/** G_rows (+)= c · x_columns, or by symmetry G_columns (+)= cᵀ · x_rows; a row's first block overwrites. */
function addRows(
  run: Run,
  shape: ContrastiveShape,
  block: Block,
  c: Tensor,
  x: Tensor,
  gradient: Tensor,
  transposed: boolean,
) {
  const n = shape.columns;
  const [to, from] = transposed ? [block.columnStart, block.rowStart] : [block.rowStart, block.columnStart];
  const [m, k] = transposed ? [block.columns, block.rows] : [block.rows, block.columns];
  // Blocks come row by row: the first to touch rows `to` is the transposed one of block row 0, or block (0, 0) itself.
  const accumulate = !(block.rowStart === 0 && (transposed || block.columnStart === 0));
  const start = { a: 0, b: from * n, c: to * n };
  const product = matmul(run, {
    m,
    n,
    k,
    transposeA: transposed,
    transposeB: false,
    accumulate,
    start,
  }).product;
  run.dispatch(product, { a: c, b: x, bias: x, c: gradient });
}
