import { Command, CommanderError } from 'commander';
import { UserError } from '../errors.ts';
import { terminal } from '../platform/node_terminal.ts';
import { registerAugment } from './augment.ts';
import { registerDoctor } from './doctor.ts';
import { registerPretrain } from './pretrain.ts';
import { registerTrain } from './train.ts';

const program = new Command('kindred')
  .description('Labels a large image repository from a handful of labels, on WebGPU.')
  .exitOverride()
  .configureOutput({ outputError: (message, write) => write(message.replace(/^error: /, 'kindred: ')) });
for (const register of [registerTrain, registerPretrain, registerAugment, registerDoctor]) register(program);
for (const command of program.commands) {
  command.exitOverride().configureHelp({ showGlobalOptions: true });
  command.configureOutput({
    outputError: (message, write) => write(message.replace(/^error: /, 'kindred: ')),
  });
}

try {
  await program.parseAsync(terminal.arguments);
} catch (error) {
  fail(error);
}

/** One clear line; exit code 2 where the input is wrong, 1 for anything else. */
function fail(error: unknown): void {
  if (error instanceof CommanderError) {
    // Help and version end with 0; commander has printed its own line about wrong options.
    terminal.setExitCode(error.exitCode === 0 ? 0 : 2);
  } else if (error instanceof UserError) {
    terminal.note(`kindred: ${error.message}`);
    terminal.setExitCode(2);
  } else {
    terminal.note(`kindred: ${error instanceof Error ? error.message : String(error)}`);
    terminal.setExitCode(1);
  }
}
