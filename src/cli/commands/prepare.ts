import type { Command } from 'commander';
import { prepareRun } from '../../app/jobs/prepare_run.ts';
import { prepareSettings } from '../../app/settings/jobs.ts';
import { terminal } from '../../platform/node_terminal.ts';
import { tellInterruption } from '../outcomes.ts';
import { addSettings, settingsFrom } from '../settings_flags.ts';
import { commandContext } from '../terminal_reporter.ts';

/** Adds the command `prepare` to the program. */
export function registerPrepare(program: Command): void {
  const command = program
    .command('prepare')
    .description('decodes images once into a pack, which every other command takes as --data pack:DIR');
  addSettings(command, prepareSettings).action(async (options) => {
    const packed = await prepareRun(settingsFrom(options), commandContext());
    if (packed.interrupted) {
      tellInterruption(packed);
      return;
    }
    const { folder, images, side, unreadable } = packed;
    const skipped =
      unreadable.length > 0 ? `; ${unreadable.length} files are left out, see unreadable.csv` : '';
    terminal.note(
      `saved ${folder}: ${images} images of ${side}×${side} pixels${skipped}; give them to other commands as --data pack:${folder}`,
    );
  });
}
