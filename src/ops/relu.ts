import { apply, type Op } from '../autograd/tape.ts';
import { floatType, type Tensor } from '../autograd/tensor.ts';
import { reluGradient, relu as reluKernel } from '../kernels/elementwise.ts';

/** y = max(x, 0); dx = dy where y > 0. */
export const reluOp: Op<null, undefined> = {
  name: 'relu',
  activations: [0],
  infer: ([x]) => [{ shape: x!.shape, dtype: x!.dtype }],
  forward(run, [x], [y]) {
    run.dispatch(reluKernel(x!.size, floatType(x!)), { x: x!, y: y! });
    return undefined;
  },
  backward(run, { inputs: [x], outputs: [y] }, [dy], [dx]) {
    if (dx) run.dispatch(reluGradient(x!.size, floatType(x!)), { x: dy!, other: y!, y: dx });
  },
  // Nothing is rounded.
  tolerance: 1e-6,
};

/** max(x, 0), element by element. */
export function relu(x: Tensor): Tensor {
  return apply(reluOp, [x], null);
}
