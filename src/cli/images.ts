import type { Engine } from '../autograd/engine.ts';
import { fingerprintOf } from '../data/sources/fingerprint.ts';
import type { ImageStream, UnreadableImage } from '../data/sources/image_stream.ts';
import { loadImages, noReadableImage } from '../data/sources/read_images.ts';
import type { ImagePool } from '../label/methods/network_method.ts';
import { chooseTask, type LabelTask, requireReadableLabels, withoutImages } from '../label/task.ts';
import { terminal } from '../platform/node_terminal.ts';
import { findLabels, type LabelSources } from './find_labels.ts';
import type { DataOptions } from './options.ts';
import { openRunImages } from './run_labels.ts';
import { tellSkipped } from './session.ts';

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

export interface ImageLimits extends LabelSources {
  /** Side at which a folder's images are read; other sets keep their own. */
  readonly imageSize: number;
  readonly poolLimit: number | undefined;
  readonly heldOutLimit: number | undefined;
  readonly draws?: number;
  /** Draws labels and held-out images; the seed of the options by default, which also chooses what `limit` keeps. */
  readonly labelSeed?: number;
}

/** Opens the source, finds its labels, deals the images out and reads those that training needs. */
export async function openImages(
  engine: Engine,
  options: DataOptions,
  limits: ImageLimits,
): Promise<OpenedImages> {
  const { data, seed } = options;
  const stream = await openRunImages(options, limits.imageSize);
  terminal.note(`data: ${stream.description}`);
  const found = await findLabels(stream, options, limits);
  const { known } = found;
  const dealt = chooseTask(known, { ...limits, ...found, seed: limits.labelSeed ?? seed });
  const images = Int32Array.from(new Set([...dealt.pool, ...dealt.heldOut])).sort();
  const { pixels, unreadable } = await loadImages(stream, images, (done, total) =>
    terminal.live(`reading images: ${done} of ${total}`),
  );
  tellSkipped([...stream.unreadable, ...unreadable]);
  if (images.length > 0 && unreadable.length === images.length) throw noReadableImage(data, unreadable);
  const skipped = new Set(unreadable.map(({ image }) => image));
  const kept = images.filter((image) => !skipped.has(image));
  const positions = new Int32Array(stream.paths.length).fill(-1);
  kept.forEach((image, position) => {
    positions[image] = position;
  });
  const content = {
    size: stream.size,
    paths: Array.from(kept, (image) => stream.paths[image]!),
    partition: Array.from(kept, (image) => stream.partition[image]!),
    labels: kept.map((image) => known.labels[image]!),
    classes: known.classes,
  };
  const fingerprint = await fingerprintOf(content, pixels);
  const task = withoutImages(dealt, skipped);
  if (limits.labelsRequired) requireReadableLabels(task, dealt);
  return {
    engine,
    stream,
    task,
    pool: { pixels, size: stream.size, positions },
    fingerprint,
    unreadable: [...stream.unreadable, ...unreadable],
  };
}
