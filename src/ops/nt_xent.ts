import { currentTape, type Op, type Run } from '../autograd/tape.ts';
import { expectShapes, type Tensor } from '../autograd/tensor.ts';
import { inverseNorms } from '../kernels/l2_normalize.ts';
import { matmul } from '../kernels/matmul.ts';
import {
  absorbBlock,
  type Block,
  blockSide,
  clearState,
  coefficients,
  type NtXentShape,
  ntXentMeans,
  projectGradient,
  upperBlocks,
} from '../kernels/nt_xent.ts';
import type { LossWithMetrics } from './softmax_cross_entropy.ts';

export interface NtXentAttributes {
  readonly temperature: number;
}

/**
 * NT-Xent (Chen et al. 2020, arXiv 2002.05709) over 2N views, streamed: one block of similarities at a time, in the
 * memory of O(N·d). Outputs the mean loss, and metrics [contrastive top-1, mean cosine similarity of positives].
 */
export const ntXentOp: Op<NtXentAttributes, { inverseNorm: Tensor; state: Tensor }> = {
  name: 'nt_xent',
  infer([views], { temperature }) {
    const fits = views!.shape.length === 2 && views!.shape[0]! % 2 === 0 && temperature > 0;
    expectShapes(
      'nt_xent',
      [views!],
      fits,
      'views [2N, D], row i and row i + N of one image, and a temperature above 0',
    );
    return [
      { shape: [1], dtype: 'f32' },
      { shape: [2], dtype: 'f32' },
    ];
  },
  forward(run, [views], [loss, metrics], attributes) {
    const shape = describe(views!, attributes);
    const inverseNorm = run.temporary('inverse norms', [shape.rows]);
    const state = run.temporary('nt_xent state', [4, shape.rows]);
    const products = run.temporary('nt_xent block', [blockSide(shape), blockSide(shape)]);
    run.dispatch(inverseNorms(shape.rows, shape.columns), { x: views!, new_inverse_norm: inverseNorm });
    run.dispatch(clearState(shape), { state });
    for (const block of upperBlocks(shape)) {
      multiplyViews(run, shape, block, views!, products);
      const tensors = { inverse_norm: inverseNorm, products, state };
      run.dispatch(absorbBlock(shape, block, false), tensors);
      if (block.columnStart !== block.rowStart) run.dispatch(absorbBlock(shape, block, true), tensors);
    }
    run.dispatch(ntXentMeans(shape), { state, loss: loss!, metrics: metrics! });
    return { inverseNorm, state };
  },
  backward(run, { inputs: [views], attributes, saved }, [dLoss], [dViews]) {
    if (!dViews || !dLoss) return;
    const shape = describe(views!, attributes);
    const inverse_norm = saved.inverseNorm;
    const products = run.temporary('nt_xent coefficients', [blockSide(shape), blockSide(shape)]);
    for (const block of upperBlocks(shape)) {
      multiplyViews(run, shape, block, views!, products);
      run.dispatch(coefficients(shape, block), {
        inverse_norm,
        tile: products,
        saved: saved.state,
        loss_gradient: dLoss,
      });
      addRows(run, shape, block, products, views!, dViews, false);
      if (block.columnStart !== block.rowStart) addRows(run, shape, block, products, views!, dViews, true);
    }
    run.dispatch(projectGradient(shape), { inverse_norm, x: views!, gradient: dViews });
  },
  // Exponents up to 2/τ, in f32: e^x is allowed 3 + 2·|x| ulp.
  tolerance: 2e-5,
};

function describe(views: Tensor, { temperature }: NtXentAttributes): NtXentShape {
  const [rows, columns] = views.shape as [number, number];
  return { rows, columns, temperature };
}

/** products = x_rows · x_columnsᵀ of a block. */
function multiplyViews(
  run: Run,
  { columns: k }: NtXentShape,
  block: Block,
  views: Tensor,
  products: Tensor,
): void {
  const start = { a: block.rowStart * k, b: block.columnStart * k, c: 0 };
  const shape = { m: block.rows, n: block.columns, k, transposeA: false, transposeB: true, start };
  run.dispatch(matmul(run.capabilities, shape).product, { a: views, b: views, bias: views, c: products });
}

/** G_rows (+)= c · x_columns, or by symmetry G_columns (+)= cᵀ · x_rows; a row's first block overwrites. */
function addRows(
  run: Run,
  shape: NtXentShape,
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
  const product = matmul(run.capabilities, {
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

/**
 * NT-Xent over views [2N, D]: rows 0 … N−1 are the first views of N images, rows N … 2N−1 their second views, not
 * normalised. Metrics [2]: share of anchors whose positive is nearest of all, mean cosine similarity of positives.
 * Chance is log(2N−1), which is also the value of a collapse to one point.
 * @throws ShapeError where the rows are no pairs or the temperature is not above 0
 */
export function ntXent(views: Tensor, options: NtXentAttributes): LossWithMetrics {
  const [loss, metrics] = currentTape().apply(ntXentOp, [views], options);
  return { loss: loss!, metrics: metrics! };
}
