import type { Engine } from '../autograd/engine.ts';
import type { Tensor } from '../autograd/tensor.ts';
import type { ProgramNeeds } from '../gpu/device.ts';

/**
 * The largest batch whose program the adapter allows, by its buffers, its grids of workgroups and, of a software adapter,
 * the machine's free memory: as many images as wanted, or fewer, one at least.
 * @param record records the program of so many images; the tensors that it takes need no memory
 * @param more bytes of another buffer that so many images need, such as that of their pixels
 */
export function batchWithin(
  engine: Engine,
  wanted: number,
  record: (batch: number) => Readonly<Record<string, Tensor>>,
  { training = true, more = () => 0 }: { training?: boolean; more?: (batch: number) => number } = {},
): number {
  let batch = wanted;
  while (batch > 1) {
    const { buffers, workgroups } = engine.planned(() => record(batch), { training });
    const needs: ProgramNeeds = { buffers: [...buffers, more(batch)], workgroups };
    const share = engine.gpu.shareAllowed(needs);
    if (share >= 1) break;
    // What a program needs grows with its images, or less: the next guess is seldom wrong.
    batch = Math.max(1, Math.min(batch - 1, Math.floor(share * batch)));
  }
  return batch;
}
