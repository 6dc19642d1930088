import { type Command, InvalidArgumentError } from 'commander';
import { labellingMethods, type MethodName } from '../label/methods/method_registry.ts';
import { whole } from './options.ts';

/** Options of the downstream part, as the user gave them. */
export interface LabellingOptions {
  readonly targetError: number;
  readonly methods?: readonly MethodName[];
  readonly folds?: number;
  readonly steps?: number;
  readonly draws: number;
  readonly weights?: string;
  readonly budget: number;
  readonly auditSize: number;
}

/** Methods with an encoder and a classifier of their own; the others are there to compare with. */
const canLabel: readonly MethodName[] = ['probe', 'finetune', 'selftrain', 'supervised'];

function methodList(text: string): MethodName[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !(labellingMethods as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`'${unknown}' is no method: choose from ${labellingMethods.join(', ')}`);
  const chosen = labellingMethods.filter((name) => names.includes(name));
  if (chosen.some((name) => canLabel.includes(name))) return chosen;
  throw new InvalidArgumentError(`none of these can label: add one of ${canLabel.join(', ')}`);
}

/** A share given as 0.05 or as 5%. */
function share(text: string): number {
  const percent = text.trim().endsWith('%');
  const value = Number(text.trim().replace(/%$/, '')) / (percent ? 100 : 1);
  if (text.trim() !== '' && value > 0 && value < 1) return value;
  throw new InvalidArgumentError('give a share between 0 and 1, such as 0.05 or 5%');
}

export function addLabellingOptions(command: Command): Command {
  return command
    .option(
      '--target-error <share>',
      'largest error allowed among automatic labels, with 95% confidence',
      share,
      0.05,
    )
    .option(
      '--methods <names>',
      `compare only these: ${labellingMethods.join(', ')} (default: all that the adapter has time for)`,
      methodList,
    )
    .option('--folds <n>', 'folds of the given labels (default: 5, fewer on a slow adapter)', whole(2, 100))
    .option(
      '--steps <n>',
      'steps of a training on labels (default: 60 passes over them, 150 to 600 steps)',
      whole(1),
    )
    .option('--draws <n>', 'repeat the comparison on so many draws of --labels-per-class', whole(1, 100), 1)
    .option('--weights <file>', 'also start from these ResNet weights (safetensors, torchvision names)')
    .option('--budget <n>', 'images to propose for labelling next', whole(1, 10_000), 40)
    .option(
      '--audit-size <n>',
      'automatic labels to draw at random for a person to check',
      whole(1, 100_000),
      100,
    );
}
