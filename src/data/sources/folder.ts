import { named, sentence, UserError } from '../../errors.ts';
import type { Files } from '../../platform/platform.ts';
import { folderParts } from '../labels/split_folders.ts';
import { mapAtOnce } from '../map_at_once.ts';
import type { Resize } from '../resize/resize.ts';
import { chooseFiles, chooseOnly } from './choose_files.ts';
import { createFileDecoder } from './file_decoder.ts';
import { gifNotes, leftOutNotes, noImages, PassedOver } from './folder_notes.ts';
import { identifyFiles } from './identify_files.ts';
import { findImages } from './image_files.ts';
import type { ImageStream, NamedImages, OpenOptions, SkippedImage } from './image_stream.ts';
import { chooseRange } from './sample_range.ts';
import { describeSystemFolders, systemPart } from './system_folders.ts';

/** Twice the four threads that decode by default, so that no thread waits for the main one. */
const decodesAtOnce = 8;
const defaultSize = 64;

/**
 * The image files below a folder (hidden ones, and those in folders that systems make, aside), each as a square of
 * `imageSize`, in the order of their paths, of a file that holds several images each of them; none has a label. All are
 * training images but, where the sub-folders are the labels, those of a part such as `test`.
 * @throws UserError for a path that does not exist, a folder without images or with none of a format that is read
 */
export async function streamFolder(folder: string, options: OpenOptions): Promise<ImageStream> {
  const { files, imageSize: size = defaultSize } = options;
  await requireImageFolder(files, folder);
  const passedOver = new PassedOver();
  const all = options.only
    ? await filesOf(files, folder, options.only)
    : await files.list(folder, (path, reason) => passedOver.add(path, reason));
  const listed = all.filter((path) => systemPart(path) === undefined);
  const { images, leftOut, unread: unreadable, stacks, gifs } = await findImages(files, folder, listed);
  if (images.length === 0) throw noImages(folder, leftOut);
  const found = images.map(({ path }) => path);
  const fileOf = new Map(images.map((image) => [image.path, image]));
  const { range, text, note } = await chooseRange(files, images, options.range);
  const showing = { range, fit: options.fit ?? 'crop' };

  const name = folderName(folder);
  const kept = await keptFiles({ name, paths: found, classes: [], omitted: [], unreadable }, options);
  const { isHeldOut } = folderParts(options.labelledByFolders ? found : []);
  const { only } = options;
  const paths = only ? chooseOnly(found, only) : chooseFiles(found, { ...options, kept, isHeldOut });
  const chosen = new Set(paths);
  const content = {
    name,
    description: `${describeFolder(paths.length, found.length - paths.length, stacks)}${describeSystemFolders(all)}`,
    notes: [...passedOver.notes(), ...leftOutNotes(leftOut), ...gifNotes(gifs), ...(note ? [note] : [])],
    ...(text !== undefined && { range: text }),
    paths,
    labels: new Int32Array(paths.length).fill(-1),
    classes: [],
    partition: paths.map((path) => (isHeldOut(path) ? ('test' as const) : ('train' as const))),
    unreadable,
    omitted: found.filter((path) => !chosen.has(path)),
  };
  // Whoever wants to know sizes looks at the same few images, each of which is opened once.
  const sizes = new Map<number, Promise<{ width: number; height: number }>>();
  const sizeOf = (image: number) => {
    const { file, page } = fileOf.get(paths[image]!)!;
    const size = sizes.get(image) ?? files.imageSize(file, page);
    sizes.set(image, size);
    return size;
  };
  const stream = (side: number, resize?: Resize): ImageStream => {
    const decode = createFileDecoder(files, side, showing, resize);
    return {
      ...content,
      size: side,
      read: (images, target, onRead) =>
        decodeAll((path, image) => decode(fileOf.get(path)!, image), paths, side, images, target, onRead),
      identify: (images) =>
        identifyFiles(
          files,
          Array.from(images, (image) => fileOf.get(paths[image]!)!),
          range,
        ),
      sizeOf,
      bytesOf: async (image) => (await files.stat(fileOf.get(paths[image]!)!.file))?.bytes,
      resized: stream,
    };
  };
  return stream(size);
}

/** Files that are looked at together. */
const looksAtOnce = 16;

/** The files of images, in order; those that are gone are left out. */
async function filesOf(
  files: OpenOptions['files'],
  folder: string,
  images: readonly string[],
): Promise<string[]> {
  const there = async (path: string) => (await files.stat(files.join(folder, path)))?.kind === 'file';
  const found = await mapAtOnce(images, looksAtOnce, async (path) => {
    if (await there(path)) return [path];
    // An image of a file of several.
    const file = path.replace(/#\d+$/, '');
    return file !== path && (await there(file)) ? [file] : [];
  });
  return [...new Set(found.flat())].sort();
}

/** Files that the limit must not leave out; it is asked for them only where it leaves out any. */
async function keptFiles(images: NamedImages, { limit, keep }: OpenOptions): Promise<ReadonlySet<string>> {
  const cuts = limit !== undefined && images.paths.length > limit;
  return cuts && keep ? keep(images) : new Set();
}

/** @throws UserError where nothing, or a file, lies at the path of a folder of images */
export async function requireImageFolder(files: Files, folder: string): Promise<void> {
  const info = await files.stat(folder);
  if (info === undefined)
    throw new UserError(sentence`there is nothing at ${folder}: check the path after ${named('data')}`);
  if (info.kind === 'file') throw new UserError(`${folder} is a file: give the folder that holds the images`);
}

/** Decodes the files at `images` among `paths` to consecutive places; gives those that could not be read, in order. */
async function decodeAll(
  decode: (path: string, target: Uint8Array) => Promise<void>,
  paths: readonly string[],
  size: number,
  images: Int32Array,
  target: Uint8Array,
  onRead: ((count: number) => void) | undefined,
): Promise<SkippedImage[]> {
  const skipped: SkippedImage[] = [];
  const bytes = 3 * size * size;
  await mapAtOnce(images, decodesAtOnce, async (image, at) => {
    const path = paths[image]!;
    try {
      await decode(path, target.subarray(at * bytes, (at + 1) * bytes));
    } catch (error) {
      // No image's fault, and the same for all: decoding itself does not work.
      if (error instanceof UserError) throw error;
      skipped.push({ image, path, reason: error instanceof Error ? error.message : String(error) });
    }
    onRead?.(1);
  });
  return skipped.sort((a, b) => a.image - b.image);
}

function folderName(folder: string): string {
  return folder.split(/[\\/]/).findLast((part) => part !== '' && part !== '.') ?? 'folder';
}

/** One line: images to be read, and left out by the limit. */
function describeFolder(read: number, omitted: number, stacks: number): string {
  const left = omitted > 0 ? ` of ${read + omitted}` : '';
  const from = stacks > 0 ? `, some of them of ${stacks} ${stacks === 1 ? 'file' : 'files'} of several` : '';
  return `folder: ${read}${left} images${from}`;
}
