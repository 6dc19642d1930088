import { apply, type Op } from '../autograd/tape.ts';
import { floatType, requireShapes, type Tensor } from '../autograd/tensor.ts';
import { conv2dForward, conv2dInputGradient } from '../kernels/conv2d/conv2d.ts';
import type { Conv2dShape } from '../kernels/conv2d/shape.ts';
import { conv2dWeightGradient } from '../kernels/conv2d/weight_gradient.ts';
import { trainsOverTiles, turnedShape } from '../kernels/winograd.ts';
import { requireAttributes, whole } from './attributes.ts';
import { windowsAlong } from './window.ts';
import { winogradForward, winogradInputGradient, winogradWeightGradient } from './winograd.ts';

/** How windows lie on the images: pixels from one to the next, and zeros around each image. */
export interface Conv2dAttributes {
  /** Pixels from one window to the next. */
  readonly stride: number;
  /** Zeros on each side of the image. */
  readonly pad: number;
}

/** y = x ∗ w over N×H×W×Cin images and weights [KH, KW, Cin, Cout], KH = KW, without a bias. */
export const conv2dOp: Op<Conv2dAttributes, undefined> = {
  name: 'conv2d',
  activations: [0],
  accumulates: [0],
  infer(inputs, attributes) {
    requireAttributes('conv2d', attributes, { stride: whole(1), pad: whole(0) });
    const { pad } = attributes;
    const [x, weight] = inputs;
    const [, height, width, channels] = x!.shape;
    const [kh, kw, cin] = weight!.shape;
    const padded = channels === 4 && cin === 3 && !x!.requiresGrad;
    const fits =
      x!.shape.length === 4 && weight!.shape.length === 4 && kh === kw && (cin === channels || padded);
    const covers = fits && height! + 2 * pad >= kh! && width! + 2 * pad >= kh!;
    requireShapes(
      'conv2d',
      inputs,
      covers,
      'images [N, H, W, C] and weights [K, K, C, Cout] no larger than the padded image',
    );
    const shape = describe(x!, weight!, attributes);
    return [{ shape: [shape.batch, shape.outHeight, shape.outWidth, shape.outChannels], dtype: x!.dtype }];
  },
  forward(run, [x, weight], [y], attributes) {
    const shape = describe(x!, weight!, attributes);
    if (trainsOverTiles(run.capabilities, shape)) {
      winogradForward(run, shape, x!, weight!, y!);
      return undefined;
    }
    run.dispatch(conv2dForward(run, shape), {
      x: x!,
      weight: weight!,
      y: y!,
      // Nothing follows the sum; the kernel does not read these, which need some buffer to be valid.
      bias: weight!,
      residual: x!,
    });
    return undefined;
  },
  backward(run, { inputs: [x, weight], attributes }, [dy], [dx, dw], [adds]) {
    const shape = describe(x!, weight!, attributes);
    if (dx && trainsOverTiles(run.capabilities, turnedShape(shape))) {
      winogradInputGradient(run, shape, { dy: dy!, weight: weight!, dx }, adds ?? false);
    } else if (dx) {
      const launch = conv2dInputGradient(run, shape, adds);
      // A kernel that takes the gradient for another convolution calls its operands x and y.
      run.dispatch(launch, {
        ...{ dy: dy!, weight: weight!, dx, x: dy!, y: dx },
        ...{ bias: weight!, residual: dy! },
      });
    }
    if (dw && trainsOverTiles(run.capabilities, shape)) {
      winogradWeightGradient(run, shape, { x: x!, dy: dy!, dw });
    } else if (dw) {
      const { slices, product, sum } = conv2dWeightGradient(run, shape);
      const parts = sum ? run.temporary('partial weight gradients', [slices, ...weight!.shape]) : dw;
      run.dispatch(product, { x: x!, dy: dy!, partial: parts });
      if (sum) run.dispatch(sum, { partial: parts, total: dw });
    }
  },
  // Sums of up to 9·Cin (or all pixels') products in f32.
  tolerance: 1e-5,
};

/** The sizes of a convolution of x [N, H, W, C] by weights [K, K, C, Cout], as kernels take them. */
export function describe(x: Tensor, weight: Tensor, { stride, pad }: Conv2dAttributes): Conv2dShape {
  const [batch, height, width, pitch] = x.shape as [number, number, number, number];
  const [kernel, , channels, outChannels] = weight.shape as [number, number, number, number];
  const window = { kernel, stride, pad };
  return {
    batch,
    height,
    width,
    channels,
    pitch,
    outHeight: windowsAlong(height, window),
    outWidth: windowsAlong(width, window),
    outChannels,
    ...window,
    stored: floatType(x),
  };
}

/**
 * Convolves images x [N, H, W, C] with weight [K, K, C, Cout] to [N, OH, OW, Cout], OH = ⌊(H + 2·pad − K)/stride⌋ + 1.
 * Images may have a fourth channel that weights of three leave out: pixels of 16 bytes load at once.
 * @throws ShapeError where the shapes do not fit; RangeError for a stride or pad that is none
 */
export function conv2d(x: Tensor, weight: Tensor, options: Partial<Conv2dAttributes> = {}): Tensor {
  const { stride = 1, pad = 0, ...others } = options;
  return apply(conv2dOp, [x, weight], { stride, pad, ...others });
}
