import { csvLine, guard } from '../../data/labels/csv.ts';
import { type ImageStream, loadImages } from '../../data/sources/image_stream.ts';
import { encodeHead } from '../../encoder/classifier_head.ts';
import { encodeWeights } from '../../encoder/encoder_weights.ts';
import type { Files } from '../../platform/platform.ts';
import type { ImageLabel } from '../image_label.ts';
import type { Labelled } from '../labelling.ts';
import { picturedImages, shownOf } from '../report/limits.ts';
import { reportJson } from '../report/report_json.ts';
import type { Report } from '../report.ts';
import { auditCsv, auditSample } from './audit_csv.ts';
import { labelsCsv } from './labels_csv.ts';

/** Where a run's files go. */
export interface RunFolder {
  readonly files: Files;
  readonly folder: string;
}

/** Names of the files that `writeRunFiles` makes, in its order. */
export const runFiles = [
  'labels.csv',
  'given.csv',
  'audit.csv',
  'next.csv',
  'encoder.safetensors',
  'head.safetensors',
  'report.json',
  'report.html',
] as const;

export interface RunFileOptions {
  readonly classes: readonly string[];
  readonly imageSize: number;
  /** Automatic labels in audit.csv. */
  readonly auditSize: number;
  readonly seed: number;
}

/** Writes what a labelled set is known by; each file whole or not at all. */
export async function writeRunFiles(
  place: RunFolder,
  stream: ImageStream,
  labelled: Labelled,
  { classes, imageSize, auditSize, seed }: RunFileOptions,
): Promise<void> {
  const { files, folder } = place;
  const { labels, model, temperature, report } = labelled;
  const { encoder, tensors, normalise } = model.encoder;
  const write = (name: (typeof runFiles)[number], content: Parameters<Files['writeAtomic']>[1]) =>
    files.writeAtomic(files.join(folder, name), content);
  await writeLabels(place, labels);
  await write('audit.csv', auditCsv(auditSample(labels, auditSize, seed)));
  await write('next.csv', nextCsv(report.next));
  const notes = { encoder, imageSize, method: labelled.method, normalise };
  await write('encoder.safetensors', encodeWeights(tensors, notes));
  await write('head.safetensors', encodeHead(model.head, classes, temperature));
  await writeReport(place, stream, report);
}

/** labels.csv, and given.csv: the labels that people gave, as `--labels` takes them. */
export async function writeLabels(
  { files, folder }: RunFolder,
  labels: readonly ImageLabel[],
): Promise<void> {
  await files.writeAtomic(files.join(folder, 'given.csv'), givenCsv(labels));
  await files.writeAtomic(files.join(folder, 'labels.csv'), labelsCsv(labels));
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

function* givenCsv(labels: readonly ImageLabel[]): Generator<string> {
  yield csvLine(['path', 'label']);
  for (const { path, label, status } of labels) {
    if (status === 'given') yield csvLine([guard(path), guard(label)]);
  }
}

/** next.csv: the proposals with an empty column for the labels of a person; `--labels` takes it back. */
export function* nextCsv(next: Report['next']): Generator<string> {
  yield csvLine(['path', 'label', 'reason']);
  for (const { path, reason } of next) yield csvLine([guard(path), '', guard(reason)]);
}
