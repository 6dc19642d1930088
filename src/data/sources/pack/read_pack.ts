import * as v from 'valibot';
import { named, sentence, UserError } from '../../../errors.ts';
import type { Files } from '../../../platform/platform.ts';
import { visitCsv } from '../../labels/csv_stream.ts';
import { folderParts } from '../../labels/split_folders.ts';
import type { Resize } from '../../resize/resize.ts';
import { chooseFiles, chooseOnly } from '../choose_files.ts';
import type { ImageStream, OpenOptions, Partition, UnreadableImage } from '../image_stream.ts';
import { requireSetFolder, squareMaker, visitRecords } from '../records.ts';
import {
  indexColumns,
  type PackFacts,
  packSchema,
  pixelFile,
  recordBytes,
  unreadableColumns,
} from './pack_files.ts';

/**
 * The images of a pack (see `pack_files.ts`), under the paths of the source that it was made of, with the classes that
 * the source itself knew.
 * @throws UserError for a folder that is none, or one whose files do not fit each other
 */
export async function streamPack(folder: string, options: OpenOptions): Promise<ImageStream> {
  const { files } = options;
  const facts = await readFacts(files, folder);
  const index = await readIndex(files, folder, facts);
  await requirePixels(files, folder, facts);
  const { side, name } = facts;
  const unreadable = await readUnreadable(files, folder);

  const all = index.paths;
  // Parts of a source of its own stand in the index; those of folders that are labels follow from the paths.
  const { isHeldOut: byFolder } = folderParts(options.labelledByFolders ? all : []);
  const tests = new Set(all.filter((_, at) => index.partition[at] === 'test'));
  const isHeldOut = (path: string) => tests.has(path) || byFolder(path);
  const cuts = options.limit !== undefined && all.length > options.limit;
  const known = { name, paths: all, classes: facts.classes, omitted: [], unreadable };
  const kept = cuts && options.keep ? await options.keep(known) : new Set<string>();
  const { only } = options;
  const paths = only ? chooseOnly(all, only) : chooseFiles(all, { ...options, kept, isHeldOut });
  const rows = rowsOfChosen(all, paths);
  const numberOf = new Map(facts.classes.map((label, number) => [label, number]));

  const content = {
    name,
    description: `pack of ${name}: ${paths.length}${paths.length < all.length ? ` of ${all.length}` : ''} images`,
    paths,
    partition: paths.map((path): Partition => (isHeldOut(path) ? 'test' : 'train')),
    classes: facts.classes,
    labels: rows.map((row) => numberOf.get(index.labels[row]!) ?? -1),
    unreadable,
    omitted: omittedOf(all, rows),
  };
  const identify = async (images: Int32Array) =>
    Array.from(images, (image) => index.identities[rows[image]!] || `image ${image}`);
  const stream = (size: number, resize?: Resize): ImageStream => {
    const toSquare = squareMaker(side, side, size, resize);
    const bytes = recordBytes(size);
    const read: ImageStream['read'] = async (images, target, onRead) => {
      const places = images.map((image) => rows[image]!);
      await visitPixels(files, folder, facts, places, onRead, (record, at) =>
        toSquare(record, target.subarray(at * bytes, (at + 1) * bytes)),
      );
      return [];
    };
    return { ...content, size, read, identify, resized: stream };
  };
  return stream(options.imageSize ?? side);
}

/** Rows of the chosen paths, which stand in the order of all. */
function rowsOfChosen(all: readonly string[], paths: readonly string[]): Int32Array {
  const rows = new Int32Array(paths.length);
  for (let row = 0, at = 0; at < paths.length; row++) if (all[row] === paths[at]) rows[at++] = row;
  return rows;
}

/** The paths of all other rows. @param rows ascending */
function omittedOf(all: readonly string[], rows: Int32Array): string[] {
  const omitted: string[] = [];
  for (let row = 0, at = 0; row < all.length && omitted.length < all.length - rows.length; row++) {
    if (rows[at] === row) at++;
    else omitted.push(all[row]!);
  }
  return omitted;
}

/** Calls `visit` with the pixels of each row, file by file. */
async function visitPixels(
  files: Files,
  folder: string,
  { side, imagesAFile }: PackFacts,
  rows: Int32Array,
  onRead: ((count: number) => void) | undefined,
  visit: (record: Uint8Array, at: number) => void,
): Promise<void> {
  for (let start = 0, end = 0; start < rows.length; start = end) {
    const number = Math.floor(rows[start]! / imagesAFile);
    while (end < rows.length && Math.floor(rows[end]! / imagesAFile) === number) end++;
    const path = files.join(folder, pixelFile(number));
    const places = Uint32Array.from(rows.subarray(start, end), (row) => row - number * imagesAFile);
    await visitRecords(
      files,
      { path, headerBytes: 0, recordBytes: recordBytes(side) },
      places,
      onRead,
      (record, at) => visit(record, start + at),
    );
  }
}

async function readFacts(files: Files, folder: string): Promise<PackFacts> {
  await requireSetFolder(files, folder);
  const path = files.join(folder, 'pack.json');
  if ((await files.stat(path))?.kind !== 'file')
    throw new UserError(
      sentence`${folder} holds no pack.json: give a folder that kindred prepare made as ${named('data', 'pack:DIR')}`,
    );
  const text = new TextDecoder().decode(await files.read(path));
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), packSchema), text, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const place = v.getDotPath(parsed.issues[0]);
  throw new UserError(
    place === 'version'
      ? `${path} was written by another version of kindred: prepare the images again`
      : `${path} is damaged${place ? ` at ${place}` : ''}: prepare the images again`,
  );
}

/** What index.csv says of each record. Cells that many rows have are one text. */
interface Index {
  readonly paths: string[];
  readonly labels: string[];
  readonly partition: string[];
  readonly identities: string[];
}

async function readIndex(files: Files, folder: string, facts: PackFacts): Promise<Index> {
  const path = files.join(folder, 'index.csv');
  const index: Index = { paths: [], labels: [], partition: [], identities: [] };
  const known = new Map<string, string>();
  const once = (cell: string) => {
    const found = known.get(cell);
    if (found === undefined) known.set(cell, cell);
    return found ?? cell;
  };
  await visitRows(files, path, indexColumns, ([image, label, part, identity]) => {
    index.paths.push(image!);
    index.labels.push(once(label!));
    index.partition.push(once(part!));
    index.identities.push(identity!);
  });
  const { length } = index.paths;
  if (length !== facts.images)
    throw new UserError(
      `${path} has ${length} images, but pack.json says ${facts.images}: prepare the images again`,
    );
  return index;
}

async function readUnreadable(files: Files, folder: string): Promise<UnreadableImage[]> {
  const unreadable: UnreadableImage[] = [];
  await visitRows(files, files.join(folder, 'unreadable.csv'), unreadableColumns, ([path, reason]) => {
    unreadable.push({ path: path!, reason: reason! });
  });
  return unreadable;
}

/** Visits the rows of a file that `writePack` wrote, below its header. @throws UserError where it did not write it so */
async function visitRows(
  files: Files,
  path: string,
  columns: readonly string[],
  visit: (fields: readonly string[]) => void,
): Promise<void> {
  if ((await files.stat(path))?.kind !== 'file')
    throw new UserError(`${path} is missing: copy the pack again, or prepare the images again`);
  let begins = false;
  const whole = await visitCsv(files, path, (fields, row) => {
    if (row === 0) begins = fields.join(',') === columns.join(',');
    else if (begins) visit(fields);
  });
  if (!begins)
    throw new UserError(`${path} does not begin with ${columns.join(',')}: prepare the images again`);
  if (!whole) throw new UserError(`${path} is damaged: copy the pack again, or prepare the images again`);
}

/** @throws UserError where a file of pixels is missing, or shorter or longer than its records */
async function requirePixels(
  files: Files,
  folder: string,
  { images, side, imagesAFile }: PackFacts,
): Promise<void> {
  for (let number = 0; number * imagesAFile < images; number++) {
    const path = files.join(folder, pixelFile(number));
    const records = Math.min(imagesAFile, images - number * imagesAFile);
    const bytes = (await files.stat(path))?.bytes;
    if (bytes === records * recordBytes(side)) continue;
    const problem = bytes === undefined ? 'is missing' : `has ${bytes} bytes`;
    throw new UserError(
      `${path} ${problem}, but ${records} images of ${side}×${side} pixels take ${records * recordBytes(side)}: copy the pack again, or prepare the images again`,
    );
  }
}
