import { apply, type Op } from '../../autograd/tape.ts';
import { requireShapes, type Tensor } from '../../autograd/tensor.ts';
import { scale } from '../../kernels/elementwise.ts';
import { requireAttributes, whole } from '../attributes.ts';

/** y [N, K·D] has K neighbouring rows of x [N·K, D] side by side: the same numbers in the same order, both ways. */
export const sideBySideOp: Op<{ readonly count: number }, undefined> = {
  name: 'side_by_side',
  infer([x], attributes) {
    requireAttributes('side_by_side', attributes, { count: whole(1) });
    const { count } = attributes;
    const [rows, columns] = x!.shape;
    const fits = x!.shape.length === 2 && rows! % count === 0;
    requireShapes('side_by_side', [x!], fits, `rows [N·${count}, D]`);
    return [{ shape: [rows! / count, count * columns!], dtype: 'f32' }];
  },
  forward(run, [x], [y]) {
    run.dispatch(scale(x!.size, 1), { x: x!, y: y! });
    return undefined;
  },
  backward(run, _applied, [dy], [dx]) {
    if (dx) run.dispatch(scale(dy!.size, 1), { x: dy!, y: dx });
  },
  // Numbers are copied; what is left is the rounding of the twin's differences.
  tolerance: 1e-6,
};

/** Lays each `count` neighbouring rows of x [N·count, D] side by side: [N, count·D]. @throws ShapeError where x is none */
export function sideBySide(x: Tensor, count: number): Tensor {
  return apply(sideBySideOp, [x], { count });
}
