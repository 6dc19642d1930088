import type { Command } from 'commander';
import { platform } from '#platform';
import { encoderMetadata, exportEncoder } from '../encoder/export_weights.ts';
import { readWeights } from '../encoder/read_weights.ts';
import { UserError } from '../errors.ts';
import type { Start } from '../label/methods/method_table.ts';
import { terminal } from '../platform/node_terminal.ts';
import { pretrain } from '../pretext/pretrain.ts';
import { pretextMethods } from '../pretext/registry.ts';
import { describeTask, runLabelling } from './labelling.ts';
import { addLabellingOptions, type LabellingOptions } from './labelling_options.ts';
import { addTrainingOptions, type TrainingOptions } from './options.ts';
import { ProgressLine } from './progress.ts';
import { readGivenWeights, readTraining } from './run_folder.ts';
import { requireLabels } from './session.ts';
import {
  describePretext,
  pretextData,
  pretextRun,
  pretextSettings,
  reportInterruption,
  withTraining,
} from './training.ts';

export function registerTrain(program: Command): void {
  const command = program
    .command('train')
    .description(
      'the main job: a pretext task on all images, downstream methods on the few labels, a label for every other image',
    );
  addLabellingOptions(addTrainingOptions(command)).action(train);
}

async function train(options: TrainingOptions & LabellingOptions): Promise<void> {
  requireLabels(options);
  const { title, learnsFromLabels } = pretextMethods[options.method];
  if (options.draws > 1 && learnsFromLabels) {
    throw new UserError(
      `--method ${options.method} learns from one draw of labels, so --draws cannot compare others: leave --draws out, or take --method simclr`,
    );
  }
  const given = options.weights === undefined ? [] : [await readGivenWeights(options.weights)];
  await withTraining(options, true, async (session) => {
    const { engine, task, chosen, folder, speed } = session;
    const { seed } = options;
    const data = pretextData(session);
    const settings = pretextSettings(session, data);
    terminal.note(describeTask(task));
    terminal.note(describePretext(data.images.length, settings));
    await session.begin(settings);
    const signal = terminal.interruption();
    const progress = pretextRun(session, options, settings, new ProgressLine(), signal);
    const { pretext, extract, interrupted, step } = await pretrain(engine, data, settings, progress);
    if (interrupted) {
      reportInterruption(step, folder);
      return;
    }
    const { imageSize, policy } = settings;
    const path = platform.files.join(folder, 'pretext.safetensors');
    const encoder = await exportEncoder(pretext.encoderStore, encoderMetadata(settings));
    await platform.files.writeAtomic(path, encoder);
    // Their memory serves the downstream methods.
    extract.destroy();
    pretext.destroy();
    const start: Start = {
      name: title,
      learnedFromLabels: learnsFromLabels,
      ...readWeights(encoder, path),
    };
    const training = await readTraining(folder);
    const starts = [start, ...given] as const;
    const job = {
      ...session,
      starts,
      encoder: chosen.encoder,
      imageSize,
      policy,
      speed,
      seed,
      training,
      signal,
    };
    if (!(await runLabelling(job, options))) reportInterruption(step, folder);
  });
}
