import { csvLine, guard, readTable, unguard } from '../../data/labels/csv.ts';
import { UserError } from '../../errors.ts';
import { Random, shuffledIndices, streams } from '../../random.ts';
import type { ImageLabel } from '../image_label.ts';
import { fixed, shareOf } from './labels_csv.ts';

const columns = ['path', 'label', 'confidence', 'checked_label'] as const;

/** An automatic label that a person has looked at. */
export interface CheckedLabel {
  /** The image's path. */
  readonly path: string;
  /** The automatic label. */
  readonly label: string;
  /** The automatic label's confidence, as the run gave it. */
  readonly confidence: number;
  /** What the person says it is. */
  readonly checked: string;
  /** Whether the person agrees with the automatic label. */
  readonly correct: boolean;
  /** Whether the label was given back before and is a given one since. */
  readonly earlier: boolean;
}

/** An audit.csv as far as it is filled in. */
export interface ReturnedAudit {
  /** The rows that a person has checked. */
  readonly checked: readonly CheckedLabel[];
  /** Rows that are not checked yet. */
  readonly unchecked: number;
}

/**
 * Draws a sample for a person to check, every automatic label as likely as any other, so that its share of errors
 * speaks for them all. All of them where there are no more than `size`. In random order, so that whoever checks only the
 * first rows has checked a random sample too, not the images of one folder.
 */
export function auditSample(labels: readonly ImageLabel[], size: number, seed: number): ImageLabel[] {
  const automatic = labels.filter(({ status }) => status === 'auto');
  const order = shuffledIndices(automatic.length, new Random(seed, streams.audit));
  return Array.from(order.subarray(0, Math.max(0, size)), (index) => automatic[index]!);
}

/** audit.csv, line by line: the sample with an empty column `checked_label` for the person's own labels. */
export function* auditCsv(sample: Iterable<ImageLabel>): Generator<string> {
  yield csvLine(columns);
  for (const { path, label, confidence } of sample) {
    yield csvLine([guard(path), guard(label), fixed(confidence), '']);
  }
}

/**
 * Reads an audit.csv that a person has filled in, in one go or bit by bit: rows that an earlier return has made given
 * labels still belong to the sample. A label that is no class of the run is an error of the run like any other.
 * @param labels the run's labels
 * @param file the file's name for error messages
 * @param automatic which of the labels the sample was drawn from, apart from those that are given since
 * @throws UserError where no row is checked, or a checked row is not one of the run's automatic labels, has another
 * label than the run gave, or is checked twice with different results
 */
export function readAudit(
  text: string,
  labels: readonly ImageLabel[],
  file: string,
  automatic: (label: ImageLabel) => boolean = ({ status }) => status === 'auto',
): ReturnedAudit {
  const { names, rows } = readTable(text, file, columns);
  const cell = (fields: readonly string[], name: string) => unguard(fields[names.indexOf(name)]!);
  const labelOf = new Map(labels.map((label) => [label.path, label]));
  const checkedRows = new Map<string, CheckedLabel & { row: number }>();
  let unchecked = 0;
  for (const { row, fields } of rows) {
    const checked = cell(fields, 'checked_label').trim();
    if (checked === '') {
      unchecked++;
      continue;
    }
    const path = cell(fields, 'path');
    const own = labelOf.get(path);
    const refuse = (problem: string) => new UserError(`${file}, row ${row}: ${problem}`);
    if (!own) throw refuse(`the run has no image ${path}: give the run that the file was drawn from`);
    const label = cell(fields, 'label');
    const before = own.status === 'given' && own.label === checked;
    if (!before && !(automatic(own) && own.label === label)) {
      throw refuse(
        `${path} was labelled '${label}' automatically, but is '${own.label}' (${own.status}) in the run: draw a new sample from the run's audit.csv`,
      );
    }
    const earlier = checkedRows.get(path);
    if (earlier && earlier.checked !== checked) {
      throw refuse(
        `${path} is '${checked}', but '${earlier.checked}' in row ${earlier.row}: keep one of the two`,
      );
    }
    // The person need not know of spaces around a class's name.
    const correct = checked === label.trim();
    // A given label no longer has the confidence of the automatic one.
    const confidence = before ? shareOf(cell(fields, 'confidence'), 'confidence', file, row) : own.confidence;
    checkedRows.set(path, { path, label, confidence, checked, correct, earlier: before, row });
  }
  if (checkedRows.size === 0) {
    throw new UserError(
      `${file}: no row is checked: write what each image shows into the column checked_label`,
    );
  }
  return { checked: Array.from(checkedRows.values(), ({ row, ...checked }) => checked), unchecked };
}
