import type { Engine } from '../autograd/engine.ts';
import { type FeatureExtractor, featureExtractor } from '../encoder/features.ts';
import type { CompileProgress } from '../gpu/program.ts';
import { measureFeatures } from '../numerics/feature_statistics.ts';
import { leaveOneOutKnn } from '../numerics/knn.ts';
import { accuracy } from '../numerics/probe.ts';
import { warmupCosine } from '../optim/schedule.ts';
import type { Files } from '../platform/platform.ts';
import { Random, shuffledIndices, streams } from '../random.ts';
import { Batches } from './batches.ts';
import {
  labelsDigest,
  type Progress,
  readCheckpoint,
  requireSameTraining,
  restoreTensors,
  saveCheckpoint,
} from './checkpoint.ts';
import { type ContrastiveOptions, methodOf } from './contrastive_model.ts';
import { ContrastivePretext } from './contrastive_pretext.ts';
import { MetricsLog } from './metrics_log.ts';
import { chanceLoss, learnsFromLabels } from './pretext_method.ts';

/** The images that a pretext task learns from; to `simclr` the labels serve only to watch it. */
export interface PretrainData {
  readonly pixels: Uint8Array;
  /** Side of the images, in pixels. */
  readonly size: number;
  /** Which images to train on. */
  readonly images: Int32Array;
  /** One class a stored image, −1 unknown. */
  readonly labels: Int32Array;
  readonly classes: number;
}

export interface PretrainOptions extends ContrastiveOptions {
  readonly epochs: number;
  /** At the peak, behind the warm-up. */
  readonly learningRate: number;
  readonly warmupEpochs: number;
}

/** What the run tells while it goes on. */
export interface StepReport {
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly totalSteps: number;
  readonly loss: number;
  readonly imagesPerSecond: number;
  readonly secondsLeft: number;
}

/** What is known of a training at the end of an epoch. */
export interface EpochReport {
  readonly epoch: number;
  readonly step: number;
  readonly loss: number;
  /** What the loss is for views that tell nothing, and after a collapse: log(2·batch − 1), in `mixed` of both terms. */
  readonly chanceLoss: number;
  readonly contrastiveTop1: number;
  readonly positiveSimilarity: number;
  readonly featureStd: number;
  readonly effectiveRank: number;
  /** Leave-one-out among the labelled training images, which only `simclr` has not learnt from; null without any. */
  readonly knnAccuracy: number | null;
  readonly learningRate: number;
  readonly imagesPerSecond: number;
  /** In f16 alone (see `EpochMeans`). */
  readonly lossScale?: number;
  readonly skippedSteps?: number;
}

export interface PretrainRun {
  readonly files: Files;
  /** Where metrics and checkpoints go. */
  readonly folder: string;
  readonly resume: boolean;
  /** Stops at the next step, with a checkpoint. */
  readonly signal?: AbortSignal;
  readonly onCompile?: CompileProgress;
  /** All programs are compiled; the first step waits for what it does. */
  readonly onCompiled?: () => Promise<void>;
  readonly onStep?: (report: StepReport) => void;
  readonly onEpoch?: (report: EpochReport) => void;
}

/** Steps between two looks at the loss: each look waits for the GPU. */
const stepsPerLook = 10;
/** Steps submitted ahead of the GPU at most. */
const stepsInFlight = 2;
/** Images whose features are measured each epoch. */
const monitoredImages = 512;
const monitorBatch = 64;
/**
 * Of the chance loss: a collapsed encoder's views tell nothing, so its loss is near chance. In a run's first tens of
 * steps the running statistics lag behind, and a healthy encoder's features can look equal in evaluation mode alone.
 */
const collapsedLossShare = 0.95;
/** Epochs in a row with collapsed features before the run is given up. */
const collapsedEpochsAllowed = 3;

/**
 * Trains a contrastive pretext task and writes metrics.jsonl and a checkpoint each epoch.
 * @returns the model, and whether the run was interrupted before its end
 * @throws RangeError for fewer images than a batch, or a chunk that does not divide it; UserError for a checkpoint that
 *   does not fit, for a precision that the adapter lacks, or for labels of fewer than two classes where the method learns
 *   from them; Error where the loss is no longer finite or the features stay collapsed
 */
export async function pretrain(
  engine: Engine,
  data: PretrainData,
  options: PretrainOptions,
  run: PretrainRun,
): Promise<{ pretext: ContrastivePretext; extract: FeatureExtractor; interrupted: boolean; step: number }> {
  const { epochs, imageSize, seed } = options;
  const method = methodOf(options);
  const batches = new Batches(data, { ...options, ...method });
  const { size: batch, stepsPerEpoch } = batches;
  const { files, folder } = run;
  const identity = await identify(data, options, batch);
  // Before anything is compiled: a wrong checkpoint is told at once.
  const saved = run.resume ? await readCheckpoint(files, folder) : undefined;
  if (saved) requireSameTraining(saved, identity);
  const pretext = await ContrastivePretext.create(engine, data, { ...options, batch }, run.onCompile);
  const shape = { pixels: data.pixels, sourceSize: data.size, imageSize, batch: monitorBatch };
  const extract = await featureExtractor(engine, pretext.encoder, shape);
  const monitor = new Monitor(data, extract, pretext.encoder.featureSize, seed);
  await run.onCompiled?.();
  const tensors = pretext.tensors();
  if (saved) restoreTensors(engine, saved, tensors);
  let progress: Progress = saved?.progress ?? { step: 0, metricsLines: 0, collapsedEpochs: 0 };
  const log = await MetricsLog.open(files, folder, progress.metricsLines);
  const save = async (step: number, collapsedEpochs: number) => {
    progress = { step, metricsLines: log.lines, collapsedEpochs };
    await saveCheckpoint(engine, files, folder, tensors, { identity, progress });
  };

  const totalSteps = epochs * stepsPerEpoch;
  const schedule = {
    peak: options.learningRate,
    warmupSteps: options.warmupEpochs * stepsPerEpoch,
    totalSteps,
  };
  const clock = new Clock(batch);
  let step = progress.step;
  for (let epoch = Math.floor(step / stepsPerEpoch); epoch < epochs; epoch++) {
    for (; step < (epoch + 1) * stepsPerEpoch; step++) {
      if (run.signal?.aborted) {
        await save(step, progress.collapsedEpochs);
        return { pretext, extract, interrupted: true, step };
      }
      const learningRate = warmupCosine(schedule, step);
      pretext.step(batches.at(step), step, learningRate);
      clock.count();
      if ((step + 1) % stepsPerLook === 0 || step === 0) {
        const loss = await pretext.loss();
        requireFiniteLoss(loss, step, learningRate, progress);
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
    pretext.clearMeans();
    const { collapsed, ...features } = await monitor.measure();
    const { imagesPerSecond } = clock;
    const chance = chanceLoss(method, batch);
    const report = { epoch, step, ...means, chanceLoss: chance, ...features, learningRate, imagesPerSecond };
    await log.write({ event: 'epoch', ...report });
    const failed = collapsed && means.loss > collapsedLossShare * chance;
    const collapsedEpochs = failed ? progress.collapsedEpochs + 1 : 0;
    await save(step, collapsedEpochs);
    run.onEpoch?.(report);
    requireVariety(collapsedEpochs, epoch);
    clock.restart();
  }
  return { pretext, extract, interrupted: false, step };
}

/** Looks at the features of a fixed sample each epoch. */
class Monitor {
  readonly #extract: FeatureExtractor;
  readonly #columns: number;
  readonly #sample: Int32Array;
  readonly #labelled: Int32Array;
  readonly #labels: Int32Array;
  readonly #classes: number;

  constructor(data: PretrainData, extract: FeatureExtractor, columns: number, seed: number) {
    const order = shuffledIndices(data.images.length, new Random(seed, streams.monitor));
    const shuffled = Array.from(order, (place) => data.images[place]!);
    this.#extract = extract;
    this.#columns = columns;
    this.#sample = Int32Array.from(shuffled.slice(0, monitoredImages));
    this.#labelled = Int32Array.from(
      shuffled.filter((image) => data.labels[image]! >= 0).slice(0, monitoredImages),
    );
    this.#labels = this.#labelled.map((image) => data.labels[image]!);
    this.#classes = data.classes;
  }

  async measure(): Promise<{
    featureStd: number;
    effectiveRank: number;
    collapsed: boolean;
    knnAccuracy: number | null;
  }> {
    const { featureStd, effectiveRank, collapsed } = measureFeatures(
      await this.#extract(this.#sample),
      this.#columns,
    );
    let knnAccuracy: number | null = null;
    if (this.#labelled.length > this.#classes) {
      const features = await this.#extract(this.#labelled);
      const { labels } = leaveOneOutKnn({ features, labels: this.#labels, classes: this.#classes });
      knnAccuracy = accuracy(labels, this.#labels);
    }
    return { featureStd, effectiveRank, knnAccuracy, collapsed };
  }
}

/** Images a second since the epoch began. */
class Clock {
  readonly #batch: number;
  #start = performance.now();
  #steps = 0;

  constructor(batch: number) {
    this.#batch = batch;
  }

  count(): void {
    this.#steps++;
  }

  restart(): void {
    this.#start = performance.now();
    this.#steps = 0;
  }

  get imagesPerSecond(): number {
    return Number(((1000 * this.#steps * this.#batch) / (performance.now() - this.#start)).toFixed(2));
  }
}

/** What must be equal for a resumed run to go on as if it had not stopped; a chunk of the whole batch says nothing. */
async function identify(data: PretrainData, options: PretrainOptions, batch: number): Promise<string> {
  const method = methodOf(options);
  const { precision, chunk, ...others } = options;
  const facts = {
    images: data.images.length,
    sourceSize: data.size,
    ...others,
    ...method,
    // What is as if it had not been given is left out.
    ...(precision !== 'f32' && { precision }),
    ...(chunk !== batch && { chunk }),
  };
  if (!learnsFromLabels(method.method)) return JSON.stringify(facts);
  const labels = await labelsDigest(data.images.map((image) => data.labels[image]!));
  return JSON.stringify({ ...facts, labels });
}

function requireFiniteLoss(loss: number, step: number, learningRate: number, saved: Progress): void {
  if (Number.isFinite(loss)) return;
  const kept = saved.step > 0 ? `the checkpoint of step ${saved.step} is kept` : 'no epoch was saved';
  throw new Error(
    `the loss is ${loss} at step ${step + 1} (learning rate ${learningRate.toPrecision(3)}): training diverged; lower --learning-rate or raise --warmup; ${kept}`,
  );
}

function requireVariety(collapsedEpochs: number, epoch: number): void {
  if (collapsedEpochs < collapsedEpochsAllowed) return;
  throw new Error(
    `the features of all images have been nearly equal for ${collapsedEpochs} epochs up to epoch ${epoch + 1}: the encoder collapsed; lower --learning-rate, raise --batch or choose a milder --policy`,
  );
}
