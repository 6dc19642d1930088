import { describeFolder, noReadableImage } from './folder.ts';
import {
  allocatePixels,
  type ImageSource,
  type OpenOptions,
  type UnreadableImage,
  withFingerprint,
} from './image_source.ts';
import { openStream } from './image_stream.ts';
import { type ReadProgress, readCompact } from './read_images.ts';

export * from './image_source.ts';

/**
 * Opens what `--data` names (see `openStream`) and decodes it into memory. Images that cannot be read are left out and
 * listed; where `limit` left others out, these take their place, at the end.
 * @throws UserError where nothing readable lies there, an option is out of range or memory does not suffice
 */
export async function openSource(
  spec: string,
  options: OpenOptions & { readonly onProgress?: ReadProgress | undefined },
): Promise<ImageSource> {
  const stream = await openStream(spec, options);
  const { name, size, classes } = stream;
  const bytes = 3 * size ** 2;
  const wanted = stream.paths.length;
  const known = [...stream.paths, ...stream.spare];
  const pixels = allocatePixels(wanted, size);
  const kept: number[] = [];
  const unreadable: UnreadableImage[] = [...stream.unreadable];
  let next = 0;
  while (kept.length < wanted && next < known.length) {
    const before = kept.length;
    const missing = Math.min(wanted - before, known.length - next);
    const images = Int32Array.from({ length: missing }, (_, i) => next + i);
    next += missing;
    const onRead = (done: number) => options.onProgress?.(before + done, wanted);
    const read = await readCompact(stream, images, pixels.subarray(before * bytes), onRead);
    const skipped = new Set(read.unreadable.map(({ image }) => image));
    for (const image of images) if (!skipped.has(image)) kept.push(image);
    for (const { path, reason } of read.unreadable) unreadable.push({ path, reason });
  }
  unreadable.sort((a, b) => (a.path < b.path ? -1 : 1));
  if (kept.length === 0) throw noReadableImage(spec, unreadable);
  const omitted = stream.spare.length > 0 ? known.slice(next).sort() : stream.omitted;
  return withFingerprint({
    name,
    // Only files of their own can be unreadable.
    description:
      unreadable.length > 0
        ? describeFolder(kept.length, omitted.length, unreadable.length)
        : stream.description,
    size,
    pixels: pixels.subarray(0, kept.length * bytes),
    paths: kept.map((image) => known[image]!),
    // Spare images are a folder's, and so are all images beside them.
    labels: Int32Array.from(kept, (image) => stream.labels[image] ?? -1),
    partition: kept.map((image) => stream.partition[image] ?? 'train'),
    classes,
    unreadable,
    omitted,
  });
}
