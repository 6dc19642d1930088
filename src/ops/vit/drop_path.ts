import { apply, type Op } from '../../autograd/tape.ts';
import { requireShapes, type Tensor } from '../../autograd/tensor.ts';
import { dropPath as dropPathKernel } from '../../kernels/vit/drop_path.ts';
import { requireAttributes, shareBelowOne, wholeWithin } from '../attributes.ts';

/** Settings of a branch that chance leaves out. */
export interface DropPathAttributes {
  /** With which probability an image's is left out, from 0 to below 1. */
  readonly rate: number;
  /** Which branch of the network it is: each draws chances of its own. */
  readonly branch: number;
}

const mostBranches = 2 ** 20;

/** y = x/(1 − p), or 0 for images that chance leaves out; dx the same of dy. */
export const dropPathOp: Op<DropPathAttributes, undefined> = {
  name: 'drop_path',
  integers: [1],
  infer(inputs, attributes) {
    requireAttributes('drop_path', attributes, { rate: shareBelowOne, branch: wholeWithin(0, mostBranches) });
    const [x, counter] = inputs;
    const fits = x!.shape.length >= 2 && counter!.shape.join() === '2';
    requireShapes('drop_path', inputs, fits, 'x [images, ...] and a counter [2], seed and step');
    return [{ shape: x!.shape, dtype: 'f32' }];
  },
  forward(run, [x, counter], [y], attributes) {
    run.dispatch(dropPathKernel(pathOf(x!, attributes)), { counter: counter!, x: x!, y: y! });
    return undefined;
  },
  backward(run, { inputs: [x, counter], attributes }, [dy], [dx]) {
    if (dx) run.dispatch(dropPathKernel(pathOf(x!, attributes)), { counter: counter!, x: dy!, y: dx });
  },
  // One product.
  tolerance: 1e-6,
};

const pathOf = ({ shape, size }: Tensor, attributes: DropPathAttributes) => ({
  images: shape[0]!,
  size: size / shape[0]!,
  ...attributes,
});

/**
 * Stochastic depth (Huang et al. 2016, arXiv 1603.09382): leaves a branch x [images, ...] out of the sum of some images, and
 * weighs it 1/(1 − rate) in the others, so that its mean stays.
 * @param counter u32 [2]: seed and step, from which the chances follow
 * @throws ShapeError where the shapes do not fit; RangeError for a rate of 1 or more
 */
export function dropPath(x: Tensor, counter: Tensor, attributes: DropPathAttributes): Tensor {
  return apply(dropPathOp, [x, counter], attributes);
}
