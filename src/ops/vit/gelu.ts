import { apply, type Op } from '../../autograd/tape.ts';
import type { Tensor } from '../../autograd/tensor.ts';
import { geluGradient, gelu as geluKernel } from '../../kernels/vit/gelu.ts';

/** y = x·Φ(x); dx = dy·(Φ(x) + x·φ(x)), with the normal distribution Φ and its density φ. */
export const geluOp: Op<null, undefined> = {
  name: 'gelu',
  infer: ([x]) => [{ shape: x!.shape, dtype: 'f32' }],
  forward(run, [x], [y]) {
    run.dispatch(geluKernel(x!.size), { x: x!, y: y! });
    return undefined;
  },
  backward(run, { inputs: [x] }, [dy], [dx]) {
    if (dx) run.dispatch(geluGradient(x!.size), { x: x!, dy: dy!, dx });
  },
  // Φ is fitted to 2e-7, and an exponential of a few ulp.
  tolerance: 2e-6,
};

/**
 * x·Φ(x), element by element: the Gaussian error linear unit (arXiv 1606.08415) by the error function itself, as PyTorch's
 * default has it, not its approximation by tanh.
 */
export function gelu(x: Tensor): Tensor {
  return apply(geluOp, [x], null);
}
