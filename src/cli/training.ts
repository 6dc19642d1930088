import { platform } from '#platform';
import type { AdapterSpeed } from '../app/adapter_speed.ts';
import { terminal } from '../platform/node_terminal.ts';
import { Batches } from '../pretext/batches.ts';
import { chooseChunk } from '../pretext/chunk.ts';
import { methodOf } from '../pretext/contrastive_model.ts';
import { requirePrecision } from '../pretext/precision.ts';
import { methodNames } from '../pretext/pretext_method.ts';
import type {
  EpochReport,
  PretrainData,
  PretrainOptions,
  PretrainRun,
  StepReport,
} from '../pretext/pretrain.ts';
import { readStartedRun, requireSameImages, writeChoices, writeConfig } from './config.ts';
import { type OpenedImages, openImages } from './images.ts';
import type { TrainingOptions } from './options.ts';
import { type Plan, plan, pretrainOptions } from './plan.ts';
import type { ProgressLine } from './progress.ts';
import { resumedOptions, resumedPlan } from './resume.ts';
import { readGiven } from './run_folder.ts';
import { checkOptions, chooseFolder, openEngine } from './session.ts';
import { adapterSpeed } from './speed_cache.ts';

/** What a training command starts from. */
export interface TrainingSession extends OpenedImages {
  /** The user's; on resume what they leave open is as the run was started. */
  readonly options: TrainingOptions;
  readonly chosen: Plan;
  readonly speed: AdapterSpeed;
  readonly folder: string;
  /** Makes the run's folder with its config.json, once all input was found good. A resumed run keeps the first one's. */
  readonly begin: (settings: PretrainOptions) => Promise<void>;
  /** Keeps which kernels the run has, once its programs are compiled. */
  readonly keepKernels: () => Promise<void>;
}

/**
 * Checks the options, opens the device, sizes the work, reads the images, runs `body`, and gives the device back.
 * @param labelsRequired whether the command needs labels
 */
export async function withTraining(
  given: TrainingOptions & { readonly draws?: number },
  labelsRequired: boolean,
  body: (session: TrainingSession) => Promise<void>,
): Promise<void> {
  await checkOptions(given);
  const folder = await chooseFolder(given);
  const started = given.resume ? await readStartedRun(folder) : undefined;
  const options = started ? resumedOptions(given, folder, started) : given;
  const engine = await openEngine(options, started && (started.kernelChoices ?? {}));
  try {
    requirePrecision(options.precision, engine.gpu.capabilities);
    const speed = started?.speed ?? (await adapterSpeed(engine));
    const sizes = plan(options, engine.gpu.capabilities, speed);
    const chosen = started ? resumedPlan(sizes, options, started) : sizes;
    const images = await openImages(engine, options, {
      imageSize: chosen.imageSize,
      poolLimit: chosen.limit,
      heldOutLimit: chosen.testLimit,
      ...(given.draws && { draws: given.draws }),
      labelsRequired,
      // Labels that were corrected or added since the run was started.
      ...(started && { earlier: (stream) => readGiven(folder, stream) }),
    });
    if (started) requireSameImages(folder, started, images.fingerprint);
    const begin = async (settings: PretrainOptions) => {
      const { capabilities } = engine.gpu;
      if (!started) await writeConfig(folder, { options, settings, capabilities, speed, images, chosen });
    };
    const keepKernels = async () => {
      if (!started?.kernelChoices) await writeChoices(folder, engine.choices.used);
    };
    await body({ ...images, options, chosen, speed, folder, begin, keepKernels });
  } finally {
    engine.destroy();
  }
}

/** The images of a session as a pretext task takes them. */
export function pretextData({ pool, task }: OpenedImages): PretrainData {
  const labels = new Int32Array(pool.pixels.length / (3 * pool.size ** 2)).fill(-1);
  for (const image of task.pool) labels[pool.positions[image]!] = task.given[image]!;
  const images = task.pool.map((image) => pool.positions[image]!);
  return { pixels: pool.pixels, size: pool.size, images, labels, classes: task.classes.length };
}

/** The pretext run of a command: its folder, Ctrl-C, and the progress line. */
export function pretextRun(
  { folder, keepKernels }: TrainingSession,
  options: TrainingOptions,
  settings: PretrainOptions,
  line: ProgressLine,
  signal: AbortSignal,
): PretrainRun {
  const kept = Math.ceil(settings.epochs / 20);
  return {
    files: platform.files,
    folder,
    resume: options.resume === true,
    signal,
    onCompiled: keepKernels,
    onCompile: (done, total) => line.show(`compiling kernels: ${done} of ${total}`),
    onStep: (report) => line.show(describeStep(report)),
    onEpoch: (report) => {
      const text = describeEpoch(report, settings.epochs);
      if ((report.epoch + 1) % kept === 0) line.keep(text);
      else line.show(text);
    },
  };
}

/**
 * All settings of a session's pretext task, the chunk too where it is smaller than the batches really are.
 * @throws UserError where options do not fit the images or each other
 */
export function pretextSettings(
  { engine, options, chosen }: Pick<TrainingSession, 'engine' | 'options' | 'chosen'>,
  data: PretrainData,
): PretrainOptions {
  const wanted = pretrainOptions(options, chosen, data.images.length);
  const { chunk: _, ...settings } = wanted;
  const chunk = chooseChunk(engine, data, wanted);
  const { size } = new Batches(data, { ...settings, ...methodOf(settings) });
  return { ...settings, ...(chunk < size && { chunk }) };
}

export function describePretext(images: number, settings: PretrainOptions): string {
  const { method = 'simclr', encoder, epochs, batch, chunk = batch, imageSize, precision } = settings;
  const network = `ResNet-${encoder.depth} of width ${encoder.width} at ${imageSize}×${imageSize}`;
  const batches = `batches of ${batch}${chunk < batch ? ` in chunks of ${chunk}` : ''}`;
  const half = precision === 'f16' ? ', in f16' : '';
  return `${methodNames[method]}: ${network}, ${images} images, ${epochs} epochs, ${batches}${half}`;
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
