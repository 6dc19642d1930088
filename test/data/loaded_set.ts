import { fingerprintOf } from '../../src/data/sources/fingerprint.ts';
import type { ImageStream, OpenOptions, Partition } from '../../src/data/sources/image_stream.ts';
import { openStream } from '../../src/data/sources/open_stream.ts';
import { loadImages, type ReadProgress } from '../../src/data/sources/read_images.ts';

/** A set with all of its images that can be read in memory; the others are listed, by path. */
export interface LoadedSet extends Omit<ImageStream, 'read' | 'resized'> {
  readonly pixels: Uint8Array;
  readonly fingerprint: string;
}

/** Opens a set and decodes all of it. */
export async function loadSet(
  spec: string,
  options: OpenOptions & { readonly onProgress?: ReadProgress },
): Promise<LoadedSet> {
  const stream = await openStream(spec, options);
  const images = Int32Array.from(stream.paths.keys());
  const { pixels, unreadable } = await loadImages(stream, images, options.onProgress);
  const skipped = new Set(unreadable.map(({ image }) => image));
  const kept = images.filter((image) => !skipped.has(image));
  const { read: _, resized: __, ...described } = stream;
  const content = {
    ...described,
    paths: Array.from(kept, (image) => stream.paths[image]!),
    labels: kept.map((image) => stream.labels[image]!),
    partition: Array.from(kept, (image) => stream.partition[image]!),
  };
  const others = unreadable.map(({ path, reason }) => ({ path, reason }));
  return {
    ...content,
    pixels,
    unreadable: [...stream.unreadable, ...others].sort((a, b) => (a.path < b.path ? -1 : 1)),
    fingerprint: await fingerprintOf(content, pixels),
  };
}

/** The numbers of the images in one partition, ascending. */
export function partitionIndices(set: Pick<ImageStream, 'partition'>, partition: Partition): number[] {
  return set.partition.flatMap((own, index) => (own === partition ? [index] : []));
}
