import { csvFile, csvLine, guard } from '../../data/labels/csv.ts';
import { type LabelOrigin, originCells, originColumns } from '../../data/labels/origin.ts';
import type { ImageStream } from '../../data/sources/image_stream.ts';
import { loadImages } from '../../data/sources/read_images.ts';
import { encodeHead } from '../../encoder/classifier_head.ts';
import { encodeWeights } from '../../encoder/encoder_weights.ts';
import { named, sentence, UserError } from '../../errors.ts';
import type { FileContent } from '../../platform/platform.ts';
import { drawAudit } from '../audit_draw.ts';
import { defaultRandomShare } from '../findings/acquisition.ts';
import type { ImageLabel } from '../image_label.ts';
import type { LabellingResult } from '../pipeline.ts';
import { picturedImages, shownOf } from '../report/limits.ts';
import type { Report } from '../report/report.ts';
import { reportJson } from '../report/stable_json.ts';
import { type FeatureOrigin, hasEncoder } from '../scan/features.ts';
import { auditCsv } from './audit_csv.ts';
import { newAuditRecord, readAuditRecord, writeAuditRecord } from './audit_record.ts';
import { labelsCsv } from './labels_csv.ts';
import { writeNext } from './next_files.ts';
import type { RunFolder } from './run_folder.ts';

/** What `writeRunFiles` needs to know beside the result. */
export interface RunFileOptions {
  /** Names of the classes by number. */
  readonly classes: readonly string[];
  /** Automatic labels in audit.csv. */
  readonly auditSize: number;
  /** Share of next.csv that was to be drawn at random, 0 … 1; a half by default. */
  readonly randomShare?: number;
  /** Whether the audit.csv whose place is taken was filled in: the next audit is then a further one. */
  readonly auditFilled?: boolean;
  /** Whether labels.parquet is written beside labels.csv: what reads millions of rows reads it ten times as fast. */
  readonly parquet?: boolean | undefined;
  /** Group of each label, whose images the audit draws together; by default each label is its own. */
  readonly groups?: ArrayLike<number>;
}

/**
 * Writes what a labelled set is known by; each file whole or not at all. Where the encoder of the features is not at hand
 * there is no encoder.safetensors, and head.safetensors names the features that it stands on.
 * @returns the names of the files, in their order
 * @throws UserError where the folder holds an encoder that is not the head's or a damaged audit.json, with nothing written
 */
export async function writeRunFiles(
  place: RunFolder,
  stream: ImageStream,
  { labels, origins, method, model, temperature, report }: LabellingResult,
  {
    classes,
    auditSize,
    randomShare = defaultRandomShare,
    auditFilled = false,
    parquet = false,
    groups,
  }: RunFileOptions,
): Promise<string[]> {
  const { files, folder } = place;
  const { head, origin } = model;
  const written = ['labels.csv', 'given.csv'];
  const write = async (name: string, content: FileContent) => {
    await files.writeAtomic(files.join(folder, name), content);
    written.push(name);
  };
  await requireOwnEncoder(place, [origin]);
  const draw = await drawAudit(labels, auditSize, groups, report.riskCoverage?.withheld?.threshold);
  const record = await newAuditRecord(draw, labels, await readAuditRecord(place), auditFilled);
  await writeLabels(place, labels, origins);
  if (parquet) {
    // Loaded where it is needed.
    const { labelsParquet } = await import('./labels_parquet.ts');
    await write('labels.parquet', labelsParquet(labels));
  }
  await writeAuditRecord(place, record);
  written.push('audit.json');
  await write(
    'audit.csv',
    csvFile(() => auditCsv(draw.rows)),
  );
  await writeNext(place, report.next, randomShare);
  written.push('next.csv', 'next.json');
  if (hasEncoder(origin)) {
    const { architecture, tensors } = origin.encoder;
    const licence = origin.card?.licence ?? undefined;
    const notes = { encoder: architecture, method, licence, ...origin.recipe };
    await write('encoder.safetensors', encodeWeights(tensors, notes));
    await write('head.safetensors', encodeHead(head, classes, temperature));
  } else {
    await write(
      'head.safetensors',
      encodeHead(head, classes, temperature, { name: origin.name, file: origin.file }),
    );
  }
  await writeReport(place, stream, report);
  return [...written, 'report.json', 'report.html'];
}

/**
 * A head beside an encoder that it does not stand on would label images wrongly. A job asks before it works.
 * @param origins of the features of which the labels may come to rest on any
 * @throws UserError where the folder holds an encoder and an origin has none to take its place
 */
export async function requireOwnEncoder(
  { files, folder }: RunFolder,
  origins: readonly FeatureOrigin[],
): Promise<void> {
  const foreign = origins.find((origin) => !hasEncoder(origin));
  if (!foreign || (await files.stat(files.join(folder, 'encoder.safetensors'))) === undefined) return;
  throw new UserError(
    sentence`${folder} holds an encoder.safetensors, but labels that rest on the features ${foreign.name} have none: give another folder as ${named('out')}`,
  );
}

/** How images came to be labelled, by their path; the person's own choice where it is absent. */
export type OriginByPath = ReadonlyMap<string, LabelOrigin>;

/** labels.csv, and given.csv: the labels that people gave, in the form in which they give them, and how they came to be given. */
export async function writeLabels(
  { files, folder }: RunFolder,
  labels: readonly ImageLabel[],
  origins: OriginByPath,
): Promise<void> {
  await files.writeAtomic(
    files.join(folder, 'given.csv'),
    csvFile(() => givenCsv(labels, origins)),
  );
  await files.writeAtomic(
    files.join(folder, 'labels.csv'),
    csvFile(() => labelsCsv(labels)),
  );
}

/** report.json and report.html, whose thumbnails are decoded anew. */
export async function writeReport(
  { files, folder }: RunFolder,
  stream: ImageStream,
  report: Report,
): Promise<void> {
  const images = Int32Array.from(picturedImages(shownOf(report))).sort();
  const { pixels } = await loadImages(stream, images);
  const bytes = 3 * stream.size ** 2;
  const place = new Map(Array.from(images, (image, at) => [image, at]));
  // Loaded where it is needed: its plots cost every other command a fifth of a second.
  const { renderReport } = await import('../report/page.ts');
  const page = await renderReport(report, {
    side: stream.size,
    thumbnail: (image) => pixels.subarray(place.get(image)! * bytes, (place.get(image)! + 1) * bytes),
    encodeJpeg: files.encodeJpeg,
  });
  await files.writeAtomic(files.join(folder, 'report.json'), reportJson(report));
  await files.writeAtomic(files.join(folder, 'report.html'), page);
}

function* givenCsv(labels: readonly ImageLabel[], origins: OriginByPath): Generator<string> {
  yield csvLine(['path', 'label', ...originColumns]);
  for (const { path, label, status } of labels) {
    if (status !== 'given') continue;
    yield csvLine([guard(path), guard(label), ...originCells(origins.get(path) ?? { origin: 'own' })]);
  }
}
