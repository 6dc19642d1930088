import { gather, reshaped } from '../../autograd/gather.ts';
import { apply, currentTape, type Op } from '../../autograd/tape.ts';
import type { Tensor } from '../../autograd/tensor.ts';
import { scale } from '../../kernels/elementwise.ts';

/** y = the mean of x over ranks, summed in their order; dx = dy/ranks, each rank's share. */
export const rankMeanOp: Op<null, undefined> = {
  name: 'rank_mean',
  infer: ([x]) => [{ shape: x!.shape, dtype: 'f32' }],
  forward(run, [x], [y]) {
    const { link } = run.ranks!;
    run.host([x!, y!], async (gpu) => {
      const [own] = await gpu.read([x!.storage]);
      const all = new Float32Array((await link.gather('loss', new Uint8Array(own!))).buffer as ArrayBuffer);
      const mean = new Float32Array(x!.size);
      for (let i = 0; i < mean.length; i++) {
        let sum = 0;
        for (let rank = 0; rank < link.size; rank++) sum += all[rank * mean.length + i]!;
        mean[i] = sum / link.size;
      }
      gpu.write(y!.storage, mean);
    });
    return undefined;
  },
  backward(run, _applied, [dy], [dx]) {
    if (dx) run.dispatch(scale(dy!.size, 1 / run.ranks!.link.size), { x: dy!, y: dx });
  },
  // One rounding.
  tolerance: 1e-6,
};

/** Records the mean over all ranks, all of which have as many images; the tensor itself in a process alone. */
export function rankMean(x: Tensor): Tensor {
  return currentTape().ranks ? apply(rankMeanOp, [x], null) : x;
}

/**
 * Records what all ranks have of something that has a row, or a number, for each image: [ranks·B, …] of [B, …], in the
 * order of one process with the whole batch; not differentiable. In a process alone it is the tensor itself.
 */
export function ofAllRanks(x: Tensor): Tensor {
  const tape = currentTape();
  const { ranks } = tape;
  if (!ranks) return x;
  const [rows, ...others] = x.shape as [number, ...number[]];
  return reshaped(gather(tape, ranks, 'rows of the memory', x), [ranks.link.size * rows, ...others]);
}
