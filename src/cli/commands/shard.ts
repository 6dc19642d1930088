import type { Command } from 'commander';
import { mergeShardsSettings, planShardsSettings, runShardSettings } from '../../app/settings/shards.ts';
import { describeUnfit, missingShards } from '../../app/shards/check_parts.ts';
import { mergeShards } from '../../app/shards/merge_shards.ts';
import { planShards } from '../../app/shards/plan_shards.ts';
import { runShard } from '../../app/shards/run_shard.ts';
import { numberRanges } from '../../app/shards/shard_number.ts';
import { terminal } from '../../platform/node_terminal.ts';
import { printLabelled, tellInterruption } from '../outcomes.ts';
import { addSettings, settingsFrom } from '../settings_flags.ts';
import { commandContext } from '../terminal_reporter.ts';

type Options = Readonly<Record<string, unknown>>;

/** Adds the command `shard` and what it does to the program. */
export function registerShard(program: Command): void {
  const shard = program
    .command('shard')
    .description('labels more images than one machine can: plan, run on many machines, merge');

  const { run: _run, data: _data, ...planned } = planShardsSettings;
  addSettings(
    shard
      .command('plan <run> <data>')
      .description('cuts the images into shards, for the encoders of an earlier run'),
    planned,
  ).action((run: string, data: string, options: Options) => plan({ ...options, run, data }));

  const { job: _job, ...ran } = runShardSettings;
  addSettings(
    shard
      .command('run <job>')
      .description('computes one shard; one that is there is left as it is, one that was stopped goes on'),
    ran,
  ).action((job: string, options: Options) => runOne({ ...options, job }));

  addSettings(
    shard
      .command('missing <job>')
      .description('prints the numbers of shards that are not there yet, as sbatch --array takes them'),
    {},
  ).action((job: string) => tellMissing({ job }));

  const { job: _of, ...merged } = mergeShardsSettings;
  addSettings(
    shard.command('merge <job>').description('labels the images when all shards are there, as label does'),
    merged,
  ).action((job: string, options: Options) => merge({ ...options, job }));
}

async function plan(options: Options): Promise<void> {
  const { folder, numbers, images, encoders } = await planShards(settingsFrom(options), commandContext());
  terminal.note(
    `saved ${folder}: ${images} images in ${numbers.length} shards, for ${encoders.join(' and ')}`,
  );
  terminal.print(numberRanges(numbers));
}

async function runOne(options: Options): Promise<void> {
  const outcome = await runShard(settingsFrom(options), commandContext(), terminal.environment);
  const { number, images } = outcome;
  if (outcome.interrupted) {
    terminal.note(
      `shard ${number} was stopped with ${outcome.done} of ${images} images saved; the same command goes on`,
    );
    tellInterruption(outcome);
    return;
  }
  const { file, already, unreadable } = outcome;
  const skipped = unreadable > 0 ? `, ${unreadable} of them unreadable` : '';
  terminal.note(
    already ? `shard ${number} is there already: ${file}` : `saved ${file}: ${images} images${skipped}`,
  );
}

async function tellMissing(options: Options): Promise<void> {
  const { shards, missing, ranges } = await missingShards(settingsFrom(options), commandContext());
  if (missing.length === 0) {
    terminal.note(`all ${shards} shards are there`);
    return;
  }
  terminal.note(`${missing.length} of ${shards} shards are not there yet: ${describeUnfit(missing)}`);
  terminal.print(ranges);
}

async function merge(options: Options): Promise<void> {
  const outcome = await mergeShards(settingsFrom(options), commandContext());
  if (outcome.interrupted) tellInterruption(outcome);
  else printLabelled(outcome);
}
