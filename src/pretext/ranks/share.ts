import type { Ranks } from '../../autograd/ranks.ts';
import { named, sentence, UserError } from '../../errors.ts';
import type { PretextMethod } from '../method.ts';
import type { Precision } from '../precision.ts';

/**
 * How many images of each batch a rank takes: all of them in a process alone.
 * @throws UserError where they are no equal shares
 */
export function shareOf(batch: number, ranks: Pick<Ranks, 'link'> | undefined): number {
  const size = ranks?.link.size ?? 1;
  if (batch % size === 0 && (size === 1 || batch > size)) return batch / size;
  const lower = Math.floor(batch / size) * size;
  const better = lower > size ? `${lower} or ${lower + size}` : `${2 * size}`;
  throw new UserError(
    sentence`a batch of ${batch} images makes no equal shares of two and more for ${size} ranks: take a ${named('batch')} of ${better}, or another number of ranks`,
  );
}

/**
 * @throws UserError where the batch makes no equal shares for the ranks, or the method cannot be trained by them as they
 *   are
 */
export function requireRanks(
  { name }: Pick<PretextMethod, 'name'>,
  batch: number,
  {
    ranks,
    precision = 'f32',
  }: { readonly ranks: Ranks | undefined; readonly precision?: Precision | undefined },
): void {
  shareOf(batch, ranks);
  if (ranks?.norm !== 'local') return;
  // Ranks would differ in whether a step overflows, which statistics tell too, and so in whether they take it.
  if (precision === 'f16')
    throw new UserError(
      sentence`${named('bn', 'local')} goes with ${named('precision', 'f32')} alone: leave one of ${named('bn')} and ${named('precision')} out`,
    );
  // The keys of a rank's own images would be told by statistics that queries share.
  if (name === 'moco')
    throw new UserError(
      sentence`${named('pretext', name)} would have to shuffle its keys among ranks for ${named('bn', 'local')}, which it does not: leave ${named('bn')} out`,
    );
}

/** A rank's images of a batch: the batch is the same for any number of ranks. */
export function ownShare(
  images: ArrayLike<number>,
  ranks: Pick<Ranks, 'link'> | undefined,
): ArrayLike<number> {
  if (!ranks) return images;
  const { rank, size } = ranks.link;
  const share = images.length / size;
  return Array.from(images).slice(rank * share, (rank + 1) * share);
}
