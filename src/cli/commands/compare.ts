import type { Command } from 'commander';
import { compareRun } from '../../app/jobs/compare_run.ts';
import { compareSettings } from '../../app/settings/compare.ts';
import { terminal } from '../../platform/node_terminal.ts';
import { comparisonLines } from '../comparison_table.ts';
import { tellSaved } from '../outcomes.ts';
import { addSettings, settingsFrom } from '../settings_flags.ts';
import { commandContext } from '../terminal_reporter.ts';

/** Adds the command `compare` to the program. */
export function registerCompare(program: Command): void {
  const command = program
    .command('compare')
    .description(
      'pretext methods on your own images: each trained with an equal budget, then its accuracy by the number of labels',
    );
  addSettings(command, compareSettings).action(async (options) => {
    const outcome = await compareRun(settingsFrom(options), commandContext());
    if (outcome.interrupted) {
      terminal.note(
        `stopped, what is done is kept; the same command with --out ${outcome.folder} --resume goes on`,
      );
      terminal.setExitCode(130);
      return;
    }
    for (const line of comparisonLines(outcome.comparison)) terminal.print(line);
    tellSaved(outcome);
  });
}
