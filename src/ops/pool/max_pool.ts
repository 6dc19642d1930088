import { apply, currentTape, type Op } from '../../autograd/tape.ts';
import { requireShapes, type Tensor } from '../../autograd/tensor.ts';
import { maxPoolGradient, maxPool as maxPoolKernel, maxWindows, type PoolShape } from '../../kernels/pool.ts';
import { requireAttributes, whole, wholeWithin } from '../attributes.ts';
import { poolShape, type Window, windowsAlong } from '../window.ts';

/** Maximum over K×K windows; the gradient goes to the window's first largest element, as PyTorch's does. */
export const maxPoolOp: Op<Window, Tensor> = {
  name: 'max_pool',
  activations: [0],
  infer([x], attributes) {
    const { kernel, pad } = attributes;
    // A window of padding alone would have no maximum.
    const half = wholeWithin(0, Math.floor(kernel / 2), 'half the kernel');
    requireAttributes('max_pool', attributes, { kernel: whole(1), stride: whole(1), pad: half });
    const fits =
      x!.shape.length === 4 && x!.shape[1]! + 2 * pad >= kernel && x!.shape[2]! + 2 * pad >= kernel;
    requireShapes(
      'max_pool',
      [x!],
      fits,
      `images [N, H, W, C] that hold a ${kernel}×${kernel} window padded by ${pad}`,
    );
    const { batch, outHeight, outWidth, channels } = describe(x!, attributes);
    return [{ shape: [batch, outHeight, outWidth, channels], dtype: x!.dtype }];
  },
  forward(run, [x], [y], attributes) {
    const winner = run.temporary('max_pool winners', y!.shape);
    run.dispatch(maxPoolKernel(describe(x!, attributes)), { x: x!, y: y!, new_winner: winner });
    return winner;
  },
  backward(run, { inputs: [x], attributes, saved }, [dy], [dx]) {
    if (dx) run.dispatch(maxPoolGradient(describe(x!, attributes)), { dy: dy!, winner: saved, dx });
  },
  // Selects and adds at most ⌈K/stride⌉² values.
  tolerance: 1e-6,
};

function describe(x: Tensor, window: Window): PoolShape {
  const [, height, width] = x.shape as [number, number, number, number];
  return poolShape(x, window, windowsAlong(height, window), windowsAlong(width, window));
}

/** Max-pools images [N, H, W, C] to [N, OH, OW, C]. @throws ShapeError where a window does not fit; RangeError where it is none */
export function maxPool(x: Tensor, attributes: Window): Tensor {
  const tape = currentTape();
  if (tape.gradients) return apply(maxPoolOp, [x], attributes);
  // Nobody will ask where the maxima were.
  const [spec] = maxPoolOp.infer([x], attributes);
  const y = tape.temporary('max_pool', spec!.shape, spec!.dtype);
  tape.dispatch(maxWindows(describe(x, attributes)), { x, y });
  return y;
}
