import { UserError } from '../errors.ts';
import { conclude } from './conclude.ts';
import type { Labelled, LabellingInputs } from './labelling.ts';
import { type Comparison, compareMethods } from './methods/comparison.ts';
import { labelFolds } from './methods/folds.ts';
import { baselineName, createMethods } from './methods/method_table.ts';
import type { EncoderWeights } from './methods/methods.ts';
import type { Speed } from './pace.ts';
import { type Scan, scanImages } from './scan.ts';
import { copiesAmong, imagesToLabel } from './scanned_images.ts';
import { type LabelTask, officialTest } from './task.ts';

/**
 * Labels the images: compares the methods on the given labels, lets the best out of fold label, calibrates its
 * confidence, sets the threshold that keeps the target error, finds copies, outliers and doubtful given labels, and
 * says what to label next.
 * @throws UserError where fewer than two classes have a readable labelled image
 */
export async function labelImages(inputs: LabellingInputs): Promise<Labelled> {
  const { stream, starts, settings, onStage } = inputs;
  const { seed } = settings;
  const learned = starts.find(({ learnedFromLabels }) => learnedFromLabels);
  const task = learned ? withoutSeenLabels(inputs.task, learned.name) : inputs.task;
  const scans: Scan[] = [];
  for (const start of starts) scans.push(await scan(inputs, start, `features: ${start.name}`));
  const [base] = scans as [Scan];
  const images = imagesToLabel(stream, base);

  onStage('looking for copies');
  const given = images.map((image) => task.given[image]!);
  const duplicates = copiesAmong(base, images, given, seed);
  const groups = Int32Array.from(task.given.keys());
  images.forEach((image, row) => {
    groups[image] = images[duplicates.groupOf[row]!]!;
  });
  const folds = learned ? [] : labelFolds(task.given, groups, settings.folds, seed);
  const features = starts.map((start, i) => ({ ...start, table: { ...scans[i]!, encoder: start } }));
  const { methods: names, ...sizes } = settings;
  const methods = await createMethods({ ...inputs, ...sizes, task, groups, starts: features }, names);
  let comparison: Comparison;
  try {
    comparison = await compareMethods(task, folds, methods, { seed, baseline: baselineName, onStage });
  } finally {
    for (const method of methods) method.destroy();
  }
  const { encoder } = comparison.model;
  const known = starts.findIndex(({ tensors }) => tensors === encoder.tensors);
  const own = scans[known] ?? (await scan(inputs, encoder, `features: ${comparison.chosen}`));
  const provenance = { ...inputs.provenance, fingerprint: base.fingerprint };
  return conclude({ ...inputs, task, provenance }, { base, own, images, duplicates, folds, comparison });
}

/**
 * The task for an encoder that has learned from given labels: these check nothing of it, nor do images whose labels it
 * may have seen in another draw; official test images still do.
 * @throws UserError for several draws, which would need as many encoders
 */
function withoutSeenLabels(task: LabelTask, name: string): LabelTask {
  if (task.otherDraws.length > 0) {
    throw new UserError(
      `the pretext ${name} has learned from one draw of labels, so --draws cannot compare others: leave --draws out, or take a run of --method simclr`,
    );
  }
  if (task.heldOutFrom === officialTest || task.heldOut.length === 0) return task;
  return { ...task, heldOut: Int32Array.of(), heldOutFrom: null };
}

/** Features, hashes and thumbnails of every image of the source. */
function scan(
  { engine, stream, settings, onStage }: LabellingInputs,
  encoder: EncoderWeights,
  stage: string,
) {
  onStage(stage);
  const onProgress = (done: number, total: number, speed: Speed) => onStage(stage, done, total, speed);
  return scanImages(engine, encoder, stream, { imageSize: settings.imageSize, onProgress });
}
