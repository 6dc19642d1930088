import { apply, type Op } from '../autograd/tape.ts';
import { floatType, requireShapes, type Tensor } from '../autograd/tensor.ts';
import { add as addKernel, scale } from '../kernels/elementwise.ts';

/** y = a + b; both gradients are dy. */
export const addOp: Op<null, undefined> = {
  name: 'add',
  activations: [0, 1],
  infer([a, b]) {
    requireShapes('add', [a!, b!], a!.shape.join() === b!.shape.join(), 'two tensors of one shape');
    return [{ shape: a!.shape, dtype: a!.dtype }];
  },
  forward(run, [a, b], [y]) {
    run.dispatch(addKernel(y!.size, floatType(y!)), { x: a!, other: b!, y: y! });
    return undefined;
  },
  backward(run, _applied, [dy], targets) {
    // Copies: a gradient may be added to in place later.
    const copy = scale(dy!.size, 1, floatType(dy!));
    for (const target of targets) if (target) run.dispatch(copy, { x: dy!, y: target });
  },
  // One rounding.
  tolerance: 1e-6,
};

/** a + b, element by element. @throws ShapeError where the shapes differ */
export function add(a: Tensor, b: Tensor): Tensor {
  return apply(addOp, [a, b], null);
}
