import { noneOfTheseText } from '../../data/labels/none_of_these.ts';
import type { Duplicates } from '../findings/duplicates.ts';
import { embeddingMap, mapSample } from '../findings/embedding_map.ts';
import { findSuspects } from '../findings/suspects.ts';
import type { ImageLabel } from '../image_label.ts';
import type { CopiesFound } from './copies_found.ts';
import { picturedCopies } from './limits.ts';
import type { MapPoint, Suspect } from './report.ts';

/** What findings, which speak of rows and class numbers, are called by. */
export interface NamedRows {
  /** Number in the source of each row's image. */
  readonly images: Int32Array;
  /** Path of each row's image. */
  readonly paths: readonly string[];
  /** Names of the classes by number. */
  readonly classes: readonly string[];
}

/** Groups of copies by the paths of their images, and the given labels that contradict each other. */
export function describeCopies(
  { groups, exactDuplicates, nearDuplicates, conflicts }: Duplicates,
  { images: numbers, paths, classes }: NamedRows,
): CopiesFound {
  const conflictsOf = (wanted: 'exact' | 'near') => conflicts.filter(({ kind }) => kind === wanted).length;
  const near = groups.filter(({ kind }) => kind === 'near');
  const pathsOf = (rows: Int32Array) => Array.from(rows, (row) => paths[row]!);
  return {
    duplicates: groups.map(({ kind, images, chained }) => ({
      kind,
      paths: pathsOf(images),
      images: Array.from(images.subarray(0, picturedCopies), (row) => numbers[row]!),
      chained,
    })),
    exactDuplicates,
    nearDuplicates,
    nearGroups: {
      count: near.length,
      images: near.reduce((sum, { images }) => sum + images.length, 0),
      largest: near.reduce((most, { images }) => Math.max(most, images.length), 0),
      chained: near.filter(({ chained }) => chained).length,
    },
    conflictCount: { exact: conflictsOf('exact'), near: conflictsOf('near') },
    conflicts: conflicts.map(({ kind, images, labels }) => ({
      kind,
      paths: pathsOf(images),
      labels: Array.from(labels, (label) => classes[label] ?? noneOfTheseText),
    })),
  };
}

/**
 * Given labels that the others speak against.
 * @param checked calibrated out-of-fold probabilities, labelled rows × classes; which rows these are, and their labels
 */
export function describeSuspects(
  {
    probabilities,
    rows,
    labels,
  }: { readonly probabilities: Float32Array; readonly rows: Int32Array; readonly labels: Int32Array },
  { conflicts }: Duplicates,
  { images, paths, classes }: NamedRows,
): Suspect[] {
  const found = findSuspects({ images: rows, labels, probabilities, classes: classes.length, conflicts });
  return found.map(({ image: row, given, suggested, givenProbability, suggestedProbability }) => ({
    image: images[row]!,
    path: paths[row]!,
    given: classes[given]!,
    suggested: classes[suggested]!,
    givenProbability,
    suggestedProbability,
  }));
}

/**
 * A bounded sample of the images, laid out in two dimensions.
 * @param features labels × columns, row-major
 * @param images number in the source of each label's image
 */
export function describeMap(
  features: Float32Array,
  columns: number,
  labels: readonly ImageLabel[],
  images: Int32Array,
  seed: number,
): MapPoint[] {
  const rows = mapSample(labels.length, seed);
  const points = embeddingMap(features, columns, rows, seed);
  return points.map(({ x, y }, i) => {
    const row = rows[i]!;
    const { label, status, path, confidence } = labels[row]!;
    return { image: images[row]!, x, y, label, status, path, confidence };
  });
}
