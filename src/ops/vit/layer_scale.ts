import { apply, type Op } from '../../autograd/tape.ts';
import { requireShapes, type Tensor } from '../../autograd/tensor.ts';
import { accumulate, scale } from '../../kernels/elementwise.ts';
import { sumParts } from '../../kernels/reduce.ts';
import { branchGradient, factorSums, scaledSum } from '../../kernels/vit/layer_scale.ts';

/** y = x + γ·f: dx = dy, df = γ·dy, dγ = Σ rows of dy·f. */
export const layerScaleOp: Op<null, undefined> = {
  name: 'layer_scale',
  accumulates: [0],
  infer(inputs) {
    const [x, branch, gamma] = inputs;
    const fits = x!.shape.join() === branch!.shape.join() && gamma!.shape.join() === `${x!.shape.at(-1)}`;
    requireShapes('layer_scale', inputs, fits, 'x and a branch [..., C] of one shape, and γ [C]');
    return [{ shape: x!.shape, dtype: 'f32' }];
  },
  forward(run, [x, branch, gamma], [y]) {
    run.dispatch(scaledSum(rowsOf(x!)), { x: x!, branch: branch!, gamma: gamma!, y: y! });
    return undefined;
  },
  backward(run, { inputs: [x, branch, gamma] }, [dy], [dx, dBranch, dGamma], [adds]) {
    const rows = rowsOf(x!);
    // A copy where nothing is added: a gradient may be added to in place later.
    if (dx) run.dispatch(adds ? accumulate(dx.size) : scale(dx.size, 1), { x: dy!, y: dx });
    if (dBranch) run.dispatch(branchGradient(rows), { dy: dy!, gamma: gamma!, dbranch: dBranch });
    if (!dGamma) return;
    const { blocks, partial } = factorSums(rows);
    const parts = run.temporary('partial γ gradients', [blocks, rows.channels]);
    run.dispatch(partial, { dy: dy!, branch: branch!, gamma_parts: parts });
    run.dispatch(sumParts(blocks, rows.channels), { partial: parts, total: dGamma });
  },
  // A product and a sum forward; backward a sum over the rows.
  tolerance: 2e-6,
};

function rowsOf(x: Tensor) {
  const channels = x.shape.at(-1)!;
  return { rows: x.size / channels, channels };
}

/**
 * x + γ·branch, with a factor γ [C] for each channel: how a vision transformer's block adds to what runs through it
 * (Touvron et al. 2021, arXiv 2103.17239).
 * @throws ShapeError where the shapes do not fit
 */
export function layerScale(x: Tensor, branch: Tensor, gamma: Tensor): Tensor {
  return apply(layerScaleOp, [x, branch, gamma], null);
}
