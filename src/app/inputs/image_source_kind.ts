import { mapAtOnce } from '../../data/map_at_once.ts';
import type { Files } from '../../platform/platform.ts';

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

/** Files whose headers are read, at most, and how many at once. */
const looked = 200;
const headersAtOnce = 8;

/**
 * The side for a folder's images: the smallest of 32, 48 and 64 pixels that is not below the median of their shorter
 * sides, since images that are blown up cost more and show no more.
 * @param paths of the images in the folder, of which a sample's headers are read
 * @returns undefined where no header can be read
 */
export async function folderSide(
  files: Pick<Files, 'join' | 'imageSize'>,
  folder: string,
  paths: readonly string[],
): Promise<FolderSide | undefined> {
  const count = Math.min(looked, paths.length);
  const sample = Array.from({ length: count }, (_, i) => paths[Math.floor((i * paths.length) / count)]!);
  const sides: number[] = [];
  await mapAtOnce(sample, headersAtOnce, async (path) => {
    // What has no header that can be read is told when it is decoded.
    const size = await files.imageSize(files.join(folder, path)).catch(() => undefined);
    if (size) sides.push(Math.min(size.width, size.height));
  });
  const median = sides.sort((a, b) => a - b)[Math.floor(sides.length / 2)];
  if (median === undefined) return undefined;
  return { side: folderSides.find((side) => side >= median) ?? usualSide, median };
}
