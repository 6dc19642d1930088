import type { Engine } from '../autograd/engine.ts';
import type { Picture } from '../data/contact_sheet.ts';
import { type FeatureExtractor, featureExtractor } from '../encoder/feature_extractor.ts';
import { shortDigest } from '../formats/digest.ts';
import { adapterName } from '../gpu/device.ts';
import type { CompileProgress } from '../gpu/program.ts';
import { warmupCosine } from '../optim/schedule.ts';
import type { Files } from '../platform/platform.ts';
import {
  type Progress,
  readCheckpoint,
  readSound,
  restoreTensors,
  type SoundTensors,
  saveCheckpoint,
} from './checkpoint.ts';
import { Clock } from './clock.ts';
import { isCollapse, requireFiniteLoss, requireVariety, SkippedSteps } from './failure.ts';
import { identify, requireSameTraining } from './identity.ts';
import { methodBatches } from './method_batches.ts';
import { type MetricsEvent, MetricsLog } from './metrics_log.ts';
import { type FeatureFigures, Monitor } from './monitor.ts';
import { chosenMethod, type EncoderTensors, type PretrainData, type PretrainOptions } from './options.ts';
import { PictureDrawer } from './parts/pictures.ts';
import { type EpochMeans, PretextTrainer } from './pretext_trainer.ts';
import { requireAlike } from './ranks/require_alike.ts';
import { isSame, requireSameWeights } from './ranks/same_weights.ts';
import { requireRanks } from './ranks/share.ts';
import { onAnyRank } from './ranks/texts.ts';
import { type MethodRegistry, settingsOfOthers } from './registry.ts';

/** How far a run has come; told every few steps. */
export interface StepReport {
  /** Number of the epoch, from 0. */
  readonly epoch: number;
  /** Epochs of the run. */
  readonly epochs: number;
  /** Steps done. */
  readonly step: number;
  /** Steps of the run. */
  readonly totalSteps: number;
  /** Loss of the latest step. */
  readonly loss: number;
  /** Images a second since the epoch began. */
  readonly imagesPerSecond: number;
  /** Seconds to the end of the run at this pace. */
  readonly secondsLeft: number;
}

/** An epoch's figures: means over its steps, and what its features are like at its end. */
export interface EpochReport extends EpochMeans, FeatureFigures {
  /** Number of the epoch, from 0. */
  readonly epoch: number;
  /** Steps done. */
  readonly step: number;
  /** What the loss is for a model that knows nothing; null where the method has no such value. */
  readonly chanceLoss: number | null;
  /** Learning rate of its last step. */
  readonly learningRate: number;
  /** Images a second in this epoch. */
  readonly imagesPerSecond: number;
}

/** Where a run writes, how it stops and whom it tells. */
export interface PretrainRun {
  /** Where files are written. */
  readonly files: Files;
  /** Where metrics and checkpoints go. */
  readonly folder: string;
  /** Whether to go on from the checkpoint in the folder. */
  readonly resume: boolean;
  /**
   * What the encoder's tensors begin as, statistics of batch norm too, by name; drawn from the seed by default. A resume
   * is given the same ones.
   */
  readonly start?: EncoderTensors | undefined;
  /** Stops at the next step, with a checkpoint. */
  readonly signal?: AbortSignal;
  /** Hears how many kernels are compiled, of how many. */
  readonly onCompile?: CompileProgress;
  /** All programs are compiled; the first step waits for what it does. */
  readonly onCompiled?: () => Promise<void>;
  /** Hears how far the run has come, every few steps. */
  readonly onStep?: (report: StepReport) => void;
  /**
   * Hears an epoch's figures, behind its checkpoint; the next epoch waits for it.
   * @param extract features of stored images by the encoder as it is
   * @param columns features of an image
   */
  readonly onEpoch?: (report: EpochReport, extract: FeatureExtractor, columns: number) => unknown;
  /** Takes an epoch's pictures, where the method draws any, before its checkpoint. @param epoch its number, from 0 */
  readonly onPictures?: (picture: Picture, epoch: number) => unknown;
  /** The methods that the options may name. Default: all that there are. */
  readonly methods?: MethodRegistry;
}

/** Steps between two looks at the loss: each look waits for the GPU. */
const stepsPerLook = 10;
/** Steps submitted ahead of the GPU at most. */
const stepsInFlight = 2;
/** Images of a program that extracts features to measure. */
const monitorBatch = 64;

/**
 * Trains a pretext task and writes metrics.jsonl and a checkpoint each epoch.
 * @returns the model, and whether the run was interrupted before its end
 * @throws RangeError for fewer images than a batch, a chunk that does not divide it, or a start of another
 *   architecture; UserError for a method that
 *   there is not, for a checkpoint that does not fit, for a precision that the adapter lacks, or for labels of fewer
 *   than two classes where the method learns from them; RunError where the loss is no longer finite or a number of
 *   the model, the features stay collapsed, or most steps overflow f16
 */
export async function pretrain(
  engine: Engine,
  data: PretrainData,
  options: PretrainOptions,
  run: PretrainRun,
): Promise<{ pretext: PretextTrainer; extract: FeatureExtractor; interrupted: boolean; step: number }> {
  const { epochs, imageSize, normalise, seed } = options;
  const { files, folder, methods, start } = run;
  const chosen = chosenMethod(options, methods);
  const { method } = chosen;
  const batches = methodBatches(method, data, options);
  const { size: batch, stepsPerEpoch } = batches;
  const chanceLoss = method.chanceLoss?.(chosen.settings, batch) ?? null;
  const { link, norm = 'global' } = engine.ranks ?? {};
  requireRanks(method, batch, { ranks: engine.ranks, precision: options.precision });
  const identity = await identify(data, options, chosen, { batch, start, norm });
  // Before anything is compiled: a wrong checkpoint is told at once.
  const saved = run.resume ? await readCheckpoint(files, folder) : undefined;
  if (saved) requireSameTraining(saved, identity, settingsOfOthers(method, methods));
  await requireAlike(link, {
    ...JSON.parse(identity),
    'set of images': link && (await shortDigest(data.pixels)),
    checkpoint: saved?.progress.step ?? 0,
  });
  // Others round otherwise.
  const alike = await isSame(link, 'the adapters', adapterName(engine.gpu.capabilities));
  const pretext = await PretextTrainer.create(
    engine,
    data,
    { ...options, batch, steps: epochs * stepsPerEpoch },
    { onProgress: run.onCompile, methods, start },
  );
  const shape = { pixels: data.pixels, sourceSize: data.size, imageSize, batch: monitorBatch, normalise };
  const extract = await featureExtractor(engine, pretext.encoder, shape);
  const monitor = new Monitor(data, extract, pretext.encoder.featureSize, seed);
  const pictures = run.onPictures && (await PictureDrawer.create(engine, data, pretext.model, options));
  await run.onCompiled?.();
  const tensors = pretext.tensors();
  if (saved) restoreTensors(engine, saved, tensors);
  let progress: Progress = saved?.progress ?? { step: 0, metricsLines: 0, collapsedEpochs: 0 };
  const log = await MetricsLog.open(files, folder, progress.metricsLines);
  const weights = new Set(
    pretext.parameters.entries.filter((entry) => entry.trainable).map(({ name }) => name),
  );
  // Statistics may be each rank's own.
  const isTrained = (name: string) => weights.has(name) || name.startsWith('optimizer.');
  const readState = () => readSound(engine, tensors, weights, progress);
  const save = async (state: SoundTensors, step: number, collapsedEpochs: number) => {
    progress = { step, metricsLines: log.lines, collapsedEpochs };
    await saveCheckpoint(files, folder, state, { identity, progress });
  };

  const totalSteps = epochs * stepsPerEpoch;
  const schedule = {
    peak: options.learningRate,
    warmupSteps: options.warmupEpochs * stepsPerEpoch,
    totalSteps,
  };
  const clock = new Clock(batch);
  let step = progress.step;
  const scale = pretext.lossScale;
  const skips = scale && new SkippedSteps(step, await scale.read(), stepsPerEpoch);
  const requireSteps = async (done: number, learningRate: number) => {
    if (!skips) return;
    try {
      skips.check(done, await scale.read(), learningRate, progress);
    } catch (error) {
      // Where a number of the model itself is wrong, that says more.
      await readState();
      throw error;
    }
  };
  for (let epoch = Math.floor(step / stepsPerEpoch); epoch < epochs; epoch++) {
    for (; step < (epoch + 1) * stepsPerEpoch; step++) {
      if (await onAnyRank(link, run.signal?.aborted === true)) {
        await save(await readState(), step, progress.collapsedEpochs);
        return { pretext, extract, interrupted: true, step };
      }
      const learningRate = warmupCosine(schedule, step);
      await pretext.step(batches.at(step), step, learningRate);
      clock.count();
      if ((step + 1) % stepsPerLook === 0 || step === 0) {
        const loss = await pretext.loss();
        requireFiniteLoss(loss, step, learningRate, progress);
        await requireSteps(step + 1, learningRate);
        const { imagesPerSecond } = clock;
        await log.write({ event: 'step', step: step + 1, epoch, loss, learningRate, imagesPerSecond });
        const secondsLeft = ((totalSteps - step - 1) * batch) / imagesPerSecond;
        run.onStep?.({ epoch, epochs, step: step + 1, totalSteps, loss, imagesPerSecond, secondsLeft });
      } else if ((step + 1) % stepsInFlight === 0) {
        await engine.gpu.idle();
      }
    }
    const means = await pretext.means(stepsPerEpoch);
    const learningRate = warmupCosine(schedule, step - 1);
    requireFiniteLoss(means.loss, step - 1, learningRate, progress);
    await requireSteps(step, learningRate);
    pretext.clearMeans();
    const state = await readState();
    if (alike)
      await requireSameWeights(link, new Map([...state.tensors].filter(([name]) => isTrained(name))));
    const { figures, collapsed } = await monitor.measure();
    if (pictures) await run.onPictures?.(await pictures.draw(), epoch);
    const { imagesPerSecond } = clock;
    const report = { epoch, step, ...means, chanceLoss, ...figures, learningRate, imagesPerSecond };
    await log.write(epochEvent(report));
    const failed = isCollapse(collapsed, means.loss, chanceLoss);
    const collapsedEpochs = failed ? progress.collapsedEpochs + 1 : 0;
    await save(state, step, collapsedEpochs);
    await run.onEpoch?.(report, extract, pretext.encoder.featureSize);
    requireVariety(collapsedEpochs, epoch);
    clock.restart();
  }
  return { pretext, extract, interrupted: false, step };
}

/** An epoch's line in metrics.jsonl: the method's metrics stand among the figures that all methods have. */
function epochEvent({ epoch, step, loss, metrics, ...others }: EpochReport): MetricsEvent {
  return { event: 'epoch', epoch, step, loss, ...metrics, ...others };
}
