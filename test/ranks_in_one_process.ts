import type { RankLine } from '../src/platform/platform.ts';

/** Ranks in one process: each exchange waits until all have come. */
export function ranksInOneProcess(size: number): RankLine[] {
  let waiting: { readonly bytes: Uint8Array; readonly resolve: (all: Uint8Array[]) => void }[] = [];
  const meet = (rank: number, bytes: Uint8Array) =>
    new Promise<Uint8Array[]>((resolve) => {
      waiting[rank] = { bytes: bytes.slice(), resolve };
      if (waiting.filter(Boolean).length < size) return;
      const all = waiting;
      waiting = [];
      for (const each of all) each.resolve(all.map((one) => one.bytes));
    });
  const joined = (parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts)).slice();
  return Array.from({ length: size }, (_, rank) => ({
    size,
    gather: async (_what: string, own: Uint8Array) => joined(await meet(rank, own)),
    exchange: async (_what: string, parts: Uint8Array) => {
      const length = parts.length / size;
      const all = await meet(rank, parts);
      return joined(all.map((each) => each.subarray(rank * length, (rank + 1) * length)));
    },
  }));
}
