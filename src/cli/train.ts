import type { Command } from 'commander';
import { platform } from '#platform';
import { terminal } from '../platform/node_terminal.ts';
import { measureSpeed } from '../train/adapter_speed.ts';
import type { ComparisonRow } from '../train/comparison.ts';
import { assignRoles, trainAndCompare } from '../train/pipeline.ts';
import type { EpochReport, StepReport } from '../train/pretrain.ts';
import { addTrainingOptions, type TrainingOptions } from './options.ts';
import { plan, pretrainOptions } from './plan.ts';
import { ProgressLine } from './progress.ts';
import { chooseFolder, openEngine, readGivenLabels, readImages } from './session.ts';

export function registerTrain(program: Command): void {
  const command = program
    .command('train')
    .description('pretext on all images, a probe on the few labels, the baselines beside it');
  addTrainingOptions(command).action(train);
}

async function train(options: TrainingOptions): Promise<void> {
  const started = performance.now();
  const folder = await chooseFolder(options);
  const engine = await openEngine();
  try {
    const { capabilities } = engine.gpu;
    const speed = await measureSpeed(engine);
    const chosen = plan(options, capabilities, speed);
    const limits = {
      ...(chosen.limit === undefined ? {} : { limit: chosen.limit }),
      ...(chosen.testLimit === undefined ? {} : { testLimit: chosen.testLimit }),
    };
    const source = await readImages({ ...options, imageSize: chosen.imageSize }, limits);
    const { truth, given } = await readGivenLabels(source, options);
    const roles = assignRoles(truth, given, options.seed);
    const settings = pretrainOptions(options, chosen, roles.pretext.length, 8 * chosen.encoder.width!);
    terminal.note(describeTask(truth.classes.length, roles, settings));

    const { files } = platform;
    await files.makeFolder(folder);
    const config = {
      command: terminal.arguments.slice(2),
      options,
      settings,
      adapter: capabilities.description,
      speed: {
        gflops: Math.round(speed.flops / 1e9),
        gigabytesPerSecond: Number((speed.bandwidth / 1e9).toFixed(1)),
      },
      versions: terminal.versions(),
      data: {
        description: source.description,
        fingerprint: source.fingerprint,
        unreadable: source.unreadable,
      },
      heldOut: roles.heldOutFrom,
    };
    if (!options.resume)
      await files.writeAtomic(files.join(folder, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);

    const line = new ProgressLine();
    const result = await trainAndCompare(engine, truth, given, roles, settings, {
      files,
      folder,
      resume: options.resume === true,
      signal: terminal.interruption(),
      onCompile: (done, total) => line.show(`compiling kernels: ${done} of ${total}`),
      onStep: (report) => line.show(describeStep(report)),
      onEpoch: (report) => {
        const kept = Math.ceil(settings.epochs / 20);
        const text = describeEpoch(report, settings.epochs);
        if ((report.epoch + 1) % kept === 0) line.keep(text);
        else line.show(text);
      },
      onStage: (stage, done, total) => line.show(total ? `${stage}: ${done} of ${total}` : stage),
    });
    if (result.interrupted) {
      terminal.note(
        `stopped after step ${result.step}; go on with: the same command, --out ${folder} --resume`,
      );
      terminal.setExitCode(130);
      return;
    }
    printTable(result.rows, roles);
    const seconds = Math.round((performance.now() - started) / 1000);
    terminal.note(
      `saved in ${folder}: report.json, metrics.jsonl, encoder.safetensors, head.safetensors (${seconds} s)`,
    );
  } finally {
    engine.destroy();
  }
}

function describeTask(
  classes: number,
  roles: { pretext: Int32Array; labelled: Int32Array; heldOut: Int32Array; heldOutFrom: string },
  settings: { epochs: number; batch: number; imageSize: number; encoder: { depth?: number; width?: number } },
): string {
  const { encoder, epochs, batch, imageSize } = settings;
  const network = `ResNet-${encoder.depth} of width ${encoder.width} at ${imageSize}×${imageSize}`;
  return [
    `task: ${roles.labelled.length} labels in ${classes} classes; scored on ${roles.heldOut.length} (${roles.heldOutFrom})`,
    `SimCLR: ${network}, ${roles.pretext.length} images, ${epochs} epochs, batches of ${batch}`,
  ].join('\n');
}

export function describeStep(report: StepReport): string {
  const { epoch, epochs, step, totalSteps, loss, imagesPerSecond, secondsLeft } = report;
  const place = `epoch ${epoch + 1}/${epochs}  step ${step}/${totalSteps}`;
  return `${place}  loss ${loss.toFixed(4)}  ${imagesPerSecond.toFixed(1)} images/s  ${Math.round(secondsLeft)} s left`;
}

export function describeEpoch(report: EpochReport, epochs: number): string {
  const { epoch, loss, chanceLoss, contrastiveTop1, effectiveRank, knnAccuracy } = report;
  const knn = knnAccuracy === null ? '' : `  kNN ${percent(knnAccuracy)}`;
  return `epoch ${epoch + 1}/${epochs}  loss ${loss.toFixed(4)} (chance ${chanceLoss.toFixed(4)})  contrastive top-1 ${percent(contrastiveTop1)}  effective rank ${effectiveRank.toFixed(1)}${knn}`;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;

function printTable(
  rows: readonly ComparisonRow[],
  { heldOut, labelled }: { heldOut: Int32Array; labelled: Int32Array },
): void {
  terminal.print(
    `accuracy on ${heldOut.length} held-out images, from ${labelled.length} labels (95% interval for the images' number):`,
  );
  const width = Math.max(...rows.map((row) => row.method.length));
  for (const { method, accuracy, interval } of rows) {
    const [low, high] = interval;
    terminal.print(
      `  ${method.padEnd(width)}  ${percent(accuracy).padStart(6)}  (${percent(low)} – ${percent(high)})`,
    );
  }
}
