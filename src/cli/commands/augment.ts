import type { Command } from 'commander';
import { drawPairs } from '../../app/jobs/draw_pairs.ts';
import { augmentSettings } from '../../app/settings/jobs.ts';
import { terminal } from '../../platform/node_terminal.ts';
import { addSettings, settingsFrom } from '../settings_flags.ts';
import { commandContext } from '../terminal_reporter.ts';

/** Adds the command `augment` to the program. */
export function registerAugment(program: Command): void {
  const command = program
    .command('augment')
    .description('a PNG sheet of images and the pairs that a policy makes of them');
  addSettings(command, augmentSettings).action(async (options) => {
    const { file, policy } = await drawPairs(settingsFrom(options), commandContext());
    terminal.note(`saved ${file}: each image, then pairs of its views under ${policy}`);
  });
}
