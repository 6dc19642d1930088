import type { ImageStream } from '../../data/sources/image_stream.ts';
import { sampledSizes } from './sampled_sizes.ts';

/** Sides that images are read at when the user does not say: a binary set's own. */
const nativeSides: Readonly<Record<string, number>> = {
  demo: 32,
  cifar10: 32,
  cifar100: 32,
  stl10: 96,
  idx: 28,
  npz: 28,
  hdf5: 64,
  pack: 64,
};

/** What kind of source a `data` setting names: `demo`, `cifar10`, `cifar100`, `stl10`, `idx`, `npz`, `hdf5`, `pack` or `folder`. */
export function sourceKind(data: string): string {
  const prefix = data.split(':')[0]!;
  return Object.hasOwn(nativeSides, prefix) ? prefix : 'folder';
}

/** Sides that a folder's images are read at when the user does not say; the last one too where they are larger. */
const folderSides = [32, 48, 64] as const;
const usualSide = folderSides[2];

/** Side in pixels of the images that a `data` setting names, as far as it is known before any is opened. */
export const nativeSide = (data: string): number => nativeSides[sourceKind(data)] ?? usualSide;

/** How large a folder's images are. */
export interface FolderSide {
  /** Side in pixels that they are read at when the user does not say. */
  readonly side: number;
  /** The median of their shorter sides, in pixels. */
  readonly median: number;
}

/**
 * The side for a folder's images: the smallest of 32, 48 and 64 pixels that is not below the median of their shorter
 * sides, since images that are blown up cost more and show no more.
 * @returns undefined where no header can be read
 */
export async function folderSide(
  stream: Pick<ImageStream, 'paths' | 'sizeOf'>,
): Promise<FolderSide | undefined> {
  const { sizes } = await sampledSizes(stream);
  const shorter = sizes.map(({ width, height }) => Math.min(width, height)).sort((a, b) => a - b);
  const median = shorter[Math.floor(shorter.length / 2)];
  if (median === undefined) return undefined;
  return { side: folderSides.find((side) => side >= median) ?? usualSide, median };
}
