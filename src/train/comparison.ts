import type { Engine } from '../autograd/engine.ts';
import { type Encoder, resnet } from '../nn/resnet.ts';
import { type FeatureExtractor, type FeatureOptions, featureExtractor } from './features.ts';
import { wilsonInterval } from './interval.ts';
import { accuracy, fitProbe, type Probe, predictProbe } from './probe.ts';
import { type SupervisedOptions, superviseFromScratch } from './supervised.ts';

/** The few labels that all methods get, and the images that all are scored on. */
export interface Task {
  readonly pixels: Uint8Array;
  /** Side of the stored images, in pixels. */
  readonly size: number;
  /** Labelled images, and the class of each. */
  readonly labelled: Int32Array;
  readonly labels: Int32Array;
  readonly heldOut: Int32Array;
  /** Classes of `heldOut`: for scoring only. */
  readonly truth: Int32Array;
  readonly classes: number;
}

export interface ComparisonRow {
  readonly method: string;
  readonly accuracy: number;
  /** 95% interval for the number of held-out images (Wilson). */
  readonly interval: readonly [number, number];
}

/** Fits a probe on the labelled images' features and scores it. */
export async function probeRow(
  method: string,
  task: Task,
  extract: FeatureExtractor,
  seed: number,
  onProgress?: (done: number, total: number) => void,
): Promise<{ row: ComparisonRow; probe: Probe }> {
  const probe = fitProbe(await extract(task.labelled), task.labels, task.classes, { seed });
  const { labels } = predictProbe(probe, await extract(task.heldOut, onProgress));
  return { row: score(method, labels, task.truth), probe };
}

/** The most frequent given class, for every image. */
export function majorityRow(task: Task): ComparisonRow {
  const counts = new Array<number>(task.classes).fill(0);
  for (const label of task.labels) counts[label]!++;
  const majority = counts.indexOf(Math.max(...counts));
  return score('majority class', new Int32Array(task.heldOut.length).fill(majority), task.truth);
}

/** The probe on an encoder with its weights as they were drawn: what the architecture alone gives. */
export async function randomFeaturesRow(
  engine: Engine,
  task: Task,
  encoderOptions: Parameters<typeof resnet>[1],
  features: FeatureOptions,
  seed: number,
  onProgress?: (done: number, total: number) => void,
): Promise<ComparisonRow> {
  const encoder: Encoder = resnet({ parameters: engine.parameters(), seed }, encoderOptions);
  const extract = await featureExtractor(engine, encoder, features);
  const { row } = await probeRow('probe on random features', task, extract, seed, onProgress);
  extract.destroy();
  return row;
}

export async function supervisedRow(
  engine: Engine,
  task: Task,
  options: SupervisedOptions,
  onProgress?: (done: number, total: number) => void,
): Promise<ComparisonRow> {
  const { pixels, size, labelled, labels, classes } = task;
  const data = { pixels, size, images: labelled, labels, classes };
  const predicted = await superviseFromScratch(engine, data, task.heldOut, options, onProgress);
  return score('supervised from scratch', predicted, task.truth);
}

function score(method: string, predicted: Int32Array, truth: Int32Array): ComparisonRow {
  const share = accuracy(predicted, truth);
  return {
    method,
    accuracy: share,
    interval: wilsonInterval(Math.round(share * truth.length), truth.length),
  };
}
