import { apply, type Op } from '../../autograd/tape.ts';
import { floatType, requireShapes, type Tensor } from '../../autograd/tensor.ts';
import {
  type UpsampleShape,
  upsampleGradient,
  upsample as upsampleKernel,
} from '../../kernels/generative/upsample.ts';
import { flag, requireAttributes, whole } from '../attributes.ts';

/** How images are enlarged. */
export interface UpsampleAttributes {
  /** Pixels behind, along a side, for one before. */
  readonly factor: number;
  /** Whether pixels between two centres are mixed of both; otherwise each is repeated. */
  readonly bilinear: boolean;
}

/** y[n, i, j, c] = x[n, ⌊i/F⌋, ⌊j/F⌋, c], or bilinear at ((i + ½)/F − ½, (j + ½)/F − ½). */
export const upsampleOp: Op<UpsampleAttributes, undefined> = {
  name: 'upsample',
  activations: [0],
  infer([x], attributes) {
    requireAttributes('upsample', attributes, { factor: whole(1), bilinear: flag });
    requireShapes('upsample', [x!], x!.shape.length === 4, 'images [N, H, W, C]');
    const { images, height, width, channels, factor } = describe(x!, attributes);
    return [{ shape: [images, height * factor, width * factor, channels], dtype: x!.dtype }];
  },
  forward(run, [x], [y], attributes) {
    run.dispatch(upsampleKernel(describe(x!, attributes)), { x: x!, y: y! });
    return undefined;
  },
  backward(run, { inputs: [x], attributes }, [dy], [dx]) {
    if (dx) run.dispatch(upsampleGradient(describe(x!, attributes)), { dy: dy!, dx });
  },
  // Shares are exact to a rounding; the gradient sums (3·F)² products.
  tolerance: 2e-6,
};

function describe(x: Tensor, attributes: UpsampleAttributes): UpsampleShape {
  const [images, height, width, channels] = x.shape as [number, number, number, number];
  return { images, height, width, channels, stored: floatType(x), ...attributes };
}

/**
 * Enlarges images [N, H, W, C] to [N, F·H, F·W, C]: each pixel F·F times, or with `bilinear` between the centres of
 * pixels, as PyTorch's `interpolate` with `align_corners=False`.
 * @param options the factor F, a whole number; `bilinear` is false by default
 * @throws ShapeError where x is no batch of images; RangeError for a factor that is none
 */
export function upsample(
  x: Tensor,
  { factor, bilinear = false }: Pick<UpsampleAttributes, 'factor'> & Partial<UpsampleAttributes>,
): Tensor {
  return apply(upsampleOp, [x], { factor, bilinear });
}
