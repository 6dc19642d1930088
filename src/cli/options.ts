import { type Command, InvalidArgumentError, Option } from 'commander';
import { presets } from '../data/policy.ts';
import { optimizerNames } from '../optim/named_optimizer.ts';
import { type Precision, precisions } from '../pretext/precision.ts';
import { defaultMethod, type MethodName, pretextMethods } from '../pretext/registry.ts';

/** How long kernels may be timed. */
export interface TuneOptions {
  /** Seconds; false where the user wants none. */
  readonly tune?: number | false;
}

/** Options as the user gave them; what is missing is chosen by adapter and data. */
export interface DataOptions {
  readonly data: string;
  readonly labels?: string;
  readonly labelsPerClass?: number;
  readonly seed: number;
  readonly imageSize?: number | undefined;
  readonly limit?: number | undefined;
  readonly testLimit?: number | undefined;
}

export interface TrainingOptions extends DataOptions, TuneOptions {
  readonly method: MethodName;
  readonly minutes?: number;
  readonly epochs?: number;
  readonly batch?: number;
  readonly chunk?: number;
  readonly temperature?: number;
  readonly policy?: string;
  readonly depth: '18' | '34';
  readonly width?: number;
  readonly stem?: 'cifar' | 'imagenet';
  readonly projection?: readonly number[];
  readonly optimizer?: (typeof optimizerNames)[number];
  readonly learningRate?: number;
  readonly momentum: number;
  readonly weightDecay?: number;
  readonly warmup?: number;
  readonly precision: Precision;
  readonly out?: string;
  readonly resume?: boolean;
}

/** A parser for whole numbers in a range. */
export function whole(low: number, high = 2 ** 31) {
  return (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text.trim()) && value >= low && value <= high) return value;
    const range = high < 2 ** 31 ? `from ${low} to ${high}` : `of at least ${low}`;
    throw new InvalidArgumentError(`give a whole number ${range}`);
  };
}

/** A parser for numbers above `low` (or at least it, where `inclusive`). */
export function real(low: number, inclusive = false) {
  return (text: string): number => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isFinite(value) && (value > low || (inclusive && value === low)))
      return value;
    throw new InvalidArgumentError(`give a number ${inclusive ? 'of at least' : 'above'} ${low}`);
  };
}

function widths(text: string): number[] {
  return text.split(/[-,]/).map((part) => whole(1, 65536)(part));
}

const byAdapter = 'by adapter and data';

/** For commands whose kernels are worth timing. */
export function addTuneOptions(command: Command): Command {
  return command
    .option(
      '--tune <seconds>',
      'time kernels for this adapter at most so long, where their fastest is not known yet; kept for later (default: 20 on a graphics card, 0 on the processor)',
      real(0, true),
    )
    .option('--no-tune', 'as --tune 0');
}

export function addDataOptions(command: Command): Command {
  return command
    .option(
      '--data <source>',
      'folder of images, cifar10:DIR, cifar100:DIR, stl10:DIR, idx:DIR, or demo',
      'demo',
    )
    .option('--labels <labels>', "CSV file with the header path,label, or 'folders' (default: the set's own)")
    .option(
      '--labels-per-class <n>',
      'hide all but n labels of each class, to score what is predicted',
      whole(1),
    )
    .option('--seed <n>', 'seeds every random choice', whole(0), 0)
    .option(
      '--image-size <pixels>',
      `side of the images that the network sees (default: ${byAdapter})`,
      whole(8, 1024),
    )
    .option('--limit <n>', `at most so many training images (default: ${byAdapter})`, whole(2))
    .option('--test-limit <n>', 'at most so many held-out test images (default: by adapter)', whole(1));
}

export function addTrainingOptions(command: Command): Command {
  addDataOptions(command)
    .addOption(
      new Option(
        '--method <name>',
        `pretext task. ${Object.values(pretextMethods)
          .map(({ name, summary }) => `${name}: ${summary}`)
          .join('; ')}`,
      )
        .choices(Object.keys(pretextMethods))
        .default(defaultMethod),
    )
    .option('--minutes <n>', 'how long pretraining may take; sets the epochs (default: by adapter)', real(0))
    .option(
      '--epochs <n>',
      'passes over the images, or as many drawn from the labelled ones (default: as --minutes allows)',
      whole(1),
    )
    .option('--batch <n>', `images a step (default: ${byAdapter})`, whole(2, 65536))
    .option(
      '--chunk <n>',
      'images whose activations are kept at once, a divisor of the batch; the loss and its gradient are those of the whole batch, batch norm in training takes the statistics of a chunk (default: the batch where it fits in 3 GiB, of more than 512 images in 1 GiB; else what fits in 1 GiB)',
      whole(1, 65536),
    )
    .option('--temperature <t>', 'of the contrastive loss (default: 0.2)', real(0))
    .option(
      '--policy <policy>',
      `augmentation: ${Object.keys(presets).join(', ')}, or JSON (default: by image size)`,
    )
    .addOption(new Option('--depth <n>', 'of the ResNet').choices(['18', '34']).default('18'))
    .option(
      '--width <n>',
      "channels of the ResNet's first stage (default: by adapter; 64 is the published)",
      whole(1, 1024),
    )
    .addOption(
      new Option(
        '--stem <kind>',
        'cifar: 3×3 stride 1; imagenet: 7×7 stride 2, pool (default: by image size)',
      ).choices(['cifar', 'imagenet']),
    )
    .option(
      '--projection <widths>',
      'of the projection head, say 512-128 (default: feature size, then 128)',
      widths,
    )
    .addOption(new Option('--optimizer <name>', 'default: sgd').choices([...optimizerNames]))
    .option('--learning-rate <x>', 'at its peak (default: by optimizer and batch)', real(0))
    .option('--momentum <x>', 'of sgd and lars', real(0, true), 0.9)
    .option('--weight-decay <x>', 'not on biases and normalisation (default: by optimizer)', real(0, true))
    .option('--warmup <epochs>', 'epochs of rising learning rate (default: a tenth, at most 10)', whole(0))
    .addOption(
      new Option(
        '--precision <type>',
        'of stored activations in the pretext task. f16: half the memory, for graphics cards',
      )
        .choices([...precisions])
        .default('f32'),
    )
    .option('--out <folder>', "the run's folder (default: runs/<date>-<method>)")
    .option(
      '--resume',
      'go on from the checkpoint in the run’s folder; sizes and settings that you leave open stay as that run was started',
    );
  return addTuneOptions(command);
}
