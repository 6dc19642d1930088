import type { Command } from 'commander';
import { terminal } from '../platform/node_terminal.ts';
import type { ComparisonRow } from '../train/comparison.ts';
import { assignRoles, type Roles, trainAndCompare } from '../train/pipeline.ts';
import { addTrainingOptions, type TrainingOptions } from './options.ts';
import { pretrainOptions } from './plan.ts';
import { ProgressLine } from './progress.ts';
import { readGivenLabels, requireLabels } from './session.ts';
import { describePretext, percent, pretextRun, reportInterruption, withTraining } from './training.ts';

export function registerTrain(program: Command): void {
  const command = program
    .command('train')
    .description('the main job: pretext on all images, a probe on the few labels, the baselines beside it');
  addTrainingOptions(command).action(train);
}

async function train(options: TrainingOptions): Promise<void> {
  const started = performance.now();
  requireLabels(options);
  await withTraining(options, async (session) => {
    const { engine, source, chosen, folder } = session;
    const { truth, given } = await readGivenLabels(source, options);
    const roles = assignRoles(truth, given, options.seed);
    const settings = pretrainOptions(options, chosen, roles.pretext.length);
    const { labelled, heldOut, heldOutFrom } = roles;
    terminal.note(
      `task: ${labelled.length} labels in ${truth.classes.length} classes, scored on ${heldOut.length} (${heldOutFrom})`,
    );
    terminal.note(describePretext(roles.pretext.length, settings));
    await session.begin(settings);
    const line = new ProgressLine();
    const result = await trainAndCompare(engine, truth, given, roles, settings, {
      ...pretextRun(folder, options, settings, line),
      onStage: (stage, done, total) => line.show(total ? `${stage}: ${done} of ${total}` : stage),
    });
    if (result.interrupted) {
      reportInterruption(result.step, folder);
      return;
    }
    printTable(result.rows, roles);
    const seconds = Math.round((performance.now() - started) / 1000);
    terminal.note(
      `saved in ${folder}: report.json, metrics.jsonl, encoder.safetensors, head.safetensors (${seconds} s)`,
    );
  });
}

function printTable(rows: readonly ComparisonRow[], { heldOut, labelled }: Roles): void {
  terminal.print(
    `accuracy on ${heldOut.length} held-out images, from ${labelled.length} labels, with its 95% interval:`,
  );
  const width = Math.max(...rows.map((row) => row.method.length));
  for (const { method, accuracy, interval } of rows) {
    const [low, high] = interval;
    terminal.print(
      `  ${method.padEnd(width)}  ${percent(accuracy).padStart(6)}  (${percent(low)} – ${percent(high)})`,
    );
  }
}
