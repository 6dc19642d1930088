import { Command, CommanderError } from 'commander';
import { RunError, UserError } from '../errors.ts';
import { outOfMemory } from '../gpu/out_of_memory.ts';
import { terminal } from '../platform/node_terminal.ts';
import { registerAugment } from './commands/augment.ts';
import { registerCompare } from './commands/compare.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerEvaluate } from './commands/evaluate.ts';
import { registerExport } from './commands/export.ts';
import { registerLabel } from './commands/label.ts';
import { registerNext } from './commands/next.ts';
import { registerPrepare } from './commands/prepare.ts';
import { registerPretrain } from './commands/pretrain.ts';
import { registerServe } from './commands/serve.ts';
import { registerShard } from './commands/shard.ts';
import { registerTrain } from './commands/train.ts';
import { withFlags } from './settings_flags.ts';

// Sub-commands take these settings over from the program when they are registered.
const program = new Command('kindred')
  .description('Labels a large image repository from a handful of labels, on WebGPU.')
  .version(terminal.versions().kindred)
  .configureHelp({ showGlobalOptions: true })
  .exitOverride()
  .configureOutput({ outputError: (message, write) => write(`${oneSentence(message)}\n`) });
for (const register of [
  registerTrain,
  registerPretrain,
  registerCompare,
  registerLabel,
  registerNext,
  registerEvaluate,
  registerExport,
  registerAugment,
  registerServe,
  registerPrepare,
  registerShard,
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
    .replace(/\. (\S)/g, (_, first: string) => `: ${first.toLowerCase()}`)
    .replace(/^error: /, 'kindred: ');
}

/** One clear line; exit code 2 where the input is wrong, 1 for anything else, with the stack where it is asked for. */
function fail(thrown: unknown): void {
  const error = outOfMemory(thrown) ?? thrown;
  if (error instanceof CommanderError) {
    // Help and version end with 0; commander has printed its own line about wrong options.
    terminal.setExitCode(error.exitCode === 0 ? 0 : 2);
    return;
  }
  const isInput = error instanceof UserError;
  terminal.setExitCode(isInput ? 2 : 1);
  if (terminal.debugs && error instanceof Error) terminal.note(error.stack ?? error.message);
  if (isInput || error instanceof RunError) terminal.note(`kindred: ${withFlags(error.sentence)}`);
  else {
    const reason = error instanceof Error ? error.message : String(error);
    const hint = terminal.debugs ? '' : ' (KINDRED_DEBUG=1 shows where)';
    terminal.note(`kindred: ${reason}${hint}`);
  }
}
