import type { Command } from 'commander';
import { trainRun } from '../../app/jobs/train_run.ts';
import { trainSettings } from '../../app/settings/jobs.ts';
import { printLabelled, tellInterruption } from '../outcomes.ts';
import { addSettings, settingsFrom } from '../settings_flags.ts';
import { commandContext } from '../terminal_reporter.ts';

/** Adds the command `train` to the program. */
export function registerTrain(program: Command): void {
  const command = program
    .command('train')
    .description(
      'the main job: a pretext task on all images, downstream methods on the few labels, a label for every other image',
    );
  addSettings(command, trainSettings).action(async (options) => {
    const outcome = await trainRun(settingsFrom(options), commandContext());
    if (outcome.interrupted) tellInterruption(outcome);
    else printLabelled(outcome);
  });
}
