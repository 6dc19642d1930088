import type { Command } from 'commander';
import { exportRun } from '../../app/jobs/export_run.ts';
import { exportSettings } from '../../app/settings/jobs.ts';
import { terminal } from '../../platform/node_terminal.ts';
import { addSettings, settingsFrom } from '../settings_flags.ts';
import { commandContext } from '../terminal_reporter.ts';

/** Adds the command `export` to the program. */
export function registerExport(program: Command): void {
  const command = program
    .command('export')
    .description('labels or model of an earlier run in other formats, in a new folder');
  addSettings(command, exportSettings).action(async (options) => {
    const { folder, made } = await exportRun(settingsFrom(options), commandContext());
    terminal.note(`saved in ${folder}: ${made.join(', ')}`);
  });
}
