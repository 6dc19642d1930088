import { apply, type Op } from '../../autograd/tape.ts';
import { requireShapes, type Tensor } from '../../autograd/tensor.ts';
import { averageWindows, averageWindowsGradient, type PoolShape } from '../../kernels/pool.ts';
import { requireAttributes, whole } from '../attributes.ts';
import { poolShape, subsampledSide } from '../window.ts';

/** Windows that lie side by side. */
export interface DisjointWindows {
  /** Side of a window, and pixels from one to the next. */
  readonly kernel: number;
}

/** The mean over disjoint K×K windows; of those that stick out at the end, over the pixels that lie in the image. */
export const averagePool2dOp: Op<DisjointWindows, undefined> = {
  name: 'average_pool_2d',
  activations: [0],
  infer([x], attributes) {
    requireAttributes('average_pool_2d', attributes, { kernel: whole(1) });
    requireShapes('average_pool_2d', [x!], x!.shape.length === 4, 'images [N, H, W, C]');
    const { batch, outHeight, outWidth, channels } = describe(x!, attributes);
    return [{ shape: [batch, outHeight, outWidth, channels], dtype: x!.dtype }];
  },
  forward(run, [x], [y], attributes) {
    run.dispatch(averageWindows(describe(x!, attributes)), { x: x!, y: y! });
    return undefined;
  },
  backward(run, { inputs: [x], attributes }, [dy], [dx]) {
    if (dx) run.dispatch(averageWindowsGradient(describe(x!, attributes)), { dy: dy!, dx });
  },
  // A mean of K² values.
  tolerance: 1e-6,
};

function describe(x: Tensor, { kernel }: DisjointWindows): PoolShape {
  const [, height, width] = x.shape as [number, number, number, number];
  const window = { kernel, stride: kernel, pad: 0 };
  return poolShape(x, window, subsampledSide(height, kernel), subsampledSide(width, kernel));
}

/**
 * Averages images [N, H, W, C] over disjoint K×K windows to [N, ⌈H/K⌉, ⌈W/K⌉, C]: PyTorch's
 * `avg_pool2d(x, K, K, ceil_mode=True, count_include_pad=False)`.
 * @throws ShapeError where x is no batch of images; RangeError where K is no side
 */
export function averagePool2d(x: Tensor, attributes: DisjointWindows): Tensor {
  return apply(averagePool2dOp, [x], attributes);
}
