import type { Command } from 'commander';
import { resolvePolicy } from '../data/policy.ts';
import { UserError } from '../errors.ts';
import { encoderOrigin, encoderStart } from '../label/scan/encoder_scan.ts';
import type { Start } from '../label/scan/start.ts';
import type { ResNetOptions } from '../nn/resnet.ts';
import { terminal } from '../platform/node_terminal.ts';
import { returnAudit } from './audit.ts';
import { continueRun } from './config.ts';
import { openImages } from './images.ts';
import { describeTask, runLabelling } from './labelling.ts';
import { addLabellingOptions, type LabellingOptions } from './labelling_options.ts';
import { addTuneOptions, type DataOptions, type TuneOptions, whole } from './options.ts';
import {
  hasGiven,
  type NamedWeights,
  readGiven,
  readGivenWeights,
  readPretext,
  readStoredRun,
  readTraining,
  type StoredRun,
} from './run_folder.ts';
import { checkOptions, chooseFolder, openEngine } from './session.ts';
import { adapterSpeed } from './speed_cache.ts';

export interface LabelCommandOptions extends LabellingOptions, TuneOptions {
  readonly run: string;
  readonly data?: string;
  readonly labels?: string;
  readonly labelsPerClass?: number;
  readonly seed?: number;
  readonly out?: string;
  readonly audit?: string;
}

/** Options of the commands that go on from an earlier run. */
function addRunOptions(command: Command): Command {
  return addTuneOptions(command)
    .requiredOption('--run <folder>', 'an earlier run of train, pretrain or label')
    .option('--data <source>', "where the images are now, or more of them (default: the run's)")
    .option(
      '--labels <labels>',
      "CSV file with the header path,label, whose rows are added to the run's given labels, or 'folders'",
    )
    .option('--labels-per-class <n>', 'hide all but n labels of each class, drawn anew', whole(1))
    .option('--seed <n>', "draws labels and folds (default: the run's)", whole(0))
    .option('--out <folder>', "where the files go (default: into the run's folder)");
}

export function registerLabel(program: Command): void {
  const label = program
    .command('label')
    .description(
      'labels the images of an earlier run again, from its pretext encoder: with more labels, another target error, or other methods',
    );
  addLabellingOptions(addRunOptions(label))
    .option(
      '--audit <file>',
      "the run's audit.csv with checked_label filled in: only renews the bound, trains nothing",
    )
    .action(run);
  const finetune = program
    .command('finetune')
    .description('as label, with the encoder of an earlier run fine-tuned on the labels, beside its probe');
  addLabellingOptions(addRunOptions(finetune)).action((options: LabelCommandOptions) =>
    run({ ...options, methods: options.methods ?? ['probe', 'finetune'] }),
  );
}

async function run(options: LabelCommandOptions): Promise<void> {
  if (options.audit !== undefined) {
    if (options.tune)
      throw new UserError('--tune times kernels, and --audit runs none: leave --tune out, or --audit');
    await returnAudit(options.run, options.audit, options.data);
    return;
  }
  const stored = await readStoredRun(options.run);
  const pretext = await readPretext(options.run);
  const given = options.weights === undefined ? [] : [await readGivenWeights(options.weights)];
  const folder =
    options.out === undefined ? options.run : await chooseFolder({ ...options, method: 'label' });
  const labelledBefore = await hasGiven(options.run);
  const data = dataOf(stored, options, labelledBefore);
  // Once labels were given, the file that they first came from may be gone.
  const { labels: _, ...others } = data;
  const named = labelledBefore ? options.labels : data.labels;
  await checkOptions({ ...others, ...(named !== undefined && { labels: named }) });
  const seed = options.seed ?? data.seed;
  const { imageSize } = stored.settings;
  const policy = resolvePolicy(
    JSON.stringify(stored.settings.policy ?? null),
    'config.json, settings.policy',
  );
  const encoder: Required<ResNetOptions> = stored.settings.encoder;
  const engine = await openEngine(options);
  try {
    const images = await openImages(engine, data, {
      imageSize,
      poolLimit: stored.limits.pool,
      heldOutLimit: stored.limits.heldOut,
      draws: options.draws,
      labelsRequired: true,
      labelSeed: seed,
      earlier: (stream) => readGiven(options.run, stream),
      added: options.labels,
      drawAnew: options.labelsPerClass !== undefined,
    });
    const { task } = images;
    terminal.note(describeTask(task));
    const speed = stored.speed ?? (await adapterSpeed(engine));
    const training = await readTraining(options.run);
    const signal = terminal.interruption('nothing is written (Ctrl-C again to stop at once)');
    const startOf = (weights: NamedWeights) =>
      encoderStart(engine, encoderOrigin(weights.name, weights, imageSize), weights.learnedFromLabels);
    const starts: readonly [Start, ...Start[]] = [startOf(pretext), ...given.map(startOf)];
    const beforeWriting = () => continueRun(options.run, folder, data, images);
    const run = { encoder, imageSize, policy, speed, seed, training };
    const job = { ...images, ...run, folder, starts, signal, beforeWriting };
    if (!(await runLabelling(job, options))) terminal.setExitCode(130);
  } finally {
    engine.destroy();
  }
}

/** The run's options about its images, as far as the user does not say otherwise. */
function dataOf(
  { options: stored }: StoredRun,
  options: LabelCommandOptions,
  labelledBefore: boolean,
): DataOptions {
  const { data, seed, limit, testLimit } = stored;
  // What is added to labels given before says nothing about those that were hidden then.
  const keeps = options.labels === undefined || (labelledBefore && options.labelsPerClass === undefined);
  const labels = keeps ? (stored.labels ?? options.labels) : options.labels;
  const perClass = options.labelsPerClass ?? (keeps ? stored.labelsPerClass : undefined);
  return {
    data: options.data ?? data,
    seed,
    limit,
    testLimit,
    ...(labels !== undefined && { labels }),
    ...(perClass !== undefined && { labelsPerClass: perClass }),
  };
}
