import type { RankLink } from '../../platform/platform.ts';

/** A text of every rank, in their order. @param what it is, for whoever waits for the others in vain */
export async function gatherTexts(link: RankLink, what: string, own: string): Promise<string[]> {
  const bytes = new TextEncoder().encode(own);
  const length = Uint8Array.from(new Uint8Array(Uint32Array.of(bytes.length).buffer));
  const lengths = await link.gather(what, length);
  const counts = Array.from(new Uint32Array(lengths.buffer as ArrayBuffer));
  const longest = Math.max(...counts);
  const filled = new Uint8Array(longest);
  filled.set(bytes);
  const all = await link.gather(what, filled);
  return counts.map((count, rank) =>
    new TextDecoder().decode(all.subarray(rank * longest, rank * longest + count)),
  );
}

/**
 * What rank 0 makes, on all ranks; made here in a process alone. It must be what JSON can say.
 * @param what it is, for whoever waits for the others in vain
 */
export async function fromFirst<T>(
  link: RankLink | undefined,
  what: string,
  make: () => Promise<T>,
): Promise<T> {
  if (!link) return make();
  const own = link.rank === 0 ? await make() : null;
  const [first] = await gatherTexts(link, what, JSON.stringify(own));
  return link.rank === 0 ? (own as T) : JSON.parse(first!);
}

/** Whether something holds on any rank. */
export async function onAnyRank(link: RankLink | undefined, holds: boolean): Promise<boolean> {
  if (!link) return holds;
  const all = await link.gather('the next step', Uint8Array.of(holds ? 1 : 0));
  return all.some((flag) => flag === 1);
}
