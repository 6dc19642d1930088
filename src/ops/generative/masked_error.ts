import { apply, type Op } from '../../autograd/tape.ts';
import { requireShapes, stopGradient, type Tensor } from '../../autograd/tensor.ts';
import {
  errorGradient,
  type MaskedErrorShape,
  meanError,
  rowErrors,
} from '../../kernels/generative/masked_error.ts';
import { flag, requireAttributes, whole } from '../attributes.ts';
import type { PatchMask } from './mask.ts';

/** Which errors, of which rows. */
export interface MaskedErrorAttributes {
  /** Rows of an image that do not count: those with a rank below. */
  readonly visible: number;
  /** Whether differences are taken by their size and not squared. */
  readonly absolute: boolean;
}

/** The mean of (p − t)², or of |p − t|, over the rows that are hidden; targets are constants. */
export const maskedErrorOp: Op<MaskedErrorAttributes, undefined> = {
  name: 'masked_error',
  integers: [2],
  infer(inputs, attributes) {
    requireAttributes('masked_error', attributes, { visible: whole(0), absolute: flag });
    const { visible } = attributes;
    const [predictions, targets, ranks] = inputs;
    const { shape } = predictions!;
    const [images, patches, columns] = targets!.shape;
    const fits =
      shape.length === 3 &&
      targets!.shape.length === 3 &&
      shape[0] === images &&
      shape[1]! >= patches! &&
      shape[2] === columns &&
      (ranks ? ranks.shape.join() === [images, patches].join() : visible === 0) &&
      visible < patches!;
    requireShapes(
      'masked_error',
      inputs,
      fits,
      `predictions [N, L + P, D], targets [N, P, D] and ranks [N, P] of more than ${visible} patches`,
    );
    return [{ shape: [1], dtype: 'f32' }];
  },
  forward(run, inputs, [loss], attributes) {
    const [predictions, targets, ranks] = inputs;
    const shape = describe(inputs, attributes);
    const errors = run.temporary('errors by row', [shape.images * shape.patches]);
    run.dispatch(rowErrors(shape), {
      // Where all rows count the kernel does not read their ranks, which need some buffer to be valid.
      ...{ predictions: predictions!, targets: targets!, ranks: ranks ?? targets!, new_errors: errors },
    });
    run.dispatch(meanError(shape), { errors, loss: loss! });
    return undefined;
  },
  backward(run, { inputs, attributes }, [dLoss], [dPredictions]) {
    const [predictions, targets, ranks] = inputs;
    if (!dPredictions || !dLoss) return;
    run.dispatch(errorGradient(describe(inputs, attributes)), {
      ...{ predictions: predictions!, targets: targets!, ranks: ranks ?? targets! },
      ...{ loss_gradient: dLoss, gradient: dPredictions },
    });
  },
  // A sum of N·P·D terms of one sign, in rows and lanes.
  tolerance: 5e-6,
};

function describe(
  [predictions, targets]: readonly Tensor[],
  attributes: MaskedErrorAttributes,
): MaskedErrorShape {
  const [images, patches, columns] = targets!.shape as [number, number, number];
  return { images, patches, leading: predictions!.shape[1]! - patches, columns, ...attributes };
}

/**
 * How far predictions [N, P, D] lie from targets (of [N, L + P, D] the last P of each image): the mean squared difference, or with `absolute` the mean of its size, of
 * the patches that a mask hides; of all of them without one. Targets are constants.
 * @throws ShapeError where the shapes do not fit
 */
export function maskedError(
  predictions: Tensor,
  targets: Tensor,
  { mask, absolute = false }: { readonly mask?: PatchMask | undefined; readonly absolute?: boolean } = {},
): Tensor {
  const inputs = [predictions, stopGradient(targets), ...(mask ? [mask.ranks] : [])];
  return apply(maskedErrorOp, inputs, { visible: mask?.visible ?? 0, absolute });
}
