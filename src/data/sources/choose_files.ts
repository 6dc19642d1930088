import { Random, shuffledIndices, streams } from '../../random.ts';
import type { OpenOptions } from './image_stream.ts';

/** How many files of a folder are used. */
export interface FileLimits extends Pick<OpenOptions, 'limit' | 'testLimit' | 'seed'> {
  /** Files that no limit leaves out. */
  readonly kept: ReadonlySet<string>;
  /** Whether a file is of the held-out part. */
  readonly isHeldOut: (path: string) => boolean;
}

/**
 * The files that the limits leave, in their order: those that are kept, then the first of a seeded shuffle. So a file that
 * comes to be kept takes the place of the last one of the shuffle, or none where it was there already.
 */
export function chooseFiles(
  found: readonly string[],
  { limit = Infinity, testLimit = limit, seed = 0, kept, isHeldOut }: FileLimits,
): string[] {
  const chosen = (paths: readonly string[], most: number, stream: number) => {
    if (paths.length <= most) return paths;
    const order = Array.from(
      shuffledIndices(paths.length, new Random(seed, streams.limit + stream)),
      (at) => paths[at]!,
    );
    const keep = order.filter((path) => kept.has(path));
    const others = order.filter((path) => !kept.has(path));
    return [...keep, ...others.slice(0, Math.max(0, most - keep.length))];
  };
  if (found.length <= Math.min(limit, testLimit)) return [...found];
  const [training, heldOut] = [found.filter((path) => !isHeldOut(path)), found.filter(isHeldOut)];
  const used = new Set([...chosen(training, limit, 0), ...chosen(heldOut, testLimit, 1)]);
  return found.filter((path) => used.has(path));
}

/** Those that are wanted of the images found, in their order. */
export function chooseOnly(found: readonly string[], only: readonly string[]): string[] {
  const wanted = new Set(only);
  return found.filter((path) => wanted.has(path));
}
