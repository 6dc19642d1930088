import { apply, type Op } from '../autograd/tape.ts';
import { floatType, requireShapes, type Tensor } from '../autograd/tensor.ts';
import {
  type SubsamplePadShape,
  subsamplePadGradient,
  subsamplePad as subsamplePadKernel,
} from '../kernels/subsample_pad.ts';
import { requireAttributes, whole } from './attributes.ts';
import { subsampledSide } from './window.ts';

/** Which pixels stay, and the zeros around their channels. */
export interface SubsamplePadAttributes {
  /** Pixels from one that is kept to the next, along rows and columns. */
  readonly stride: number;
  /** Channels of zeros before those of x. */
  readonly before: number;
  /** Channels of zeros behind those of x. */
  readonly after: number;
}

/** y[n, h, w, c] = x[n, stride·h, stride·w, c − before], 0 for channels that x does not have. */
export const subsamplePadOp: Op<SubsamplePadAttributes, undefined> = {
  name: 'subsample_pad',
  activations: [0],
  infer([x], attributes) {
    const channels = whole(0);
    requireAttributes('subsample_pad', attributes, { stride: whole(1), before: channels, after: channels });
    requireShapes('subsample_pad', [x!], x!.shape.length === 4, 'images [N, H, W, C]');
    const { batch, outHeight, outWidth, outChannels } = describe(x!, attributes);
    return [{ shape: [batch, outHeight, outWidth, outChannels], dtype: x!.dtype }];
  },
  forward(run, [x], [y], attributes) {
    run.dispatch(subsamplePadKernel(describe(x!, attributes)), { x: x!, y: y! });
    return undefined;
  },
  backward(run, { inputs: [x], attributes }, [dy], [dx]) {
    if (dx) run.dispatch(subsamplePadGradient(describe(x!, attributes)), { dy: dy!, dx });
  },
  // Nothing is rounded.
  tolerance: 1e-6,
};

function describe(x: Tensor, { stride, before, after }: SubsamplePadAttributes): SubsamplePadShape {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  return {
    batch,
    height,
    width,
    channels,
    outHeight: subsampledSide(height, stride),
    outWidth: subsampledSide(width, stride),
    outChannels: before + channels + after,
    stride,
    before,
    stored: floatType(x),
  };
}

/**
 * Keeps every `stride`-th row and column of images [N, H, W, C] and puts channels of zeros around theirs: the shortcut
 * without parameters of He et al. 2015 (arXiv 1512.03385, option A), to [N, ⌈H/stride⌉, ⌈W/stride⌉, before + C + after].
 * @throws ShapeError where x is no batch of images; RangeError where the attributes are no sizes
 */
export function subsamplePad(x: Tensor, attributes: SubsamplePadAttributes): Tensor {
  return apply(subsamplePadOp, [x], attributes);
}
