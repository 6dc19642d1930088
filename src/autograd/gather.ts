import type { Run } from './op.ts';
import type { Ranks } from './ranks.ts';
import { type Shape, Tensor } from './tensor.ts';

/**
 * Records that every rank gets the tensors of all: [ranks, ...shape], in the order of ranks; not differentiable.
 * @param what it is, for who waits for it in vain
 */
export function gather(run: Run, { link }: Ranks, what: string, own: Tensor): Tensor {
  const all = run.temporary(what, [link.size, ...own.shape], own.dtype);
  run.host([own, all], async (gpu) => {
    const [bytes] = await gpu.read([own.storage]);
    gpu.write(all.storage, await link.gather(what, new Uint8Array(bytes!)));
  });
  return all;
}

/** A tensor in another shape of as many elements. */
export const reshaped = (tensor: Tensor, shape: Shape): Tensor =>
  new Tensor({ shape, dtype: tensor.dtype }, tensor.storage);
