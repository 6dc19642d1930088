import { apply, type Op } from '../../autograd/tape.ts';
import { floatType, requireShapes, type Tensor } from '../../autograd/tensor.ts';
import { conv2dForward, conv2dInputGradient } from '../../kernels/conv2d/conv2d.ts';
import type { Conv2dShape } from '../../kernels/conv2d/shape.ts';
import { conv2dWeightGradient } from '../../kernels/conv2d/weight_gradient.ts';
import { requireAttributes, whole } from '../attributes.ts';

/** The convolution whose step back this is: pixels between its windows, zeros around its images, and its images' side. */
export interface Conv2dTransposeAttributes {
  /** Pixels from one window to the next. */
  readonly stride: number;
  /** Zeros on each side of the larger image. */
  readonly pad: number;
  /**
   * Rows and columns at the end of the larger image that no further window would fit into: with a stride, images of
   * several sides have as many windows. Below the stride.
   */
  readonly outputPad: number;
}

/**
 * The convolution by the same weights [K, K, Cout, Cin] walked back: y is that convolution's gradient of its images
 * where its output's gradient is x. So forward is conv2d's input gradient, and the gradient of x conv2d itself.
 */
export const conv2dTransposeOp: Op<Conv2dTransposeAttributes, undefined> = {
  name: 'conv2d_transpose',
  activations: [0],
  infer(inputs, attributes) {
    requireAttributes('conv2d_transpose', attributes, {
      ...{ stride: whole(1), pad: whole(0), outputPad: whole(0) },
    });
    const [x, weight] = inputs;
    const [kh, kw, , cin] = weight!.shape;
    const fits = x!.shape.length === 4 && weight!.shape.length === 4 && kh === kw && cin === x!.shape[3];
    const shape = fits && attributes.outputPad < attributes.stride && describe(x!, weight!, attributes);
    requireShapes(
      'conv2d_transpose',
      inputs,
      shape && shape.height >= 1 && shape.width >= 1,
      'images [N, H, W, C], weights [K, K, Cout, C] larger than what the padding takes away, and an outputPad below the stride',
    );
    const { batch, height, width, channels } = shape as Conv2dShape;
    return [{ shape: [batch, height, width, channels], dtype: x!.dtype }];
  },
  forward(run, [x, weight], [y], attributes) {
    run.dispatch(conv2dInputGradient(run, describe(x!, weight!, attributes)), {
      ...{ dy: x!, weight: weight!, dx: y! },
      // A kernel that takes it for another convolution calls its operands x and y, and does not read the others.
      ...{ x: x!, y: y!, bias: weight!, residual: x! },
    });
    return undefined;
  },
  backward(run, { inputs: [x, weight], attributes }, [dy], [dx, dw]) {
    const shape = describe(x!, weight!, attributes);
    if (dx) {
      const unread = { bias: weight!, residual: dy! };
      run.dispatch(conv2dForward(run, shape), { x: dy!, weight: weight!, y: dx, ...unread });
    }
    if (dw) {
      const { slices, product, sum } = conv2dWeightGradient(run, shape);
      const parts = sum ? run.temporary('partial weight gradients', [slices, ...weight!.shape]) : dw;
      run.dispatch(product, { x: dy!, dy: x!, partial: parts });
      if (sum) run.dispatch(sum, { partial: parts, total: dw });
    }
  },
  // Sums of up to 9·C (or all pixels') products in f32.
  tolerance: 1e-5,
};

/** The convolution that is walked back: from y [N, H', W', Cout] to x. */
function describe(x: Tensor, weight: Tensor, attributes: Conv2dTransposeAttributes): Conv2dShape {
  const { stride, pad, outputPad } = attributes;
  const [batch, outHeight, outWidth, outChannels] = x.shape as [number, number, number, number];
  const [kernel, , channels] = weight.shape as [number, number, number, number];
  const side = (windows: number) => (windows - 1) * stride - 2 * pad + kernel + outputPad;
  return {
    ...{ batch, height: side(outHeight), width: side(outWidth), channels, pitch: channels },
    ...{ outHeight, outWidth, outChannels, kernel, stride, pad, stored: floatType(x) },
  };
}

/**
 * Transposed convolution of images x [N, H, W, C] by weight [K, K, Cout, C]: [N, H', W', Cout] with
 * H' = (H − 1)·stride − 2·pad + K + outputPad, as PyTorch's `ConvTranspose2d` and ONNX's `ConvTranspose` (whose weights
 * are [C, Cout, K, K]) define it; `outputPad` only adds rows and columns at the end, it is no padding by zeros: windows
 * reach into them.
 * @throws ShapeError where the shapes do not fit; RangeError for a stride or padding that is none
 */
export function conv2dTranspose(
  x: Tensor,
  weight: Tensor,
  options: Partial<Conv2dTransposeAttributes> = {},
): Tensor {
  const { stride = 1, pad = 0, outputPad = 0, ...others } = options;
  return apply(conv2dTransposeOp, [x, weight], { stride, pad, outputPad, ...others });
}
