import type { Engine } from '../../autograd/engine.ts';
import { resolvePolicy } from '../../data/policy.ts';
import type { ImageStream } from '../../data/sources/image_stream.ts';
import { requireSource } from '../../data/sources/open_stream.ts';
import { parseRange } from '../../data/sources/range_words.ts';
import { named, sentence, UserError } from '../../errors.ts';
import type { ImagePool } from '../../label/methods/recipe_pool.ts';
import { type LabelTask, withoutImages } from '../../label/task.ts';
import { requirePrecision } from '../../pretext/precision.ts';
import { folderSide, sourceKind } from '../inputs/image_source_kind.ts';
import { keptImages } from '../inputs/kept_images.ts';
import { findLabels, requireLabels, requireLabelsFile } from '../inputs/known_labels.ts';
import { readImages, tellSource } from '../inputs/open_images.ts';
import { poolOfRead } from '../inputs/pool_of_read.ts';
import type { PretextStart } from '../inputs/pretext_start.ts';
import { openRunImages } from '../inputs/run_labels.ts';
import { readFineTuning } from '../plan/fine_tuning.ts';
import { requireNetwork } from '../plan/network_plan.ts';
import { adapterSpeed } from '../plan/speed_cache.ts';
import { planTraining, type TrainingPlan } from '../plan/training_plan.ts';
import type { JobContext } from '../reporter.ts';
import type { ComparedSettings } from '../settings/compare.ts';
import type { ComparisonPlan } from './plan_file.ts';
import { parsePoints } from './points.ts';
import { dealOut, requireSplit } from './split.ts';

/** The images of a comparison, dealt out and in memory, and the sizes of the work. */
export interface ComparedImages {
  /** All images of the source. */
  readonly stream: ImageStream;
  /** What each image is for: `given` are all labels to draw from. */
  readonly task: LabelTask;
  /** The images in memory. */
  readonly pool: ImagePool;
  /** SHA-256 of the images in memory. */
  readonly fingerprint: string;
  /** Sizes of the work, whatever chose them. */
  readonly plan: TrainingPlan;
}

/** Checks what the settings alone tell. @throws UserError for one that cannot be, or two that exclude each other */
export async function requireComparison(context: JobContext, settings: ComparedSettings): Promise<void> {
  if (settings.policy !== undefined) resolvePolicy(settings.policy, sentence`${named('policy')}`);
  parseRange(settings.range);
  parsePoints(settings.perClass);
  readFineTuning(settings);
  const budgets = (['budget', 'minutes', 'epochs'] as const).filter((name) => settings[name] !== undefined);
  if (budgets.length > 1)
    throw new UserError(
      sentence`${named(budgets[0]!, settings[budgets[0]!]!)} and ${named(budgets[1]!, settings[budgets[1]!]!)} are two budgets: give one of them`,
    );
  await requireLabelsFile(context, settings.labels);
  requireLabels(settings);
  await requireSource(settings.data, context.files);
}

/**
 * Opens the images, deals them out and sizes the work.
 * @param start what all methods go on from
 * @param started the plan of the comparison that is gone on with
 * @throws UserError where there are no images, or too few labels
 */
export async function openComparison(
  context: JobContext,
  engine: Engine,
  settings: ComparedSettings,
  start: PretextStart | undefined,
  started: ComparisonPlan | undefined,
): Promise<ComparedImages> {
  const { files, reporter } = context;
  const { capabilities } = engine.gpu;
  requireNetwork(settings, start?.encoder);
  requirePrecision(settings.precision, capabilities);
  const labels = { ...settings, labelsPerClass: undefined };
  const opened = await openRunImages(files, settings, settings.imageSize, keptImages(context, labels, {}));
  const isFolder = sourceKind(settings.data) === 'folder';
  const plan =
    started?.plan ??
    planTraining(
      settings,
      capabilities,
      await adapterSpeed(engine, reporter),
      start && { ...start, ...start.recipe },
      await sideOf(settings, opened, start),
    );
  const stream = isFolder ? opened.resized(plan.imageSize) : opened;
  tellSource(reporter, stream);
  const { known, given } = await findLabels(context, stream, labels, { labelsRequired: true });
  const limits = { pool: plan.limit, heldOut: plan.testLimit };
  const dealt = dealOut(known, given, limits, settings.seed);
  const images = Int32Array.from([...dealt.pool, ...dealt.heldOut]).sort();
  const read = await readImages(reporter, stream, images, settings.data);
  const skipped = new Set(read.unreadable.map(({ image }) => image));
  const task = withoutImages(dealt, skipped);
  requireSplit(task);
  const { pool, fingerprint } = await poolOfRead(stream, images, read, {
    labelOf: (image) => (task.given[image]! >= 0 ? task.given[image]! : task.truth[image]!),
    classes: task.classes,
  });
  return { stream, task, pool, fingerprint, plan };
}

/** Side of the images where the data tell it and the user does not. */
async function sideOf(
  { data, imageSize }: ComparedSettings,
  opened: ImageStream,
  start: PretextStart | undefined,
) {
  if (sourceKind(data) === 'pack') return opened.size;
  if (imageSize !== undefined || start || sourceKind(data) !== 'folder') return undefined;
  return (await folderSide(opened))?.side;
}
