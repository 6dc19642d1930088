import { csvFile } from '../../data/labels/csv.ts';
import { noneOfTheseText } from '../../data/labels/none_of_these.ts';
import type { Status } from '../../data/labels/status.ts';
import { lastPart } from '../../data/last_part.ts';
import { readChunks } from '../../data/sources/read_images.ts';
import { named, sentence, UserError } from '../../errors.ts';
import { cocoJson, type PixelSize } from '../../label/exports/coco.ts';
import { placeImages, placesCsv } from '../../label/exports/image_folder.ts';
import { jsonLines } from '../../label/exports/json_lines.ts';
import { labelStudioConfig, labelStudioTasks, localFileUrl } from '../../label/exports/label_studio.ts';
import { labelsCsv } from '../../label/files/labels_csv.ts';
import type { ImageLabel } from '../../label/image_label.ts';
import { sourceKind } from '../inputs/image_source_kind.ts';
import { openRunImages, readRunLabels } from '../inputs/run_labels.ts';
import type { JobContext } from '../reporter.ts';
import type { ExportContext, ExportFormat } from './context.ts';

const finished: readonly Status[] = ['given', 'auto'];

/** What can be made of a run's labels, by the formats' names. */
export const labelFormats = {
  /** labels.csv: the run's own, of the chosen statuses. */
  async csv(context) {
    const labels = await chosenLabels(context);
    await context.folder.write(
      'labels.csv',
      csvFile(() => labelsCsv(labels)),
    );
    return `labels.csv (${labels.length} labels)`;
  },
  /** labels.jsonl: labels of the chosen statuses, an object a line. */
  async jsonl(context) {
    const labels = await chosenLabels(context);
    await context.folder.write('labels.jsonl', jsonLines(labels));
    return `labels.jsonl (${labels.length} labels)`;
  },
  /** images/<class>/<file> and images.csv, which says what is what; images of none of the classes are left out. */
  async imagefolder(context) {
    const all = await chosenLabels(context, finished);
    const labels = all.filter(({ label }) => label !== noneOfTheseText);
    const { data } = context.data;
    const pixelsOnly = sourceKind(data) !== 'folder';
    const images = placeImages(labels, pixelsOnly);
    const { files, reporter } = context.job;
    const onProgress = (done: number) => reporter.progress({ stage: 'images', done, total: images.length });
    if (pixelsOnly) await drawImages(context, images, onProgress);
    else {
      await requireFolder(context.job, data);
      const put = context.copy ? context.folder.copy : context.folder.link;
      await eachOf(images, ({ file, path }) => put(file, imageFile(files, data, path)), onProgress);
    }
    await context.folder.write(
      'images.csv',
      csvFile(() => placesCsv(images)),
    );
    const leftOut = all.length - labels.length;
    const nameless = leftOut > 0 ? `, without ${leftOut} of ${noneOfTheseText}` : '';
    return `images/ (${images.length} images in class folders${nameless}), images.csv`;
  },
  /** coco.json: images, categories and one annotation an image. */
  async coco(context) {
    const labels = await chosenLabels(context, finished);
    const sizes = await sizesOf(context, labels);
    const description = `labels of ${context.run}`;
    await context.folder.write('coco.json', cocoJson(labels, { description, sizes }));
    const nameless = labels.filter(({ label }) => label === noneOfTheseText).length;
    return `coco.json (${labels.length - nameless} annotations)`;
  },
  /** label_studio.json, tasks to import; label_studio.xml, with `none of these` as the last choice, the labelling configuration to create the project with. */
  async labelstudio(context) {
    const labels = await chosenLabels(context);
    const { data } = context.data;
    const imageUrl = (path: string) =>
      sourceKind(data) === 'folder' ? localFileUrl(lastPart(data), path) : path;
    const classes = new Set(labels.map(({ label }) => label));
    classes.delete(noneOfTheseText);
    const choices = [...[...classes].sort(), noneOfTheseText];
    await context.folder.write('label_studio.xml', labelStudioConfig(choices));
    const modelVersion = `kindred ${lastPart(context.run)}`;
    await context.folder.write('label_studio.json', labelStudioTasks(labels, { imageUrl, modelVersion }));
    return `label_studio.json (${labels.length} tasks), label_studio.xml`;
  },
} satisfies Record<string, ExportFormat>;

async function chosenLabels(
  { job, run, statuses }: ExportContext,
  usual?: readonly Status[],
): Promise<ImageLabel[]> {
  const wanted = statuses ?? usual;
  const labels = (await readRunLabels(job, run)).filter(({ status }) => wanted?.includes(status) ?? true);
  if (labels.length > 0) return labels;
  const what = wanted ? `no label of the status ${wanted.join(' or ')}` : 'no label';
  throw new UserError(
    sentence`the labels.csv of ${run} has ${what}: choose others with ${named('statuses')}`,
  );
}

/** @throws UserError where the folder of images is not where it was when the run was made */
async function requireFolder({ files }: JobContext, data: string): Promise<void> {
  if ((await files.stat(data))?.kind === 'folder') return;
  throw new UserError(
    sentence`the run's images are not in ${data}, seen from here: give their folder as ${named('data')}`,
  );
}

/** The image's file below the folder of images. @throws UserError where the path leads elsewhere */
function imageFile(files: JobContext['files'], data: string, path: string): string {
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path) || path.split(/[/\\]/).includes('..')) {
    throw new UserError(`the path ${path} in labels.csv leads out of ${data}: correct it`);
  }
  return files.join(data, path);
}

/** Images decoded at a time. */
const chunkSize = 256;

/** Writes the images of a set without image files as PNG files. */
async function drawImages(
  { job, data, imageSize, folder }: ExportContext,
  images: readonly { file: string; path: string }[],
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

async function sizesOf(
  { job, data, imageSize }: ExportContext,
  labels: readonly ImageLabel[],
): Promise<PixelSize[]> {
  if (sourceKind(data.data) !== 'folder') {
    const { size } = await openRunImages(job.files, data, imageSize);
    return labels.map(() => ({ width: size, height: size }));
  }
  const { files, reporter } = job;
  await requireFolder(job, data.data);
  const sizes: PixelSize[] = new Array(labels.length);
  await eachOf(
    labels,
    async ({ path }, index) => {
      const file = imageFile(files, data.data, path);
      sizes[index] = await files.imageSize(file).catch((error) => {
        if (error instanceof UserError) throw error;
        throw new UserError(
          sentence`${file}: ${error.message}: give the images of the run as ${named('data')}`,
        );
      });
    },
    (done) => reporter.progress({ stage: 'image sizes', done, total: labels.length }),
  );
  return sizes;
}

/** So many files are worked on at once. */
const filesAtOnce = 8;

/** Does the work for all items, several at once. Nothing is under way any more when the first item's failure is thrown. */
async function eachOf<T>(
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
