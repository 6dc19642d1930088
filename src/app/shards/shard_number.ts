import { named, sentence, UserError } from '../../errors.ts';
import type { Manifest, Shard } from './manifest.ts';

/*
 * Which shard a process is to compute. Schedulers give each job of an array an index in a variable. That index is the
 * shard's number in the manifest, as it stands: nothing is computed from the array's first index, step or count, which
 * are other ones when only some of the jobs are submitted again (`--array=3,17,18` has a first of 3 and a count of 3).
 * An array that counts otherwise than from 0 in ones is told to the plan, which numbers its shards so.
 */

/** Variables with the index of a job in its array, and who sets them. */
const variables = {
  SLURM_ARRAY_TASK_ID: 'Slurm',
  JOB_COMPLETION_INDEX: 'Kubernetes',
  AWS_BATCH_JOB_ARRAY_INDEX: 'AWS Batch',
} as const;

/** The variables of a process, by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The shard that words or the environment name.
 * @param which `auto`, a shard's number, or `i/n`: the i-th of n, from 1
 * @throws UserError where none is named, or none of the manifest's
 */
export function findShard(
  { shards }: Pick<Manifest, 'shards'>,
  which: string,
  environment: Environment,
): Shard {
  if (which === 'auto') {
    const { name, value } = indexIn(environment);
    return byNumber(shards, value, name);
  }
  const parts = /^(\d{1,9})\/(\d{1,9})$/.exec(which);
  if (!parts) return byNumber(shards, which, undefined);
  const [place, count] = [Number(parts[1]), Number(parts[2])];
  if (count !== shards.length)
    throw new UserError(
      sentence`${named('shard', which)}: the job has ${shards.length} shards, not ${count}: give ${named('shard', `i/${shards.length}`)}`,
    );
  const shard = shards[place - 1];
  if (shard) return shard;
  throw new UserError(
    sentence`${named('shard', which)}: give a place from 1 to ${count}, as in ${named('shard', `1/${count}`)}`,
  );
}

function indexIn(environment: Environment): { name: string; value: string } {
  const set = Object.keys(variables).filter((name) => environment[name] !== undefined);
  const [name] = set;
  if (name === undefined)
    throw new UserError(
      sentence`${named('shard', 'auto')} finds none of ${Object.keys(variables).join(', ')}, which an array of jobs sets: name the shard, as in ${named('shard', '0')}`,
    );
  const values = new Set(set.map((each) => environment[each]));
  if (values.size > 1)
    throw new UserError(
      sentence`${set.map((each) => `${each} is ${environment[each]}`).join(' and ')}: name the shard, as in ${named('shard', '0')}`,
    );
  return { name, value: environment[name]! };
}

function byNumber(shards: readonly Shard[], text: string, variable: string | undefined): Shard {
  const known = `the job has ${describeNumbers(shards.map(({ number }) => number))}`;
  const source =
    variable === undefined ? sentence`${named('shard', text)}` : sentence`${variable} is ${text}`;
  if (!/^\d{1,9}$/.test(text))
    throw new UserError(
      variable === undefined
        ? sentence`${source} is no shard's number: give auto, a number (${known}), or i/n`
        : sentence`${source}, which is no number: submit the jobs as an array`,
    );
  const shard = shards.find(({ number }) => number === Number(text));
  if (shard) return shard;
  throw new UserError(
    variable === undefined
      ? sentence`${source}: ${known}`
      : sentence`${source}, but ${known}: submit the array with these indices, or plan the shards with ${named('first')} and ${named('step')} as the array counts`,
  );
}

/** Ascending numbers as `sbatch --array` takes them: `0-3,7,9-10`. */
export function numberRanges(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last && last[1] + 1 === number) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
}

const describeNumbers = (numbers: readonly number[]) =>
  numbers.length === 1 ? `shard ${numbers[0]} alone` : `shards ${shortened(numberRanges(numbers))}`;

const shortened = (text: string) => (text.length > 60 ? `${text.slice(0, 60)}…` : text);
