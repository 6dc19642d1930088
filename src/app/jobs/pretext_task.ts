import type { Ranks } from '../../autograd/ranks.ts';
import { atSide } from '../../encoder/at_side.ts';
import { encodeWeights } from '../../encoder/encoder_weights.ts';
import { architectureOf } from '../../nn/family_registry.ts';
import { type Normalisation, perChannel } from '../../ops/augment.ts';
import { chooseChunk } from '../../pretext/chunk_size.ts';
import type { Metric } from '../../pretext/method.ts';
import { methodBatches } from '../../pretext/method_batches.ts';
import type { PretrainData, PretrainOptions } from '../../pretext/options.ts';
import { pictureFile, pictureFolder } from '../../pretext/parts/picture_files.ts';
import type { PretextTrainer } from '../../pretext/pretext_trainer.ts';
import type { EpochReport, PretrainRun, StepReport } from '../../pretext/pretrain.ts';
import { shareOf } from '../../pretext/ranks/share.ts';
import { defaultMethod, type MethodName, methodNamed } from '../../pretext/registry.ts';
import type { OpenedImages } from '../inputs/open_images.ts';
import type { PretextStart } from '../inputs/pretext_start.ts';
import { percent } from '../percent.ts';
import { pretrainOptions, type TrainingSettings } from '../plan/training_plan.ts';
import type { JobContext, Progress } from '../reporter.ts';
import type { TrainingSession } from './training_session.ts';

/** The images of a session as a pretext task takes them. */
export function pretextData({ pool, task }: Pick<OpenedImages, 'pool' | 'task'>): PretrainData {
  const labels = new Int32Array(pool.pixels.length / (3 * pool.size ** 2)).fill(-1);
  for (const image of task.pool) labels[pool.positions[image]!] = Math.max(-1, task.given[image]!);
  const images = task.pool.map((image) => pool.positions[image]!);
  return { pixels: pool.pixels, size: pool.size, images, labels, classes: task.classes.length };
}

/**
 * All options of a session's pretext task, the chunk too where it is smaller than the batches really are.
 * @param pretext the task
 * @throws UserError where settings do not fit the images or each other
 */
export function pretextOptions(
  {
    engine,
    settings,
    plan,
    start,
  }: Pick<TrainingSession, 'engine' | 'plan' | 'start'> & { readonly settings: TrainingSettings },
  pretext: MethodName,
  data: PretrainData,
): PretrainOptions {
  const wanted = {
    ...pretrainOptions({ ...settings, pretext }, plan, data.images.length),
    ...(start && { normalise: scaleOf(start), startedFrom: start.name }),
  };
  const { chunk: _, ...options } = wanted;
  const chunk = chooseChunk(engine, data, wanted);
  const { size } = methodBatches(methodNamed(options.method), data, options);
  return { ...options, ...(chunk < shareOf(size, engine.ranks) && { chunk }) };
}

/** As files hold it. */
const scaleOf = ({ recipe: { normalise } }: PretextStart): Normalisation => ({
  mean: perChannel(normalise.mean),
  std: perChannel(normalise.std),
});

/** The pretext task in a line. */
export function describePretext(images: number, options: PretrainOptions, ranks?: Ranks): string {
  const { method, encoder, epochs, batch, chunk = batch, imageSize, precision, startedFrom } = options;
  const { title, featureSize } = architectureOf(encoder);
  const network = `${title} with ${featureSize} features at ${imageSize}×${imageSize}`;
  const batches = `batches of ${batch}${chunk < batch ? ` in chunks of ${chunk}` : ''}`;
  const passes = epochs === 1 ? '1 epoch' : `${epochs} epochs`;
  const half = precision === 'f16' ? ', in f16' : '';
  const shared = ranks ? `, on ${ranks.link.size} ranks (${ranks.link.library})` : '';
  const from = startedFrom === undefined ? '' : ` from ${startedFrom}`;
  return `${methodNamed(method).title}${from}: ${network}, ${images} images, ${passes}, ${batches}${half}${shared}`;
}

/** Where a session's pretext run keeps its files, and whom it tells what it does. */
export function pretextRun(
  { files, reporter }: JobContext,
  { keepKernels, resume, start, pool }: Pick<TrainingSession, 'keepKernels' | 'resume' | 'start' | 'pool'>,
  folder: string,
  options: PretrainOptions,
): PretrainRun {
  const kept = Math.ceil(options.epochs / 20);
  const { title, metrics } = methodNamed(options.method);
  return {
    files,
    folder,
    resume,
    start: start && atSide(start, options.imageSize).tensors,
    signal: reporter.signal,
    onCompiled: keepKernels,
    onCompile: (done, total) => reporter.progress({ stage: 'compiling kernels', done, total }),
    onPictures: async ({ pixels, width, height }, epoch) => {
      await files.makeFolder(files.join(folder, pictureFolder));
      const png = await files.encodePng(pixels, width, height);
      await files.writeAtomic(files.join(folder, pictureFile(epoch)), png);
    },
    onStep: (report) => reporter.progress(stepProgress(title, report)),
    onEpoch: async (report, extract, columns) => {
      const figures = epochFigures(report, options.epochs, metrics);
      if ((report.epoch + 1) % kept === 0) reporter.note(figures.join('  '));
      else reporter.progress({ stage: title, figures });
      const { loss, chanceLoss, knnAccuracy, imagesPerSecond } = report;
      await reporter.epoch?.({
        ...{
          epoch: report.epoch + 1,
          epochs: options.epochs,
          loss,
          chanceLoss,
          knnAccuracy,
          imagesPerSecond,
        },
        features: async (wanted) => {
          const images = wanted.filter((image) => pool.positions[image]! >= 0);
          const values = await extract(images.map((image) => pool.positions[image]!));
          return { images, values, columns };
        },
      });
    },
  };
}

/** The trained encoder alone, as a safetensors file's bytes. */
export async function pretextWeights(
  { encoderStore }: Pick<PretextTrainer, 'encoderStore'>,
  options: PretrainOptions,
): Promise<Uint8Array> {
  const { method = defaultMethod } = options;
  return encodeWeights(await encoderStore.read(), { ...options, method });
}

function stepProgress(stage: string, report: StepReport): Progress {
  const { epoch, epochs, step, totalSteps, loss, imagesPerSecond, secondsLeft } = report;
  const figures = [`epoch ${epoch + 1}/${epochs}`, `loss ${loss.toFixed(4)}`];
  return { stage, done: step, total: totalSteps, figures, imagesPerSecond, secondsLeft };
}

function epochFigures(report: EpochReport, epochs: number, metrics: readonly Metric[]): string[] {
  const { epoch, loss, chanceLoss, effectiveRank, knnAccuracy } = report;
  const chance = chanceLoss === null ? '' : ` (chance ${chanceLoss.toFixed(4)})`;
  return [
    `epoch ${epoch + 1}/${epochs}`,
    `loss ${loss.toFixed(4)}${chance}`,
    ...metrics.flatMap(({ name, term, unit }) => {
      const value = report.metrics[name]!;
      return term ? [`${term} ${unit === 'share' ? percent(value) : value.toPrecision(3)}`] : [];
    }),
    `effective rank ${effectiveRank.toFixed(1)}`,
    ...(knnAccuracy === null ? [] : [`kNN ${percent(knnAccuracy)}`]),
  ];
}
