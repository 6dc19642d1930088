import type { Command } from 'commander';
import { platform } from '#platform';
import { encoderMetadata, exportEncoder } from '../encoder/export_weights.ts';
import { terminal } from '../platform/node_terminal.ts';
import { pretrain } from '../pretext/pretrain.ts';
import { addTrainingOptions, type TrainingOptions } from './options.ts';
import { ProgressLine } from './progress.ts';
import {
  describePretext,
  pretextData,
  pretextRun,
  pretextSettings,
  reportInterruption,
  withTraining,
} from './training.ts';

export function registerPretrain(program: Command): void {
  const command = program
    .command('pretrain')
    .description(
      'a pretext run alone: an encoder from images; with --method simclr labels only watch the progress',
    );
  addTrainingOptions(command).action(run);
}

async function run(options: TrainingOptions): Promise<void> {
  await withTraining(options, false, async (session) => {
    const { engine, folder } = session;
    const data = pretextData(session);
    const settings = pretextSettings(session, data);
    terminal.note(describePretext(data.images.length, settings));
    await session.begin(settings);
    const signal = terminal.interruption();
    const progress = pretextRun(session, options, settings, new ProgressLine(), signal);
    const { pretext, interrupted, step } = await pretrain(engine, data, settings, progress);
    if (interrupted) {
      reportInterruption(step, folder);
      return;
    }
    const { files } = platform;
    const encoder = await exportEncoder(pretext.encoderStore, encoderMetadata(settings));
    await files.writeAtomic(files.join(folder, 'encoder.safetensors'), encoder);
    terminal.note(`saved in ${folder}: metrics.jsonl, encoder.safetensors, checkpoint.safetensors`);
  });
}
