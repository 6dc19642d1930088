import type { Command } from 'commander';
import { nextRun } from '../../app/jobs/next_run.ts';
import { nextSettings } from '../../app/settings/jobs.ts';
import { terminal } from '../../platform/node_terminal.ts';
import { addSettings, settingsFrom } from '../settings_flags.ts';
import { commandContext } from '../terminal_reporter.ts';

/** Adds the command `next` to the program. */
export function registerNext(program: Command): void {
  const command = program
    .command('next')
    .description(
      'which images of a run to label next, most useful first: next.csv to fill in, and next.png to look at',
    );
  addSettings(command, nextSettings).action(async (options) => {
    const { folder, images } = await nextRun(settingsFrom(options), commandContext());
    if (images.length === 0) {
      terminal.print('every image that can be proposed has a label already');
      return;
    }
    for (const { path, reason } of images.slice(0, 10)) terminal.print(`${path}: ${reason}`);
    if (images.length > 10) terminal.print(`and ${images.length - 10} more`);
    const random = images.filter(({ origin }) => origin === 'random').length;
    terminal.note(
      `${random} of ${images.length} are drawn at random: their labels check, those of the others only teach`,
    );
    terminal.note(
      `saved in ${folder}: next.csv (fill in the labels, none of these for an image of no class, then label --run ${folder} --labels ${folder}/next.csv), next.png`,
    );
  });
}
