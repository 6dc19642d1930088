import { RunError, sentence } from '../../errors.ts';
import { fnv1a } from '../../formats/fnv1a.ts';
import type { StoredTensor } from '../../formats/safetensors.ts';
import type { RankLine, RankLink } from '../../platform/platform.ts';
import { gatherTexts } from './texts.ts';

/**
 * Whether something is the same on all ranks, as a process alone is with itself.
 * @param what it is, for whoever waits for the others in vain
 */
export async function isSame(link: RankLink | undefined, what: string, own: string): Promise<boolean> {
  const texts = link ? await gatherTexts(link, what, own) : [];
  return texts.every((text) => text === own);
}

/**
 * Holds what all ranks train, bit by bit, against what rank 0 has; nothing in a process alone. Ranks take the same
 * gradients and make the same steps, so that among adapters of one kind a difference is a fault of a machine, a driver or
 * this program.
 * @param trained by name
 * @throws RunError on all ranks, naming the first that differs, and in which tensor
 */
export async function requireSameWeights(
  link: RankLine | undefined,
  trained: ReadonlyMap<string, StoredTensor>,
): Promise<void> {
  if (!link) return;
  const own = Uint32Array.from(trained.values(), ({ data: { buffer, byteOffset, byteLength } }) =>
    fnv1a(new Uint32Array(buffer, byteOffset, byteLength / 4)),
  );
  const gathered = await link.gather('checksums of the weights', new Uint8Array(own.buffer));
  const all = new Uint32Array(gathered.buffer as ArrayBuffer);
  const [...names] = trained.keys();
  const place = all.findIndex((sum, i) => sum !== all[i % names.length]);
  if (place < 0) return;
  const rank = Math.floor(place / names.length);
  throw new RunError(
    sentence`rank ${rank} no longer has the weights of rank 0 ('${names[place % names.length]!}' differs): its machine or its driver computes wrongly; the latest checkpoint is from before`,
  );
}
