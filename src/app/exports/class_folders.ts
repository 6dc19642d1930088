import { isPage } from '../../data/sources/page_path.ts';
import { rangeOf } from '../../data/sources/range_words.ts';
import { readChunks } from '../../data/sources/read_images.ts';
import { named, sentence, UserError } from '../../errors.ts';
import { endingFor, hasReadEnding, type PlacedImage, placeImages } from '../../label/exports/image_folder.ts';
import type { ImageLabel } from '../../label/image_label.ts';
import { openRunImages } from '../inputs/run_labels.ts';
import type { JobContext } from '../reporter.ts';
import type { ExportContext } from './context.ts';

/**
 * Links or copies image files into class folders. Files that readers of class folders would pass over for their ending,
 * such as `.jfif`, get the usual ending of their content; those of formats that these readers do not decode are drawn
 * anew as PNG files at their own size.
 */
export async function putFiles(
  context: ExportContext,
  labels: readonly ImageLabel[],
): Promise<PlacedImage[]> {
  const { job, data, folder, copy } = context;
  const { files } = job;
  await requireFolder(job, data.data);
  const fileOf = (path: string) => imageFile(files, data.data, path);
  const endings = new Map<string, string>();
  const drawn = new Set<string>();
  const range = rangeOf(data.range);
  for (const { path } of labels) {
    if (hasReadEnding(path)) continue;
    if (isPage(path) && !(await files.stat(fileOf(path)))) {
      drawn.add(path);
      endings.set(path, '.png');
      continue;
    }
    const ending = endingFor(await files.readSlice(fileOf(path), 0, 12));
    if (ending === undefined) drawn.add(path);
    endings.set(path, ending ?? '.png');
  }
  const images = placeImages(labels, { pixelsOnly: false, endings });
  const put = copy ? folder.copy : folder.link;
  const place = async ({ file, path }: PlacedImage): Promise<void> => {
    if (!drawn.has(path)) return put(file, fileOf(path));
    const { pixels, width, height } = await files.decodeWhole(fileOf(path), { range }).catch((error) => {
      throw error instanceof UserError ? error : new UserError(`${fileOf(path)}: ${error.message}`);
    });
    await folder.write(file, await files.encodePng(pixels, width, height));
  };
  await eachOf(images, place, progressOf(context, images.length));
  return images;
}

/** Images decoded at a time. */
const chunkSize = 256;

/** Writes the images of a set without image files as PNG files. */
export async function drawRecords(
  context: ExportContext,
  labels: readonly ImageLabel[],
): Promise<PlacedImage[]> {
  const images = placeImages(labels, { pixelsOnly: true });
  await drawImages(context, images, progressOf(context, images.length));
  return images;
}

const progressOf =
  ({ job }: ExportContext, total: number) =>
  (done: number): void =>
    job.reporter.progress({ stage: 'images', done, total });

async function drawImages(
  { job, data, imageSize, folder }: ExportContext,
  images: readonly PlacedImage[],
  onProgress: (done: number) => void,
): Promise<void> {
  const stream = await openRunImages(job.files, data, imageSize);
  const bytes = 3 * stream.size ** 2;
  const numberOf = new Map(stream.paths.map((path, image) => [path, image]));
  const numbers = Int32Array.from(images, ({ path }) => {
    const image = numberOf.get(path);
    if (image === undefined)
      throw new UserError(
        sentence`${data.data} has no image ${path}: give ${named('data')} as the run had it`,
      );
    return image;
  });
  let done = 0;
  for await (const { pixels } of readChunks(stream, numbers, chunkSize)) {
    for (let start = 0; start < pixels.length; start += bytes) {
      const own = pixels.subarray(start, start + bytes);
      const png = await job.files.encodePng(own, stream.size, stream.size);
      await folder.write(images[done]!.file, png);
      onProgress(++done);
    }
  }
}

/** @throws UserError where the folder of images is not where it was when the run was made */
export async function requireFolder({ files }: JobContext, data: string): Promise<void> {
  if ((await files.stat(data))?.kind === 'folder') return;
  throw new UserError(
    sentence`the run's images are not in ${data}, seen from here: give their folder as ${named('data')}`,
  );
}

/** The image's file below the folder of images. @throws UserError where the path leads elsewhere */
export function imageFile(files: JobContext['files'], data: string, path: string): string {
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path) || path.split(/[/\\]/).includes('..')) {
    throw new UserError(`the path ${path} in labels.csv leads out of ${data}: correct it`);
  }
  return files.join(data, path);
}

/** So many files are worked on at once. */
const filesAtOnce = 8;

/** Does the work for all items, several at once. Nothing is under way any more when the first item's failure is thrown. */
export async function eachOf<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
  onProgress: (done: number) => void,
): Promise<void> {
  const pending = items.entries();
  const failures: { index: number; error: unknown }[] = [];
  let done = 0;
  const worker = async () => {
    for (const [index, item] of pending) {
      if (failures.length > 0) return;
      await work(item, index).catch((error) => failures.push({ index, error }));
      onProgress(++done);
    }
  };
  await Promise.all(Array.from({ length: filesAtOnce }, worker));
  // Items begin in order, so all before a failed one were tried: the same input fails with the same words.
  const [first] = failures.sort((a, b) => a.index - b.index);
  if (first) throw first.error;
}
