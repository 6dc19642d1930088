import { parse } from 'csv-parse/browser/esm/sync';
import * as v from 'valibot';
import { named, sentence, UserError } from '../../../errors.ts';
import type { Files } from '../../../platform/platform.ts';
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
  const partOf = new Map(all.map((path, at) => [path, index.partition[at]!]));
  const isHeldOut = (path: string) => partOf.get(path) === 'test' || byFolder(path);
  const cuts = options.limit !== undefined && all.length > options.limit;
  const known = { name, paths: all, classes: facts.classes, omitted: [], unreadable };
  const kept = cuts && options.keep ? await options.keep(known) : new Set<string>();
  const { only } = options;
  const paths = only ? chooseOnly(all, only) : chooseFiles(all, { ...options, kept, isHeldOut });
  const chosen = new Set(paths);
  const rows = Int32Array.from(all.keys()).filter((row) => chosen.has(all[row]!));
  const numberOf = new Map(facts.classes.map((label, number) => [label, number]));

  const content = {
    name,
    description: `pack of ${name}: ${paths.length}${paths.length < all.length ? ` of ${all.length}` : ''} images`,
    paths,
    partition: paths.map((path): Partition => (isHeldOut(path) ? 'test' : 'train')),
    classes: facts.classes,
    labels: rows.map((row) => numberOf.get(index.labels[row]!) ?? -1),
    unreadable,
    omitted: all.filter((path) => !chosen.has(path)),
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

async function readIndex(files: Files, folder: string, facts: PackFacts) {
  const path = files.join(folder, 'index.csv');
  const rows = await readRows(files, path, indexColumns);
  if (rows.length !== facts.images)
    throw new UserError(
      `${path} has ${rows.length} images, but pack.json says ${facts.images}: prepare the images again`,
    );
  const column = (at: number) => rows.map((fields) => fields[at]!);
  return { paths: column(0), labels: column(1), partition: column(2), identities: column(3) };
}

async function readUnreadable(files: Files, folder: string): Promise<UnreadableImage[]> {
  const rows = await readRows(files, files.join(folder, 'unreadable.csv'), unreadableColumns);
  return rows.map(([path, reason]) => ({ path: path!, reason: reason! }));
}

/** The rows of a file that `writePack` wrote, below its header. */
async function readRows(files: Files, path: string, columns: readonly string[]): Promise<string[][]> {
  const text = new TextDecoder().decode(await files.read(path));
  let rows: string[][];
  try {
    rows = parse(text, { bom: true });
  } catch {
    rows = [];
  }
  if (rows[0]?.join(',') === columns.join(',')) return rows.slice(1);
  throw new UserError(`${path} does not begin with ${columns.join(',')}: prepare the images again`);
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
