import { named, sentence, UserError } from '../errors.ts';
import type { Fold } from '../numerics/stratified_folds.ts';
import { defaultMethod } from '../pretext/registry.ts';
import { Random, streams } from '../random.ts';
import { compareWithRest, type Likeness } from './confidence/likeness.ts';
import { duplicatesAmong } from './findings/duplicates.ts';
import { type FixedScenes, findFixedScenes } from './findings/fixed_scenes.ts';
import { namesLieApart } from './groups/coverage.ts';
import { observationGroups } from './groups/observation_groups.ts';
import { orderTrials } from './groups/order_check.ts';
import type { LabellingInputs } from './inputs.ts';
import { labelSeed } from './label_seed.ts';
import { type Comparison, compareMethods } from './methods/comparison.ts';
import { labelFolds } from './methods/folds.ts';
import type { LabellingModel } from './methods/method.ts';
import { baselineName, createMethods } from './methods/method_registry.ts';
import type { Speed } from './pace.ts';
import { type Gathered, type Prediction, predict } from './prediction.ts';
import { type ImageCensus, imagesToLabel, takeCensus, thumbnailsOf } from './scan/census.ts';
import { encodeImages } from './scan/encoder_scan.ts';
import { type Features, hasEncoder, rowsOf } from './scan/features.ts';
import type { Scan } from './scan/start.ts';
import { checks } from './task.ts';

/** What is found out before any label is decided. */
export interface Evidence extends Gathered {
  /** What was seen of each image: whether it can be read, its hash, its thumbnail. */
  readonly census: ImageCensus;
  /** Features of the first start. */
  readonly base: Features;
  /** Backgrounds that many images have in common. */
  readonly scenes: FixedScenes;
  /** Empty where the given labels are too few. */
  readonly folds: readonly Fold[];
  /** Whether the labelled images are like the others; null where there are too few to tell. */
  readonly likeness: Likeness | null;
  /** What the model that labels says of each image. */
  readonly prediction: Prediction;
}

/**
 * Scans the images, finds copies, compares the methods on the given labels, and predicts each image by the best.
 * @throws UserError for several label draws with a start that has learned from one, or where no method can label
 */
export async function gatherEvidence(inputs: LabellingInputs): Promise<Evidence> {
  const { stream, task, starts, settings, onStage } = inputs;
  requireOneDraw(inputs);
  // Folds and trainings whose checks a promise rests on: another seed of the user's is no other chance.
  const seed = labelSeed(stream.paths, task.given, task.classes);
  const scans: Scan[] = [];
  for (const start of starts) {
    const onProgress = progressOf(inputs, `features: ${start.origin.name}`);
    scans.push(await start.scan(stream, { census: scans.length === 0, onProgress }));
  }
  const features = scans.map((scan, at) => ({
    ...scan.features,
    learnedFromLabels: starts[at]!.learnedFromLabels === true,
  }));
  const base: Features = features[0]!;
  const census =
    scans[0]!.census ??
    (await takeCensus(stream, { onProgress: progressOf(inputs, 'looking at the images') }));
  const images = imagesToLabel(stream, census);

  onStage('looking for copies');
  const given = images.map((image) => task.given[image]!);
  const duplicates = duplicatesAmong(census, base, images, given, settings.seed);
  const scenes = findFixedScenes(
    thumbnailsOf(census, images),
    duplicates.groupOf,
    given,
    new Random(settings.seed, streams.scenes),
  );
  const copyOf = Int32Array.from(task.given.keys());
  images.forEach((image, row) => {
    copyOf[image] = images[duplicates.groupOf[row]!]!;
  });
  const groups = observationGroups(copyOf, inputs.groups);
  const folds = labelFolds(task.given, groups, settings.folds, seed);
  const { networks } = inputs;
  const methods = await createMethods(
    { stream, task, groups, starts: features, networks, seed, onStage },
    settings.methods,
  );
  let comparison: Comparison;
  try {
    const { paths } = stream;
    const apart = !inputs.groups && namesLieApart(paths, task.given, images);
    const neighbours = apart ? orderTrials(paths, task.given, groups, folds, seed) : [];
    const { targetError } = settings;
    const run = { seed, baseline: baselineName, targetError, groups, neighbours, onStage };
    comparison = await compareMethods(task, folds, methods, run);
  } finally {
    for (const method of methods) method.destroy();
  }
  const own = await featuresOf(comparison, features, inputs);
  onStage('labelled images beside the others');
  // What was proposed, or audited, is unlike the others by design: it is no sample of them, and none of the others.
  const compared = images.filter((image) => task.given[image]! < 0 || checks(task, image));
  const likeness = compareWithRest({
    features: rowsOf(own, compared),
    columns: own.columns,
    given: compared.map((image) => task.given[image]!),
    classes: task.classes.length,
    groups: compared.map((image) => groups[image]!),
    seed,
  });
  const found = { images, census, base, own, duplicates, scenes, groups, folds, comparison, likeness };
  return { ...found, prediction: predict(inputs, found) };
}

/** Tells how far a stage is, from its beginning on. */
function progressOf({ onStage }: LabellingInputs, stage: string) {
  onStage(stage);
  return (done: number, total: number, speed: Speed) => onStage(stage, done, total, speed);
}

/** Features that a model stands on: a start's, or those of an encoder trained further here. */
async function featuresOf(
  { model, chosen }: { readonly model: LabellingModel; readonly chosen: string },
  known: readonly Features[],
  inputs: LabellingInputs,
): Promise<Features> {
  const { origin } = model;
  const start = known.find((features) => features.origin === origin);
  if (start) return start;
  const { networks, stream } = inputs;
  if (!networks || !hasEncoder(origin)) throw new Error(`there is no encoder for the features of ${chosen}`);
  const onProgress = progressOf(inputs, `features: ${chosen}`);
  return encodeImages(networks.engine, origin, stream, { onProgress });
}

/** @throws UserError for several draws with a start that has learned from one, which would need as many encoders */
function requireOneDraw({ task, starts }: LabellingInputs): void {
  const learned = starts.find(({ learnedFromLabels }) => learnedFromLabels);
  if (!learned || task.otherDraws.length === 0) return;
  throw new UserError(
    sentence`the pretext ${learned.origin.name} has learned from one draw of labels, so ${named('draws')} cannot compare others: leave ${named('draws')} out, or take a run of ${named('pretext', defaultMethod)}`,
  );
}
