import { Command, CommanderError } from 'commander';
import { RunError, type SettingMention, UserError } from '../errors.ts';
import { terminal } from '../platform/node_terminal.ts';
import { registerAugment } from './augment.ts';
import { registerDoctor } from './doctor.ts';
import { registerEvaluate } from './evaluate.ts';
import { registerExport } from './export.ts';
import { registerLabel } from './label.ts';
import { registerNext } from './next.ts';
import { registerPretrain } from './pretrain.ts';
import { registerTrain } from './train.ts';

// Sub-commands take these settings over from the program when they are registered.
const program = new Command('kindred')
  .description('Labels a large image repository from a handful of labels, on WebGPU.')
  .configureHelp({ showGlobalOptions: true })
  .exitOverride()
  .configureOutput({ outputError: (message, write) => write(`${oneSentence(message)}\n`) });
for (const register of [
  registerTrain,
  registerPretrain,
  registerLabel,
  registerNext,
  registerEvaluate,
  registerExport,
  registerAugment,
  registerDoctor,
])
  register(program);

try {
  await program.parseAsync(terminal.arguments);
} catch (error) {
  fail(error);
}

/** Commander's two or three sentences, a suggestion on a line of its own, as one sentence like our own errors. */
function oneSentence(message: string): string {
  return message
    .trim()
    .replace(/\n\((.*)\)$/, '. $1')
    .replace(/\.$/, '')
    .replace(/\. (\w)/g, (_, first: string) => `: ${first.toLowerCase()}`)
    .replace(/^error: /, 'kindred: ');
}

/** `--learning-rate 0.1` */
function asFlag({ setting, value }: SettingMention): string {
  const flag = `--${setting.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return value === undefined ? flag : `${flag} ${value}`;
}

/** One clear line; exit code 2 where the input is wrong, 1 for anything else. */
function fail(error: unknown): void {
  if (error instanceof CommanderError) {
    // Help and version end with 0; commander has printed its own line about wrong options.
    terminal.setExitCode(error.exitCode === 0 ? 0 : 2);
  } else if (error instanceof UserError) {
    terminal.note(`kindred: ${error.sentence.render(asFlag)}`);
    terminal.setExitCode(2);
  } else if (error instanceof RunError) {
    terminal.note(`kindred: ${error.sentence.render(asFlag)}`);
    terminal.setExitCode(1);
  } else {
    terminal.note(`kindred: ${error instanceof Error ? error.message : String(error)}`);
    terminal.setExitCode(1);
  }
}
