import { apply, type Op } from '../../src/autograd/tape.ts';
import type { Tensor } from '../../src/autograd/tensor.ts';
import { fill, scale } from '../../src/kernels/elementwise.ts';

/**
 * The start of a backward pass as a test wants it: a 'loss' whose gradient is whatever a tensor holds when the program
 * runs. Its own value is 0 and means nothing.
 */
const upstreamOp: Op<{ readonly gradient: Tensor }, undefined> = {
  name: 'upstream',
  infer: () => [{ shape: [1], dtype: 'f32' }],
  forward(run, _inputs, [loss]) {
    run.dispatch(fill(1, 0), { y: loss! });
    return undefined;
  },
  backward(run, { attributes: { gradient } }, _gradients, [dx]) {
    if (dx) run.dispatch(scale(gradient.size, 1), { x: gradient, y: dx });
  },
  tolerance: 0,
};

/** A loss for `backward` that gives x the gradient `gradient`, of as many elements: Σ x·gradient has that gradient. */
export function upstream(x: Tensor, gradient: Tensor): Tensor {
  return apply(upstreamOp, [x], { gradient });
}
