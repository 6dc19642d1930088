import { platform } from '#platform';
import type { Engine } from '../autograd/engine.ts';
import { type Labels, type UnreadableImage, withFingerprint } from '../data/image_source.ts';
import { type ImageStream, loadImages, openStream } from '../data/image_stream.ts';
import {
  folderLabels,
  labelsOf,
  mergeLabels,
  type NamedImages,
  type PathLabel,
  readGivenRows,
} from '../data/labels.ts';
import { UserError } from '../errors.ts';
import type { ImagePool } from '../label/methods/network_methods.ts';
import { chooseTask, type LabelTask, withoutImages } from '../label/task.ts';
import { terminal } from '../platform/node_terminal.ts';
import type { DataOptions } from './options.ts';
import { sourceKind } from './plan.ts';
import { noLabels } from './session.ts';

/** The images of a command, dealt out and, as far as networks train on them, in memory. */
export interface OpenedImages {
  readonly engine: Engine;
  readonly stream: ImageStream;
  readonly task: LabelTask;
  readonly pool: ImagePool;
  /** SHA-256 of the images in memory. */
  readonly fingerprint: string;
  readonly unreadable: readonly UnreadableImage[];
}

export interface ImageLimits {
  /** Side at which a folder's images are read; other sets keep their own. */
  readonly imageSize: number;
  readonly poolLimit: number | undefined;
  readonly heldOutLimit: number | undefined;
  readonly draws?: number;
  /** Without labels nothing can be labelled; a pretext run needs none. */
  readonly labelsRequired: boolean;
  /** Labels of an earlier run, undefined where it has none: later ones are added to them. */
  readonly earlier?: (images: NamedImages) => Promise<readonly PathLabel[] | undefined>;
  /** Draws labels and held-out images; the seed of the options by default, which also chooses what `limit` keeps. */
  readonly labelSeed?: number;
}

/** Opens the source, finds its labels, deals the images out and reads those that training needs. */
export async function openImages(
  engine: Engine,
  options: DataOptions,
  limits: ImageLimits,
): Promise<OpenedImages> {
  const { data, seed, limit, testLimit } = options;
  const stream = await openStream(data, {
    files: platform.files,
    seed,
    limit,
    testLimit,
    imageSize: sourceKind(data) === 'folder' ? limits.imageSize : undefined,
  });
  terminal.note(`data: ${stream.description}`);
  const { known, given } = await findLabels(stream, options, limits);
  const perClass = given ? undefined : (options.labelsPerClass ?? (data === 'demo' ? 10 : undefined));
  const dealt = chooseTask(known, { ...limits, perClass, given, seed: limits.labelSeed ?? seed });
  const images = Int32Array.from(new Set([...dealt.pool, ...dealt.heldOut])).sort();
  const { pixels, unreadable } = await loadImages(stream, images, (done, total) =>
    terminal.live(`reading images: ${done} of ${total}`),
  );
  tellSkipped([...stream.unreadable, ...unreadable]);
  const [first] = unreadable;
  if (first && unreadable.length === images.length) {
    throw new UserError(
      `${data}: none of ${images.length} images can be read (${first.path}: ${first.reason}): give a folder with intact PNG, JPEG or WebP files`,
    );
  }
  const skipped = new Set(unreadable.map(({ image }) => image));
  const kept = images.filter((image) => !skipped.has(image));
  const positions = new Int32Array(stream.paths.length).fill(-1);
  kept.forEach((image, position) => {
    positions[image] = position;
  });
  const { fingerprint } = await withFingerprint({
    ...stream,
    pixels,
    paths: Array.from(kept, (image) => stream.paths[image]!),
    partition: Array.from(kept, (image) => stream.partition[image]!),
    labels: kept.map((image) => known.labels[image]!),
    classes: known.classes,
    unreadable,
  });
  const task = withoutImages(dealt, skipped);
  return {
    engine,
    stream,
    task,
    pool: { pixels, size: stream.size, positions },
    fingerprint,
    unreadable: [...stream.unreadable, ...unreadable],
  };
}

/** All that is known of the images' classes, and what of it was given where that is less. */
async function findLabels(
  stream: ImageStream,
  { data, labels }: DataOptions,
  { labelsRequired, earlier }: ImageLimits,
): Promise<{ known: Labels; given: Int32Array | undefined }> {
  const own: Labels = { classes: stream.classes, labels: stream.labels, partition: stream.partition };
  let rows = await earlier?.(stream);
  let where = 'the labels given before';
  if (labels === 'folders') {
    const named = { ...folderLabels(stream), partition: stream.partition };
    if (!rows) return { known: named, given: undefined };
  } else if (labels !== undefined) {
    where = labels;
    const text = new TextDecoder().decode(await platform.files.read(labels));
    const { rows: read, predictedRows, emptyRows } = readGivenRows(text, stream, { file: labels });
    if (predictedRows > 0) {
      terminal.note(
        `labels: ${read.length} given ones taken from ${labels}, ${predictedRows} predicted ones left out (write given as the status of those that you have checked)`,
      );
    }
    if (emptyRows > 0) terminal.note(`labels: ${emptyRows} rows of ${labels} without a label were left out`);
    if (rows) {
      const merged = mergeLabels(rows, read);
      terminal.note(`labels: ${merged.added} added, ${merged.changed} changed, ${merged.rows.length} in all`);
      rows = merged.rows;
    } else rows = read;
  }
  if (rows) {
    const given = labelsOf(rows, stream, where);
    const numbers = given.classes.map((name) => own.classes.indexOf(name));
    // Where the set knows the classes itself, what was not given can score.
    if (numbers.every((number) => number >= 0)) {
      return { known: own, given: given.labels.map((label) => (label < 0 ? -1 : numbers[label]!)) };
    }
    return { known: { ...given, partition: stream.partition }, given: undefined };
  }
  if (labelsRequired && !own.labels.some((label) => label >= 0)) throw noLabels(data);
  return { known: own, given: undefined };
}

function tellSkipped(unreadable: readonly { path: string; reason: string }[]): void {
  if (unreadable.length === 0) return;
  terminal.note(`skipped ${unreadable.length} unreadable images:`);
  for (const { path, reason } of unreadable.slice(0, 10)) terminal.note(`  ${path}: ${reason}`);
  if (unreadable.length > 10) terminal.note(`  and ${unreadable.length - 10} more`);
}
