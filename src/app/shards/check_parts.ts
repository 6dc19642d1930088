import { mapAtOnce } from '../../data/map_at_once.ts';
import type { Files } from '../../platform/platform.ts';
import type { JobContext } from '../reporter.ts';
import { resolveSettings } from '../settings/resolve.ts';
import { type MissingShardsSettings, missingShardsSettings } from '../settings/shards.ts';
import { type Manifest, partFile, readManifest } from './manifest.ts';
import { ownerOf, type PartProblem, problemOfPart } from './part_file.ts';
import { numberRanges } from './shard_number.ts';

/** A shard that has to be computed, and why. */
export interface UnfitShard {
  /** Its number. */
  readonly number: number;
  /** What its file is, in words that follow `shard 3 is`. */
  readonly problem: PartProblem;
}

/** What is there of a job. */
export interface JobState {
  /** Shards of the job. */
  readonly shards: number;
  /** Those that have to be computed, ascending. */
  readonly missing: readonly UnfitShard[];
  /** Their numbers, as arrays of jobs take them: `3,17-18`. */
  readonly ranges: string;
}

/** Files that are looked at together. */
const looksAtOnce = 16;

/**
 * Looks which shards of a job are not there yet, by the length and the header of each file; `mergeShards` checks every byte.
 * @throws UserError for a folder that is no job
 */
export async function missingShards(
  given: MissingShardsSettings,
  { files }: Pick<JobContext, 'files'>,
): Promise<JobState> {
  const { job } = resolveSettings(missingShardsSettings, given);
  const manifest = await readManifest(files, job);
  const missing = await unfitShards(files, job, manifest);
  return {
    shards: manifest.shards.length,
    missing,
    ranges: numberRanges(missing.map(({ number }) => number)),
  };
}

/** The shards that have to be computed yet. */
export async function unfitShards(files: Files, job: string, manifest: Manifest): Promise<UnfitShard[]> {
  const { shards } = manifest;
  const problems = await mapAtOnce(shards, looksAtOnce, async (shard) =>
    problemOfPart(files, files.join(job, partFile(shard)), await ownerOf(manifest, shard)),
  );
  return shards.flatMap(({ number }, i) => {
    const problem = problems[i];
    return problem === undefined ? [] : [{ number, problem }];
  });
}

/** `shard 3 is missing, shards 5-7 are of another checkpoint` */
export function describeUnfit(unfit: readonly UnfitShard[]): string {
  const kinds = [...new Set(unfit.map(({ problem }) => problem))];
  return kinds
    .map((kind) => {
      const numbers = unfit.filter(({ problem }) => problem === kind).map(({ number }) => number);
      const [are, shards] = numbers.length === 1 ? ['is', 'shard'] : ['are', 'shards'];
      return `${shards} ${numberRanges(numbers)} ${are} ${kind}`;
    })
    .join(', ');
}
