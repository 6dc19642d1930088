import { named, sentence, UserError } from '../../errors.ts';
import { type Exif, exifReach, readExif } from '../../formats/exif.ts';
import type { JobContext } from '../reporter.ts';
import { sourceKind } from './image_source_kind.ts';

/** Photos whose beginnings are read at once. */
const readTogether = 16;
/** So many labelled photos say whether the others are worth reading for it. */
const asked = 20;

/** @throws UserError where the images are no files */
export function requirePhotos(data: string): void {
  if (sourceKind(data) === 'folder') return;
  throw new UserError(
    sentence`${named('groups', 'exif')} needs a folder of photos, but ${named('data', data)} is none: group its images by name:PATTERN or FILE.csv:COLUMN`,
  );
}

/** Camera and time of each photo of a folder; undefined where its file does not say. */
export async function readShots(
  { files, reporter }: JobContext,
  paths: readonly string[],
  folder: string,
): Promise<(Exif | undefined)[]> {
  const shots: (Exif | undefined)[] = [];
  for (let first = 0; first < paths.length; first += readTogether) {
    const beginnings = paths
      .slice(first, first + readTogether)
      .map((path) => files.readSlice(files.join(folder, path), 0, exifReach).catch(() => undefined));
    for (const bytes of await Promise.all(beginnings)) shots.push(bytes && readExif(bytes));
    reporter.progress({ stage: 'times of capture', done: shots.length, total: paths.length });
  }
  return shots;
}

/** Whether of some labelled images at least half say when they were taken. */
export async function sayWhen(
  context: JobContext,
  paths: readonly string[],
  labelled: Int32Array,
  data: string,
): Promise<boolean> {
  if (sourceKind(data) !== 'folder' || labelled.length === 0) return false;
  const step = Math.max(1, labelled.length / asked);
  const some = Array.from(
    { length: Math.min(asked, labelled.length) },
    (_, at) => paths[labelled[Math.floor(at * step)]!]!,
  );
  const shots = await readShots(context, some, data);
  return 2 * shots.filter((shot) => shot !== undefined).length >= shots.length;
}
