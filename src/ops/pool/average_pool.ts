import { apply, type Op } from '../../autograd/tape.ts';
import { requireShapes, type Tensor } from '../../autograd/tensor.ts';
import { averagePoolGradient, averagePool as averagePoolKernel, type PoolShape } from '../../kernels/pool.ts';
import { poolShape } from '../window.ts';

/** y[n, c] = mean of x[n, ·, ·, c] */
export const averagePoolOp: Op<null, undefined> = {
  name: 'average_pool',
  activations: [0],
  infer([x]) {
    requireShapes('average_pool', [x!], x!.shape.length === 4, 'images [N, H, W, C]');
    return [{ shape: [x!.shape[0]!, x!.shape[3]!], dtype: 'f32' }];
  },
  forward(run, [x], [y]) {
    run.dispatch(averagePoolKernel(describe(x!)), { x: x!, mean: y! });
    return undefined;
  },
  backward(run, { inputs: [x] }, [dy], [dx]) {
    if (dx) run.dispatch(averagePoolGradient(describe(x!)), { mean_gradient: dy!, dx });
  },
  // A mean of H·W values.
  tolerance: 1e-6,
};

/** One window a channel, whose size the kernels do not ask for. */
const describe = (x: Tensor): PoolShape => poolShape(x, { kernel: 1, stride: 1, pad: 0 }, 1, 1);

/** Global average: images [N, H, W, C] to features [N, C] f32. @throws ShapeError where x is no batch of images */
export function averagePool(x: Tensor): Tensor {
  return apply(averagePoolOp, [x], null);
}
