import type { Gpu } from './device.ts';

/**
 * Submits commands that write timestamps, and waits for them. The adapter must have the feature `timestamp-query`.
 * @param count of timestamps, at most 4096
 * @param encode records the commands, with the set to write into
 * @returns nanoseconds, in the set's order
 */
export async function readTimestamps(
  gpu: Gpu,
  count: number,
  encode: (encoder: GPUCommandEncoder, querySet: GPUQuerySet) => void,
): Promise<BigUint64Array> {
  const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const querySet = gpu.device.createQuerySet({ type: 'timestamp', count });
  const resolved = gpu.createBuffer('timestamps', 8 * count, QUERY_RESOLVE | COPY_SRC);
  const staging = gpu.createBuffer('timestamp readback', 8 * count, COPY_DST | MAP_READ);
  try {
    const encoder = gpu.device.createCommandEncoder();
    encode(encoder, querySet);
    encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, 8 * count);
    gpu.device.queue.submit([encoder.finish()]);
    await gpu.wait(staging.mapAsync(GPUMapMode.READ));
    gpu.check();
    return new BigUint64Array(staging.getMappedRange().slice(0));
  } finally {
    for (const buffer of [resolved, staging]) gpu.destroyBuffer(buffer);
    querySet.destroy();
  }
}

/** Timestamps at a compute pass's begin and end, as numbers 2·i and 2·i + 1 of the set. */
export const aroundPass = (querySet: GPUQuerySet, i: number): GPUComputePassDescriptor => ({
  timestampWrites: { querySet, beginningOfPassWriteIndex: 2 * i, endOfPassWriteIndex: 2 * i + 1 },
});

/** Milliseconds of pass i. */
export const millisecondsOf = (timestamps: BigUint64Array, i: number): number =>
  Number(timestamps[2 * i + 1]! - timestamps[2 * i]!) / 1e6;
