import { apply, type Op } from '../autograd/tape.ts';
import { floatType, type Tensor } from '../autograd/tensor.ts';
import { scale as scaleKernel } from '../kernels/elementwise.ts';
import { finite, requireAttributes } from './attributes.ts';

/** y = factor · x; dx = factor · dy. */
export const scaleOp: Op<{ readonly factor: number }, undefined> = {
  name: 'scale',
  activations: [0],
  infer(inputs, attributes) {
    requireAttributes('scale', attributes, { factor: finite });
    const [x] = inputs;
    return [{ shape: x!.shape, dtype: x!.dtype }];
  },
  forward(run, [x], [y], { factor }) {
    run.dispatch(scaleKernel(x!.size, factor, floatType(x!)), { x: x!, y: y! });
    return undefined;
  },
  backward(run, { attributes: { factor } }, [dy], [dx]) {
    if (dx) run.dispatch(scaleKernel(dy!.size, factor, floatType(dy!)), { x: dy!, y: dx });
  },
  // One rounding.
  tolerance: 1e-6,
};

/** factor · x: weighs the terms of a loss. @throws RangeError where the factor is not finite */
export function scale(x: Tensor, factor: number): Tensor {
  return apply(scaleOp, [x], { factor });
}
