import { UserError } from '../../errors.ts';
import type { NamedImages } from '../labels/given_rows.ts';

/** Which row of a file each image has. */
export interface PathMatch {
  /** The row of each image of the source, −1 where it has none. */
  readonly rowOf: Int32Array;
  /** Rows whose image the source does not have, not even among those left out. */
  readonly unknown: readonly number[];
  /** How paths were made alike, in words; undefined where they are the images' own. */
  readonly how: string | undefined;
}

/** A way to read the rows' paths as the images'. */
interface Reading {
  /** Rows whose image it finds. */
  readonly count: number;
  readonly how: string | undefined;
  /** The key of an image that a row's key stands for. */
  readonly toImage: (key: string) => string | undefined;
}

/** An image that the source knows and that is not among those in use. */
const notInUse = -1;

/**
 * Finds the row of each image by the paths of the rows: the images' own, or with one folder in front of all of them that
 * another machine had (or that the source has and the file has not), or mere file names where these are unambiguous.
 * Backslashes, a leading `./` and the two ways to write an accent make no difference.
 * @param file the name of what holds the paths, for messages
 * @throws UserError where no path is an image's, two readings do equally well, or two rows are of one image
 */
export function matchPaths(rowPaths: readonly string[], source: NamedImages, file: string): PathMatch {
  const known = imagesByKey(source);
  const keys = rowPaths.map(keyOf);
  const reading = bestReading(keys, known, file);
  if (reading.count === 0)
    throw new UserError(
      `${file} names no image of ${source.name}: its paths are such as ${rowPaths[0]}, the images' such as ${source.paths[0]}; write the images' paths, as the source lists them`,
    );
  const rowOf = new Int32Array(source.paths.length).fill(-1);
  const unknown: number[] = [];
  keys.forEach((key, row) => {
    const own = reading.toImage(key);
    const image = own === undefined ? undefined : known.get(own);
    if (image === undefined) unknown.push(row);
    else if (image !== notInUse) {
      if (rowOf[image]! >= 0)
        throw new UserError(
          `${file} has two rows of ${source.paths[image]}, rows ${rowOf[image]} and ${row} (counted from 0): keep one of the two`,
        );
      rowOf[image] = row;
    }
  });
  return { rowOf, unknown, how: reading.how };
}

const keyOf = (path: string): string =>
  path
    .replaceAll('\\', '/')
    .replace(/^(?:\.\/+)+/, '')
    .normalize('NFC');

function imagesByKey({ paths, omitted, unreadable }: NamedImages): Map<string, number> {
  const known = new Map<string, number>();
  for (const path of omitted) known.set(keyOf(path), notInUse);
  for (const { path } of unreadable) known.set(keyOf(path), notInUse);
  paths.forEach((path, image) => {
    known.set(keyOf(path), image);
  });
  return known;
}

function bestReading(keys: readonly string[], known: ReadonlyMap<string, number>, file: string): Reading {
  const exact: Reading = {
    count: keys.reduce((sum, key) => sum + (known.has(key) ? 1 : 0), 0),
    how: undefined,
    toImage: (key) => key,
  };
  if (exact.count === keys.length) return exact;
  const readings = [exact, ...withoutFolder(keys, known), ...withFolder(keys, known), ...byName(keys, known)];
  readings.sort((a, b) => b.count - a.count);
  const [best, next] = readings as [Reading, ...Reading[]];
  if (!next || next.count < best.count || best.count === 0) return best;
  if (exact.count === best.count) return exact;
  throw new UserError(
    `${file} can be read in two ways, ${best.how} and ${next.how}: write the images' paths, as the source lists them`,
  );
}

/** Readings in which a folder in front of the rows' paths is left out: the two that find most images. */
function withoutFolder(keys: readonly string[], known: ReadonlyMap<string, number>): Reading[] {
  return commonest(keys, known).map(([folder, count]) => ({
    count,
    how: `without '${folder}' in front of its paths`,
    toImage: (key) => (key.startsWith(folder) ? key.slice(folder.length) : undefined),
  }));
}

/** Readings in which a folder is put in front of the rows' paths: the two that find most images. */
function withFolder(keys: readonly string[], known: ReadonlyMap<string, number>): Reading[] {
  return commonest([...known.keys()], new Set(keys)).map(([folder, count]) => ({
    count,
    how: `with '${folder}' in front of its paths`,
    toImage: (key) => `${folder}${key}`,
  }));
}

/** The two folders in front of paths, with a slash behind, whose rest is most often among others. */
function commonest(paths: readonly string[], others: { has(path: string): boolean }): [string, number][] {
  const counts = new Map<string, number>();
  for (const path of paths) {
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      if (!others.has(path.slice(slash + 1))) continue;
      const folder = path.slice(0, slash + 1);
      counts.set(folder, (counts.get(folder) ?? 0) + 1);
    }
  }
  return [...counts].sort((a, b) => b[1] - a[1]).slice(0, 2);
}

/** The reading of rows that are mere file names, where no two images have the same. */
function byName(keys: readonly string[], known: ReadonlyMap<string, number>): Reading[] {
  if (keys.some((key) => key.includes('/'))) return [];
  const imageOf = new Map<string, string>();
  for (const key of known.keys()) {
    const name = key.slice(key.lastIndexOf('/') + 1);
    if (imageOf.has(name)) return [];
    imageOf.set(name, key);
  }
  const count = keys.reduce((sum, key) => sum + (imageOf.has(key) ? 1 : 0), 0);
  return [
    { count, how: 'by the names of the files, whatever their folders', toImage: (key) => imageOf.get(key) },
  ];
}
