import { platform } from '#platform';
import type { Ranks } from '../autograd/ranks.ts';
import { named, sentence, UserError } from '../errors.ts';
import type { Files } from '../platform/platform.ts';
import type { JobContext } from './reporter.ts';
import { type RankSettings, rankSettings } from './settings/jobs.ts';
import { givenOf, resolveSettings } from './settings/resolve.ts';

/**
 * Has a process of its own on each of the GPUs that are wanted.
 * @returns the exit code of those that were started; undefined where this process does the work
 * @throws UserError where there are fewer GPUs, or they cannot be taken
 */
export async function takeDevices({ devices }: RankSettings): Promise<number | undefined> {
  if (devices === undefined) return undefined;
  const count = Number(devices);
  if (devices !== 'all' && !(Number.isSafeInteger(count) && count >= 1))
    throw new UserError(sentence`${named('devices')} is "${devices}": say how many, or all`);
  return platform.takeDevices?.(devices === 'all' ? 'all' : count);
}

/**
 * The processes that MPI started together with this one; undefined where it was started alone.
 * @throws UserError where MPI is not installed, or sees another number of processes than were started
 */
export async function openRanks(given: RankSettings): Promise<Ranks | undefined> {
  const { bn, wire, patience } = resolveSettings(rankSettings, givenOf(rankSettings, given));
  const link = await platform.ranks?.(patience);
  return link && { link, norm: bn, wire };
}

/** What a rank's job works with: only rank 0 writes. */
export const contextOfRank = (context: JobContext, ranks: Ranks): JobContext => ({
  ...context,
  ranks,
  ...(ranks.link.rank > 0 && { files: withoutWriting(context.files) }),
});

/** Files that are read as they are, and stay as they are. */
const withoutWriting = (files: Files): Files => ({
  ...files,
  writeAtomic: async () => {},
  append: async () => {},
  writeFolder: async () => {},
  makeFolder: async () => {},
  lock: async () => ({ takenFrom: undefined, release: async () => {} }),
});
