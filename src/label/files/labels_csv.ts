import { csvLine, guard, readTable, unguard } from '../../data/labels/csv.ts';
import { type Status, statuses } from '../../data/labels/status.ts';
import { UserError } from '../../errors.ts';
import type { ImageLabel } from '../image_label.ts';

/** Columns of labels.csv. */
export const labelColumns = [
  'path',
  'label',
  'confidence',
  'margin',
  'runner_up',
  'status',
  'nearest_labelled',
] as const;

/** A further column, where groups of images count as one observation. */
export const groupColumn = 'group';

/** Decimals of confidences and margins in files. */
const decimals = 6;

/** A share as files write it: the same bytes everywhere. */
export const fixed = (value: number): string => value.toFixed(decimals);

/**
 * labels.csv, line by line: RFC 4180, with names and paths guarded against spreadsheets (see `guard`). The same labels
 * give the same bytes; `readLabelsCsv` gives back all but what lies behind the sixth decimal.
 * @param write how names and paths are guarded
 */
export function* labelsCsv(
  labels: Iterable<ImageLabel>,
  write: (text: string) => string = guard,
): Generator<string> {
  let grouped: boolean | undefined;
  for (const { path, label, confidence, margin, runnerUp, status, nearestLabelled, group } of labels) {
    if (grouped === undefined) {
      grouped = group !== undefined;
      yield csvLine(grouped ? [...labelColumns, groupColumn] : labelColumns);
    }
    yield csvLine([
      write(path),
      write(label),
      fixed(confidence),
      fixed(margin),
      write(runnerUp),
      status,
      write(nearestLabelled),
      ...(grouped ? [write(group ?? '')] : []),
    ]);
  }
  if (grouped === undefined) yield csvLine(labelColumns);
}

/**
 * Reads what `labelsCsv` wrote, also with its columns in another order or among others.
 * @param file the file's name for error messages
 * @throws UserError for anything that `labelsCsv` does not write, with its row
 */
export function readLabelsCsv(text: string, file: string): ImageLabel[] {
  const { names, rows } = readTable(text, file, labelColumns);
  const at = Object.fromEntries(labelColumns.map((name) => [name, names.indexOf(name)])) as Record<
    (typeof labelColumns)[number],
    number
  >;
  const groupAt = names.indexOf(groupColumn);
  const rowOf = new Map<string, number>();
  return rows.map(({ row, fields }) => {
    const textOf = (name: keyof typeof at) => unguard(fields[at[name]]!);
    const path = textOf('path');
    const earlier = rowOf.get(path);
    if (earlier !== undefined)
      throw new UserError(`${file}, row ${row}: ${path} is also in row ${earlier}: delete one of the two`);
    rowOf.set(path, row);
    const label = textOf('label');
    if (label === '') throw new UserError(`${file}, row ${row}: ${path} has an empty label: fill it in`);
    return {
      path,
      label,
      confidence: shareOf(fields[at.confidence]!, 'confidence', file, row),
      margin: shareOf(fields[at.margin]!, 'margin', file, row),
      runnerUp: textOf('runner_up'),
      status: statusOf(fields[at.status]!, file, row),
      nearestLabelled: textOf('nearest_labelled'),
      ...(groupAt >= 0 && { group: unguard(fields[groupAt]!) }),
    };
  });
}

/** A confidence or a margin. @throws UserError for what is no number from 0 to 1 */
export function shareOf(cell: string, name: string, file: string, row: number): number {
  const value = Number(cell);
  if (cell.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new UserError(`${file}, row ${row}: the ${name} is '${cell}', but must be a number from 0 to 1`);
}

function statusOf(cell: string, file: string, row: number): Status {
  const written = cell.trim().toLowerCase();
  const status = statuses.find((name) => name === written);
  if (status) return status;
  throw new UserError(
    `${file}, row ${row}: the status is '${cell}', but must be one of ${statuses.join(', ')}`,
  );
}
