import { UserError } from '../errors.ts';
import { chooseAscending, Random, streams } from '../random.ts';
import {
  allocatePixels,
  type ImageSource,
  type OpenOptions,
  type UnreadableImage,
  withFingerprint,
} from './image_source.ts';

const READABLE = /\.(png|jpe?g|webp)$/i;
// Images that users have and that cannot be read here: they are listed as skipped instead of passed over in silence.
const OTHER_IMAGE = /\.(gif|bmp|tiff?|hei[cf]|avif|jxl|jp2|svg|dng|cr2|nef|arw)$/i;

/** Twice the four threads that decode by default, so that no thread waits for the main one. */
const DECODES_AT_ONCE = 8;
const DEFAULT_SIZE = 64;

/**
 * The PNG, JPEG and WebP files below a folder (hidden files and folders aside), each as a square of `imageSize`, in the
 * order of their paths; none has a label and all are training images. Images that cannot be read are skipped and
 * listed; where `limit` applies, others replace them, at the end.
 * @throws UserError for a path that does not exist, a folder without images or without a readable one
 */
export async function openFolder(folder: string, options: OpenOptions): Promise<ImageSource> {
  const { files, seed = 0, imageSize: size = DEFAULT_SIZE } = options;
  const info = await files.stat(folder);
  if (info === undefined) throw new UserError(`there is nothing at ${folder}: check the path after --data`);
  if (info.kind === 'file') throw new UserError(`${folder} is a file: give the folder that holds the images`);
  const listed = (await files.list(folder)).filter((path) => !/(^|\/)\./.test(path));
  const found = listed.filter((path) => READABLE.test(path));
  const unreadable: UnreadableImage[] = listed
    .filter((path) => OTHER_IMAGE.test(path))
    .map((path) => ({ path, reason: 'only PNG, JPEG and WebP can be read' }));
  if (found.length + unreadable.length === 0) throw noImages(folder, listed.length);

  const wanted = Math.min(options.limit ?? found.length, found.length);
  const pixels = allocatePixels(wanted, size);
  const paths: string[] = [];
  const queue = candidates(found, wanted, seed);
  while (paths.length < wanted && queue.length > 0) {
    const batch = queue.splice(0, wanted - paths.length);
    const start = paths.length;
    const reasons = await decodeAll(folder, batch, size, pixels, start, wanted, options);
    batch.forEach((path, index) => {
      const reason = reasons[index];
      if (reason === undefined) keep(pixels, size, start + index, paths.push(path) - 1);
      else unreadable.push({ path, reason });
    });
  }
  unreadable.sort((a, b) => (a.path < b.path ? -1 : 1));
  if (paths.length === 0) throw noReadableImage(folder, unreadable);

  return withFingerprint({
    name: folderName(folder),
    description: describeFolder(paths.length, queue.length, unreadable.length),
    size,
    pixels: pixels.subarray(0, paths.length * size * size * 3),
    paths,
    labels: new Int32Array(paths.length).fill(-1),
    classes: [],
    partition: paths.map(() => 'train'),
    unreadable,
    omitted: queue.sort(),
  });
}

/** The chosen paths, ascending, and behind them the others in the order in which they would replace them. */
function candidates(found: readonly string[], wanted: number, seed: number): string[] {
  if (wanted === found.length) return [...found];
  const chosen = chooseAscending(found.length, wanted, new Random(seed, streams.limit));
  const rest = new Set(found.keys());
  for (const index of chosen) rest.delete(index);
  const replacements = new Random(seed, streams.limit + 1).shuffle([...rest]);
  return [...chosen, ...replacements].map((index) => found[index]!);
}

/** Decodes to consecutive places from `start`; gives the reason, in place, of each image that could not be read. */
async function decodeAll(
  folder: string,
  paths: readonly string[],
  size: number,
  pixels: Uint8Array,
  start: number,
  total: number,
  { files, onProgress }: OpenOptions,
): Promise<(string | undefined)[]> {
  const reasons: (string | undefined)[] = new Array(paths.length).fill(undefined);
  const pending = paths.entries();
  let done = start;
  const work = async () => {
    for (const [index, path] of pending) {
      try {
        const image = await files.decodeImage(files.join(folder, path), size);
        pixels.set(image, (start + index) * size * size * 3);
      } catch (error) {
        // No image's fault, and the same for all: decoding itself does not work.
        if (error instanceof UserError) throw error;
        reasons[index] = error instanceof Error ? error.message : String(error);
      }
      onProgress?.(++done, total);
    }
  };
  await Promise.all(Array.from({ length: DECODES_AT_ONCE }, work));
  return reasons;
}

/** Closes the gaps that unreadable images leave. */
function keep(pixels: Uint8Array, size: number, from: number, to: number): void {
  const bytes = size * size * 3;
  if (from !== to) pixels.copyWithin(to * bytes, from * bytes, (from + 1) * bytes);
}

function folderName(folder: string): string {
  return folder.split(/[\\/]/).findLast((part) => part !== '' && part !== '.') ?? 'folder';
}

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

function noReadableImage(folder: string, unreadable: readonly UnreadableImage[]): UserError {
  const { path, reason } = unreadable[0]!;
  const count = unreadable.length === 1 ? 'the only image' : `none of ${unreadable.length} images`;
  const verb = unreadable.length === 1 ? 'cannot be read' : 'can be read';
  return new UserError(
    `${folder}: ${count} ${verb} (${path}: ${reason}): give a folder with intact PNG, JPEG or WebP files`,
  );
}
