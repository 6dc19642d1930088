import type { Command } from 'commander';
import { platform } from '#platform';
import { partitionIndices } from '../data/image_source.ts';
import { terminal } from '../platform/node_terminal.ts';
import { requireLabels } from '../train/batches.ts';
import { encoderMetadata, exportEncoder } from '../train/export.ts';
import { pretrain } from '../train/pretrain.ts';
import { addTrainingOptions, type TrainingOptions } from './options.ts';
import { pretrainOptions } from './plan.ts';
import { ProgressLine } from './progress.ts';
import { readGivenLabels } from './session.ts';
import { describePretext, pretextRun, reportInterruption, withTraining } from './training.ts';

export function registerPretrain(program: Command): void {
  const command = program
    .command('pretrain')
    .description(
      'a pretext run alone: an encoder from images; with --method simclr labels only watch the progress',
    );
  addTrainingOptions(command).action(run);
}

async function run(options: TrainingOptions): Promise<void> {
  await withTraining(options, async (session) => {
    const { engine, source, chosen, folder } = session;
    const labelled = options.labels !== undefined || source.labels.some((label) => label >= 0);
    const { classes, labels } = labelled ? (await readGivenLabels(source, options)).given : source;
    const images = partitionIndices(source, 'train');
    const settings = pretrainOptions(options, chosen, images.length);
    requireLabels(options.method, { images, labels });
    terminal.note(describePretext(images.length, settings));
    await session.begin(settings);
    const data = { pixels: source.pixels, size: source.size, images, labels, classes: classes.length };
    const { simclr, interrupted, step } = await pretrain(
      engine,
      data,
      settings,
      pretextRun(folder, options, settings, new ProgressLine()),
    );
    if (interrupted) {
      reportInterruption(step, folder);
      return;
    }
    const { files } = platform;
    const encoder = await exportEncoder(simclr.parameters, encoderMetadata(settings));
    await files.writeAtomic(files.join(folder, 'encoder.safetensors'), encoder);
    terminal.note(`saved in ${folder}: metrics.jsonl, encoder.safetensors, checkpoint.safetensors`);
  });
}
