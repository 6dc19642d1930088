import { apply, type Op } from '../autograd/tape.ts';
import { requireShapes, type Tensor } from '../autograd/tensor.ts';
import { l2NormalizeGradient, l2Normalize as l2NormalizeKernel } from '../kernels/l2_normalize.ts';

/** z = x/‖x‖ by rows; dx = (dz − (z·dz)·z)/‖x‖. */
export const l2NormalizeOp: Op<null, Tensor> = {
  name: 'l2_normalize',
  infer([x]) {
    requireShapes('l2_normalize', [x!], x!.shape.length === 2, 'rows [N, D]');
    return [{ shape: x!.shape, dtype: 'f32' }];
  },
  forward(run, [x], [z]) {
    const [rows, columns] = x!.shape as [number, number];
    const inverseNorm = run.temporary('inverse norms', [rows]);
    run.dispatch(l2NormalizeKernel(rows, columns), { x: x!, z: z!, new_inverse_norm: inverseNorm });
    return inverseNorm;
  },
  backward(run, { inputs: [x], saved }, [dz], [dx]) {
    const [rows, columns] = x!.shape as [number, number];
    if (dx) run.dispatch(l2NormalizeGradient(rows, columns), { x: x!, dz: dz!, inverse_norm: saved, dx });
  },
  // Two sums of D products and an inverse square root of 2 ulp.
  tolerance: 1e-5,
};

/**
 * Scales each row of x [N, D] to length one; a row of zeros stays zero, with a zero gradient.
 * @throws ShapeError where x is no matrix
 */
export function l2Normalize(x: Tensor): Tensor {
  return apply(l2NormalizeOp, [x], null);
}
