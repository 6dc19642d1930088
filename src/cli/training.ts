import { platform } from '#platform';
import type { Engine } from '../autograd/engine.ts';
import type { ImageSource } from '../data/image_source.ts';
import { terminal } from '../platform/node_terminal.ts';
import { measureSpeed } from '../train/adapter_speed.ts';
import { methodNames } from '../train/pretext_method.ts';
import type { EpochReport, PretrainOptions, PretrainRun, StepReport } from '../train/pretrain.ts';
import { readStartedRun, requireSameImages, writeConfig } from './config.ts';
import type { TrainingOptions } from './options.ts';
import { type Plan, plan } from './plan.ts';
import type { ProgressLine } from './progress.ts';
import { checkOptions, chooseFolder, openEngine, readImages } from './session.ts';

/** What a training command starts from. */
export interface TrainingSession {
  readonly engine: Engine;
  readonly chosen: Plan;
  readonly source: ImageSource;
  readonly folder: string;
  /** Makes the run's folder with its config.json, once all input was found good. A resumed run keeps the first one's. */
  readonly begin: (settings: PretrainOptions) => Promise<void>;
}

/** Checks the options, opens the device, sizes the work, reads the images, runs `body`, and gives the device back. */
export async function withTraining(
  options: TrainingOptions,
  body: (session: TrainingSession) => Promise<void>,
): Promise<void> {
  await checkOptions(options);
  const folder = await chooseFolder(options);
  const started = options.resume ? await readStartedRun(folder) : undefined;
  const engine = await openEngine();
  try {
    const speed = started?.speed ?? (await measureSpeed(engine));
    const chosen = plan(options, engine.gpu.capabilities, speed);
    const source = await readImages({ ...options, ...chosen });
    if (started) requireSameImages(folder, started, source);
    const begin = async (settings: PretrainOptions) => {
      const { capabilities } = engine.gpu;
      if (!started) await writeConfig(folder, { options, settings, capabilities, speed, source });
    };
    await body({ engine, chosen, source, folder, begin });
  } finally {
    engine.destroy();
  }
}

/** The pretext run of a command: its folder, Ctrl-C, and the progress line. */
export function pretextRun(
  folder: string,
  options: TrainingOptions,
  settings: PretrainOptions,
  line: ProgressLine,
): PretrainRun {
  const kept = Math.ceil(settings.epochs / 20);
  return {
    files: platform.files,
    folder,
    resume: options.resume === true,
    signal: terminal.interruption(),
    onCompile: (done, total) => line.show(`compiling kernels: ${done} of ${total}`),
    onStep: (report) => line.show(describeStep(report)),
    onEpoch: (report) => {
      const text = describeEpoch(report, settings.epochs);
      if ((report.epoch + 1) % kept === 0) line.keep(text);
      else line.show(text);
    },
  };
}

export function describePretext(images: number, settings: PretrainOptions): string {
  const { method = 'simclr', encoder, epochs, batch, imageSize } = settings;
  const network = `ResNet-${encoder.depth} of width ${encoder.width} at ${imageSize}×${imageSize}`;
  return `${methodNames[method]}: ${network}, ${images} images, ${epochs} epochs, batches of ${batch}`;
}

/** Says how to go on with an interrupted run, and sets the exit code. */
export function reportInterruption(step: number, folder: string): void {
  terminal.note(
    `stopped after step ${step}, checkpoint saved; the same command with --out ${folder} --resume goes on`,
  );
  terminal.setExitCode(130);
}

function describeStep(report: StepReport): string {
  const { epoch, epochs, step, totalSteps, loss, imagesPerSecond, secondsLeft } = report;
  const place = `epoch ${epoch + 1}/${epochs}  step ${step}/${totalSteps}`;
  return `${place}  loss ${loss.toFixed(4)}  ${imagesPerSecond.toFixed(1)} images/s  ${Math.round(secondsLeft)} s left`;
}

function describeEpoch(report: EpochReport, epochs: number): string {
  const { epoch, loss, chanceLoss, contrastiveTop1, effectiveRank, knnAccuracy } = report;
  const parts = [
    `epoch ${epoch + 1}/${epochs}`,
    `loss ${loss.toFixed(4)} (chance ${chanceLoss.toFixed(4)})`,
    `contrastive top-1 ${percent(contrastiveTop1)}`,
    `effective rank ${effectiveRank.toFixed(1)}`,
  ];
  if (knnAccuracy !== null) parts.push(`kNN ${percent(knnAccuracy)}`);
  return parts.join('  ');
}

export const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;
