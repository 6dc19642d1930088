import { Command } from 'commander';
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
import { fail } from './failure.ts';
import { endRanks, othersFirst } from './ranks.ts';

// Sub-commands take these settings over from the program when they are registered.
const program = new Command('kindred')
  .description('Labels a large image repository from a handful of labels, on WebGPU.')
  .version(terminal.versions().kindred)
  .configureHelp({ showGlobalOptions: true })
  .exitOverride()
  .configureOutput({
    outputError: (message, write) => {
      // All that were started together have the same words.
      if (terminal.rank === 0) write(`${oneSentence(message)}\n`);
    },
  });
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
  await othersFirst();
  fail(error);
  await endRanks();
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
