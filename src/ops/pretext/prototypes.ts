import { apply, currentTape, type Op } from '../../autograd/tape.ts';
import { requireShapes, type Tensor } from '../../autograd/tensor.ts';
import { scale } from '../../kernels/elementwise.ts';
import { normaliseRows, thawGradient } from '../../kernels/pretext/prototypes.ts';
import { requireAttributes, whole } from '../attributes.ts';

/** For how long a tensor is frozen. */
export interface FrozenAttributes {
  /** The first steps of a run, in which no gradient reaches it. */
  readonly steps: number;
}

/** y = x; dx = dy from step `steps` on, and 0 before. The step is the second number of the counter. */
export const frozenForOp: Op<FrozenAttributes, undefined> = {
  name: 'frozen_for',
  integers: [1],
  infer(inputs, attributes) {
    requireAttributes('frozen_for', attributes, { steps: whole(0) });
    const [x, counter] = inputs;
    requireShapes('frozen_for', inputs, counter!.shape.join() === '2', 'x, and a counter u32 [2]');
    return [{ shape: x!.shape, dtype: 'f32' }];
  },
  forward(run, [x], [y]) {
    run.dispatch(scale(x!.size, 1), { x: x!, y: y! });
    return undefined;
  },
  backward(run, { inputs: [, counter], attributes: { steps } }, [dy], [dx]) {
    if (dx) run.dispatch(thawGradient(dy!.size, steps), { counter: counter!, upstream: dy!, gradient: dx });
  },
  // Numbers are copied; what is left is the rounding of the twin's differences.
  tolerance: 1e-6,
};

/**
 * x, which no gradient reaches in the first steps of a run.
 * @param counter u32 [2]: seed and step
 * @throws RangeError where `steps` is no whole number of at least 0
 */
export function frozenFor(x: Tensor, counter: Tensor, steps: number): Tensor {
  return apply(frozenForOp, [x, counter], { steps });
}

/** Records that each row of x [N, D] is brought to length one, in place; a row of zeros stays. */
export function normaliseInPlace(x: Tensor): void {
  const [rows, columns] = x.shape as [number, number];
  currentTape().dispatch(normaliseRows(rows, columns), { prototypes: x });
}
