import { largestIndex } from '../../numerics/linear_algebra.ts';
import type { Fold } from '../../numerics/stratified_folds.ts';
import { checkingLabels, type LabelTask, labelledSet } from '../task.ts';
import type { LabelledImages, Method } from './method.ts';

/** How methods are run. */
export interface MethodRun {
  /** Seeds the methods' own random choices. */
  readonly seed: number;
  /** Tells how far a stage is; throws to stop. */
  readonly onStage: (stage: string, done?: number, total?: number) => void;
}

/** Predictions of the given labels, each made without that label. */
export interface OutOfFoldPredictions {
  /** The state of the method that is right most often. */
  readonly snapshot: number;
  /** Logits [given labels × classes] at it, in the order of `labelledSet`. */
  readonly logits: Float32Array;
  /** 1 for each that is told right, of the given labels that can check (see `checkingLabels`). */
  readonly hits: Uint8Array;
  /** The same of every state, among which that one was chosen. */
  readonly tried: readonly Uint8Array[];
}

/** Logits of each labelled image by a fit that saw neither it nor its duplicates, at the snapshot that is right most often. */
export async function predictOutOfFold(
  task: LabelTask,
  folds: readonly Fold[],
  method: Method,
  run: MethodRun,
): Promise<OutOfFoldPredictions> {
  const { given, classes } = task;
  const all = labelledSet(given);
  const checking = checkingLabels(task);
  const width = classes.length;
  const rowOf = new Map(Array.from(all.images, (image, row) => [image, row]));
  await tune(method, all, run.seed, run);
  const snapshots = Array.from(
    { length: method.snapshots },
    () => new Float32Array(all.images.length * width),
  );
  for (const [number, { train, heldOut }] of folds.entries()) {
    const stage = `${method.name}: fold ${number + 1} of ${folds.length}`;
    run.onStage(stage);
    const labels = train.map((image) => given[image]!);
    const request = { queries: heldOut, seed: run.seed, onProgress: progressOf(run, stage) };
    const fits = await method.fit({ images: train, labels }, request);
    fits.forEach((logits, at) => {
      heldOut.forEach((image, i) => {
        snapshots[at]!.set(logits.subarray(i * width, (i + 1) * width), rowOf.get(image)! * width);
      });
    });
  }
  const right = snapshots.map((logits) => hits(logits, all.labels, width).filter((_, row) => checking[row]));
  const totals = right.map(total);
  const snapshot = totals.indexOf(Math.max(...totals));
  return { snapshot, logits: snapshots[snapshot]!, hits: right[snapshot]!, tried: right };
}

/** Lets a method choose its settings, which is a stage of its own: what it takes is the method's. */
export async function tune(method: Method, labelled: LabelledImages, seed: number, { onStage }: MethodRun) {
  if (!method.tune) return;
  onStage(`${method.name}: settings`);
  await method.tune(labelled, seed);
}

export const progressOf = (run: MethodRun, stage: string) => (done: number, of: number) =>
  run.onStage(stage, done, of);

/** 1 where the largest logit is the class's. */
export function hits(logits: Float32Array, labels: Int32Array, classes: number): Uint8Array {
  return Uint8Array.from(labels, (label, row) =>
    largestIndex(logits.subarray(row * classes, (row + 1) * classes)) === label ? 1 : 0,
  );
}

/** How many are 1. */
export const total = (values: Uint8Array): number => values.reduce((sum, value) => sum + value, 0);
