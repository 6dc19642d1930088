/** The commands between which a planned storage holds a value that is still needed, both inclusive. */
export interface Lifetime {
  /** Bytes that the value takes. */
  readonly bytes: number;
  /** Number of the first command that touches the value. */
  readonly first: number;
  /** Number of the last command that touches the value. */
  readonly last: number;
}

/** Sizes of the shared buffers, and for each lifetime the buffer that holds it. */
export interface MemoryPlan {
  /** Bytes of each shared buffer. */
  readonly buffers: readonly number[];
  /** For each lifetime the number of its buffer. */
  readonly assignment: readonly number[];
}

/**
 * Shares buffers between values whose lifetimes do not meet: greedy by size, as 'Efficient Memory Management for Deep
 * Neural Net Inference' (arXiv 2001.03288) calls it. The largest value opens a buffer; each next one joins the
 * smallest buffer that is free during its lifetime. Values share whole buffers, not ranges of one arena, because
 * WebGPU refuses a dispatch that reads one range of a buffer and writes another.
 */
export function planMemory(lifetimes: readonly Lifetime[]): MemoryPlan {
  const bySize = lifetimes.map((lifetime, index) => ({ lifetime, index }));
  bySize.sort((a, b) => b.lifetime.bytes - a.lifetime.bytes || a.index - b.index);
  const buffers: { bytes: number; tenants: Lifetime[] }[] = [];
  const assignment = new Array<number>(lifetimes.length).fill(-1);
  for (const { lifetime, index } of bySize) {
    let chosen = buffers.findLastIndex((buffer) => buffer.tenants.every((tenant) => !meet(tenant, lifetime)));
    if (chosen < 0) chosen = buffers.push({ bytes: lifetime.bytes, tenants: [] }) - 1;
    buffers[chosen]!.tenants.push(lifetime);
    assignment[index] = chosen;
  }
  return { buffers: buffers.map((buffer) => buffer.bytes), assignment };
}

const meet = (a: Lifetime, b: Lifetime): boolean => a.first <= b.last && b.first <= a.last;
