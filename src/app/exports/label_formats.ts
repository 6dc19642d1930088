import { csvFile } from '../../data/labels/csv.ts';
import { noneOfTheseText } from '../../data/labels/none_of_these.ts';
import type { Status } from '../../data/labels/status.ts';
import { lastPart } from '../../data/last_part.ts';
import { named, sentence, UserError } from '../../errors.ts';
import { cocoJson, type PixelSize } from '../../label/exports/coco.ts';
import { placesCsv } from '../../label/exports/image_folder.ts';
import { jsonLines } from '../../label/exports/json_lines.ts';
import { labelStudioConfig, labelStudioTasks, localFileUrl } from '../../label/exports/label_studio.ts';
import { labelsCsv } from '../../label/files/labels_csv.ts';
import type { ImageLabel } from '../../label/image_label.ts';
import { sourceKind } from '../inputs/image_source_kind.ts';
import { openRunImages, readRunLabels } from '../inputs/run_labels.ts';
import { drawRecords, eachOf, imageFile, putFiles, requireFolder } from './class_folders.ts';
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
    const images = pixelsOnly ? await drawRecords(context, labels) : await putFiles(context, labels);
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
    const version = context.job.versions.kindred ?? 'unknown';
    await context.folder.write('coco.json', cocoJson(labels, { description, version, sizes }));
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
