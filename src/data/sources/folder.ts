import { named, sentence, UserError } from '../../errors.ts';
import type { Files } from '../../platform/platform.ts';
import { folderParts } from '../labels/split_folders.ts';
import type { Resize } from '../resize/resize.ts';
import { chooseFiles } from './choose_files.ts';
import { createFileDecoder, type FileDecoder } from './file_decoder.ts';
import { identifyFiles } from './identify_files.ts';
import type { ImageStream, NamedImages, OpenOptions, SkippedImage, UnreadableImage } from './image_stream.ts';
import { noReadableImage } from './read_images.ts';
import { describeSystemFolders, systemPart } from './system_folders.ts';

/** Whatever its name ends in, a file is decoded by its content. */
const readable = /\.(png|jpe?g|jpe|jfif|webp)$/i;
// Images that users have and that cannot be read here: they are listed as skipped instead of passed over in silence.
const otherImage = /\.(gif|bmp|ico|tiff?|hei[cf]|avif|jxl|jp2|svg|psd|dng|cr[23]|nef|arw|orf|raf|rw2)$/i;

/** Twice the four threads that decode by default, so that no thread waits for the main one. */
const decodesAtOnce = 8;
const defaultSize = 64;

/**
 * The PNG, JPEG and WebP files below a folder (hidden ones, and those in folders that systems make, aside), each as a square
 * of `imageSize`, in the order of their paths; none has a label. All are training images but, where the sub-folders are the
 * labels, those of a part such as `test`.
 * @throws UserError for a path that does not exist, a folder without images or with none of a format that is read
 */
export async function streamFolder(folder: string, options: OpenOptions): Promise<ImageStream> {
  const { files, imageSize: size = defaultSize } = options;
  await requireImageFolder(files, folder);
  const all = await files.list(folder);
  const listed = all.filter((path) => systemPart(path) === undefined);
  const found = listed.filter((path) => readable.test(path));
  const unreadable: UnreadableImage[] = listed
    .filter((path) => otherImage.test(path))
    .map((path) => ({ path, reason: 'only PNG, JPEG and WebP can be read' }));
  if (found.length + unreadable.length === 0) throw noImages(folder, listed.length);
  if (found.length === 0) throw noReadableImage(folder, unreadable);

  const name = folderName(folder);
  const kept = await keptFiles({ name, paths: found, classes: [], omitted: [], unreadable }, options);
  const { isHeldOut } = folderParts(options.labelledByFolders ? found : []);
  const paths = chooseFiles(found, { ...options, kept, isHeldOut });
  const chosen = new Set(paths);
  const system = describeSystemFolders(all.filter((path) => readable.test(path)));
  const content = {
    name,
    description: `${describeFolder(paths.length, found.length - paths.length, unreadable.length)}${system}`,
    paths,
    labels: new Int32Array(paths.length).fill(-1),
    classes: [],
    partition: paths.map((path) => (isHeldOut(path) ? ('test' as const) : ('train' as const))),
    unreadable,
    omitted: found.filter((path) => !chosen.has(path)),
  };
  const pathOf = (path: string) => files.join(folder, path);
  const stream = (side: number, resize?: Resize): ImageStream => {
    const decode = createFileDecoder(files, side, resize);
    return {
      ...content,
      size: side,
      read: (images, target, onRead) =>
        decodeAll((path, image) => decode(pathOf(path), image), paths, side, images, target, onRead),
      identify: (images) =>
        identifyFiles(
          files,
          Array.from(images, (image) => pathOf(paths[image]!)),
        ),
      resized: stream,
    };
  };
  return stream(size);
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
  decode: FileDecoder,
  paths: readonly string[],
  size: number,
  images: Int32Array,
  target: Uint8Array,
  onRead: ((count: number) => void) | undefined,
): Promise<SkippedImage[]> {
  const skipped: SkippedImage[] = [];
  const bytes = 3 * size * size;
  const pending = images.entries();
  const work = async () => {
    for (const [at, image] of pending) {
      const path = paths[image]!;
      try {
        await decode(path, target.subarray(at * bytes, (at + 1) * bytes));
      } catch (error) {
        // No image's fault, and the same for all: decoding itself does not work.
        if (error instanceof UserError) throw error;
        skipped.push({ image, path, reason: error instanceof Error ? error.message : String(error) });
      }
      onRead?.(1);
    }
  };
  await Promise.all(Array.from({ length: decodesAtOnce }, work));
  return skipped.sort((a, b) => a.image - b.image);
}

function folderName(folder: string): string {
  return folder.split(/[\\/]/).findLast((part) => part !== '' && part !== '.') ?? 'folder';
}

/** One line: images to be read, left out by the limit, and of formats that are not read. */
function describeFolder(read: number, omitted: number, unreadable: number): string {
  const left = omitted > 0 ? ` of ${read + omitted + unreadable}` : '';
  const skipped = unreadable > 0 ? `, ${unreadable} skipped as unreadable` : '';
  return `folder: ${read}${left} images${skipped}`;
}

function noImages(folder: string, others: number): UserError {
  const content =
    others === 0 ? 'is empty' : `holds ${others} ${others === 1 ? 'file' : 'files'} but no image`;
  return new UserError(`${folder} ${content}: give a folder with PNG, JPEG or WebP files`);
}
