import type { Command } from 'commander';
import { pretrainRun } from '../../app/jobs/pretrain_run.ts';
import { pretrainSettings, rankSettings } from '../../app/settings/jobs.ts';
import { tellInterruption, tellSaved } from '../outcomes.ts';
import { amongRanks } from '../ranks.ts';
import { addSettings, settingsFrom } from '../settings_flags.ts';

/** Adds the command `pretrain` to the program. */
export function registerPretrain(program: Command): void {
  const command = program
    .command('pretrain')
    .description(
      'a pretext run alone: an encoder from images; with --method simclr labels only watch the progress',
    );
  addSettings(command, { ...pretrainSettings, ...rankSettings }).action((options) =>
    amongRanks(settingsFrom(options), async (context) => {
      const outcome = await pretrainRun(settingsFrom(options), context);
      if (outcome.interrupted) tellInterruption(outcome);
      else tellSaved(outcome);
    }),
  );
}
