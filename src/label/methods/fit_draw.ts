import type { LabelledImages, Method } from './method.ts';
import { type MethodRun, progressOf, tune } from './out_of_fold.ts';

/** What a method is asked for on one draw of labels. */
export interface DrawRequest extends MethodRun {
  /** Images to give logits of, by number in the source. */
  readonly queries: Int32Array;
  /** The work in words, for whoever watches. */
  readonly stage: string;
  /** The one snapshot wanted; the last by default. */
  readonly snapshot?: number | undefined;
}

/**
 * Learns from one draw of labels, its settings chosen within that draw, and predicts other images.
 * @returns logits [queries × classes]
 */
export async function fitDraw(
  method: Method,
  labelled: LabelledImages,
  { queries, seed, stage, snapshot = method.snapshots - 1, onStage }: DrawRequest,
): Promise<Float32Array> {
  const run = { seed, onStage };
  await tune(method, labelled, seed, run);
  onStage(stage);
  const fits = await method.fit(labelled, { queries, seed, snapshot, onProgress: progressOf(run, stage) });
  return fits.at(-1)!;
}
