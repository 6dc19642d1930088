import type { Engine } from '../../autograd/engine.ts';
import { describeGone, goneClasses } from '../../data/labels/lost_labels.ts';
import type { ImageStream, UnreadableImage } from '../../data/sources/image_stream.ts';
import { type LoadedImages, loadImages, noReadableImage } from '../../data/sources/read_images.ts';
import type { GivenGroups } from '../../label/groups/observation_groups.ts';
import type { ImagePool } from '../../label/methods/recipe_pool.ts';
import {
  chooseTask,
  type LabelTask,
  labelledSet,
  requireReadableLabels,
  withoutImages,
} from '../../label/task.ts';
import type { JobContext, Reporter } from '../reporter.ts';
import type { DataSettings } from '../settings/data.ts';
import { findGroups, type GroupRequest } from './groups.ts';
import { tellElongated } from './image_shapes.ts';
import { type KeptSources, keptImages } from './kept_images.ts';
import { findLabels, type LabelSources } from './known_labels.ts';
import { poolOfRead } from './pool_of_read.ts';
import { readingProgress } from './reading_progress.ts';
import { openRunImages } from './run_labels.ts';

/** The images of a job, dealt out and, as far as networks train on them, in memory. */
export interface OpenedImages {
  /** The device that the job was opened with. */
  readonly engine: Engine;
  /** All images of the source, none of them in memory. */
  readonly stream: ImageStream;
  /** The images by what each is for: given a label, learned from, or held out. */
  readonly task: LabelTask;
  /** The images in memory, from which networks learn and on which they are scored. */
  readonly pool: ImagePool;
  /** SHA-256 of the images in memory. */
  readonly fingerprint: string;
  /** The images that were skipped, each with the reason. */
  readonly unreadable: readonly UnreadableImage[];
  /** Images that count as one observation; absent where each stands alone. */
  readonly groups?: GivenGroups | undefined;
}

/** How images are read and dealt out. */
export interface ImageLimits extends LabelSources, KeptSources {
  /** Side at which a folder's images are read; other sets keep their own. */
  readonly imageSize: number;
  /** Most images in memory for training; undefined: all. */
  readonly poolLimit: number | undefined;
  /** Most held-out images in memory; undefined: all. */
  readonly heldOutLimit: number | undefined;
  /** Draws of given labels to compare methods on. Default 1. */
  readonly draws?: number;
  /** Draws labels and held-out images; the seed of the settings by default, which also chooses what `limit` keeps. */
  readonly labelSeed?: number;
  /** The images, where they were opened already. */
  readonly stream?: ImageStream;
  /** Where groups of images are found; without it none are looked for. */
  readonly groups?: GroupRequest;
}

/**
 * Opens the source, finds its labels, deals the images out and reads those that training needs.
 * @throws UserError where there are no images, none can be read, or labels that the job needs are missing or wrong
 */
export async function openImages(
  context: JobContext,
  engine: Engine,
  options: DataSettings,
  limits: ImageLimits,
): Promise<OpenedImages> {
  const { seed } = options;
  const { files, reporter } = context;
  const keep = keptImages(context, options, limits);
  const stream = limits.stream ?? (await openRunImages(files, options, limits.imageSize, keep));
  tellSource(reporter, stream);
  await tellElongated(reporter, stream, options);
  const found = await findLabels(context, stream, options, limits);
  const { known } = found;
  const dealt = chooseTask(known, { ...limits, ...found, seed: limits.labelSeed ?? seed });
  const groups = limits.groups && (await findGroups(context, stream, dealt, limits.groups, seed));
  const images = Int32Array.from(new Set([...dealt.pool, ...dealt.heldOut])).sort();
  const read = await readImages(reporter, stream, images, options.data);
  const { unreadable } = read;
  const skipped = new Set(unreadable.map(({ image }) => image));
  const { pool, fingerprint } = await poolOfRead(stream, images, read, {
    labelOf: (image) => known.labels[image]!,
    classes: known.classes,
  });
  const task = withoutImages(dealt, skipped);
  tellLostLabels(reporter, dealt, skipped);
  if (limits.labelsRequired) requireReadableLabels(task, dealt);
  return {
    engine,
    stream,
    task,
    pool,
    fingerprint,
    unreadable: [...stream.unreadable, ...unreadable],
    groups,
  };
}

/** Tells what a source holds and how it is read. */
export function tellSource(reporter: Reporter, { description, notes = [] }: ImageStream): void {
  reporter.note(`data: ${description}`);
  for (const note of notes) reporter.note(note);
}

/**
 * Decodes images of a stream into memory, with progress, and tells which were skipped.
 * @param data what the images were opened as, for messages
 * @throws UserError where none of them can be read
 */
export async function readImages(
  reporter: Reporter,
  stream: ImageStream,
  images: Int32Array,
  data: string,
): Promise<LoadedImages> {
  const loaded = await loadImages(stream, images, readingProgress(reporter));
  const { unreadable } = loaded;
  // Files of kinds that are not read were counted when the source was opened.
  tellSkipped(reporter, unreadable);
  if (images.length > 0 && unreadable.length === images.length) throw noReadableImage(data, unreadable);
  return loaded;
}

/** Tells how many labels were lost with images that could not be read, and names classes that have no others. */
function tellLostLabels(
  reporter: Reporter,
  { given, classes }: Pick<LabelTask, 'given' | 'classes'>,
  skipped: ReadonlySet<number>,
): void {
  const { images, labels } = labelledSet(given);
  const lost = images.filter((image) => skipped.has(image)).length;
  if (lost === 0) return;
  const rows = Array.from(images, (image, at) => ({ path: `${image}`, label: classes[labels[at]!]! }));
  const gone = goneClasses(rows, (image) => !skipped.has(Number(image)));
  reporter.note(
    `labels: ${lost} of ${images.length} labels do not count: their images cannot be read${describeGone(gone)}`,
  );
}

/** Tells which images were skipped, the first ten of them by name. */
function tellSkipped(reporter: Reporter, unreadable: readonly UnreadableImage[]): void {
  if (unreadable.length === 0) return;
  const { length } = unreadable;
  reporter.note(`skipped ${length === 1 ? '1 unreadable image' : `${length} unreadable images`}:`);
  for (const { path, reason } of unreadable.slice(0, 10)) reporter.note(`  ${path}: ${reason}`);
  if (unreadable.length > 10) reporter.note(`  and ${unreadable.length - 10} more`);
}
