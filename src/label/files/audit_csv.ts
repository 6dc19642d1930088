import { csvLine, guard, readTable, unguard } from '../../data/labels/csv.ts';
import { classOfNumber } from '../../data/labels/doubtful_labels.ts';
import { readLabel } from '../../data/labels/none_of_these.ts';
import { UserError } from '../../errors.ts';
import type { DrawnLabel } from '../audit_draw.ts';
import { fixed } from './labels_csv.ts';

/** What a person says each drawn label's image shows, in the order of the draw; null: not said yet. */
export type AuditAnswers = readonly (string | null)[];

/** An audit.csv as far as it is filled in. */
export interface ReturnedAudit {
  /** All answers so far, those of earlier returns among them. */
  readonly answers: AuditAnswers;
  /** Rows of the file that are filled in. */
  readonly filled: number;
  /** How many of these had been given back before. */
  readonly before: number;
}

/**
 * audit.csv, line by line: the sample in the order in which it was drawn, with an empty column `checked_label` for the
 * person's own labels. `order` is for people whose spreadsheet has sorted the rows; images of one group share a number,
 * and count when all of them are checked. `origin` says how the images were chosen to whoever takes the file as labels.
 */
export function* auditCsv(rows: readonly DrawnLabel[]): Generator<string> {
  yield csvLine(['order', 'path', 'label', 'confidence', 'origin', 'checked_label']);
  for (const { path, label, confidence, group } of rows) {
    yield csvLine([String(group + 1), guard(path), guard(label), fixed(confidence), 'audit', '']);
  }
}

/**
 * Reads an audit.csv that a person has filled in, in one go or bit by bit. The run knows which labels were drawn, and in
 * which order: rows may be sorted or deleted, and other columns changed, without any effect on what the answers say.
 * Answers stay: what an earlier return said can be repeated or left out, not taken back. `none of these` is an answer: the label is wrong.
 * @param drawn the sample
 * @param earlier the answers of earlier returns
 * @param file the file's name for error messages
 * @throws UserError where no row is filled in, or a filled one was not drawn, has another automatic label than it was
 * drawn with, or contradicts another row or an earlier return
 */
export function readAudit(
  text: string,
  drawn: readonly DrawnLabel[],
  earlier: AuditAnswers,
  file: string,
): ReturnedAudit {
  const { names, rows } = readTable(text, file, ['path', 'label', 'checked_label']);
  const cell = (fields: readonly string[], name: string) => unguard(fields[names.indexOf(name)]!);
  const placeOf = new Map(drawn.map(({ path }, at) => [path, at]));
  const classes = [...new Set(drawn.map(({ label }) => label))];
  // Spreadsheets write 7 for 007 and 1 for +1.
  const isSame = (label: string, own: string) =>
    readLabel(label) === readLabel(own) || classOfNumber(readLabel(label), [own]) === own;
  const answers = [...earlier];
  const rowOf = new Map<number, number>();
  for (const { row, fields } of rows) {
    const written = readLabel(cell(fields, 'checked_label'));
    if (written === '') continue;
    const answer = classOfNumber(written, classes) ?? written;
    const path = cell(fields, 'path');
    const refuse = (problem: string) => new UserError(`${file}, row ${row}: ${problem}`);
    const at = placeOf.get(path);
    if (at === undefined) {
      throw refuse(
        `${path} is not in the sample that was drawn from the run's present labels: fill in the run's own audit.csv`,
      );
    }
    const label = cell(fields, 'label');
    if (!isSame(label, drawn[at]!.label)) {
      throw refuse(
        `${path} was labelled '${drawn[at]!.label}' automatically, but the column label says '${label}': put it back, and write what the image shows into checked_label`,
      );
    }
    const known = answers[at] ?? null;
    if (known !== null && known !== answer) {
      const twin = rowOf.get(at);
      throw refuse(
        twin === undefined
          ? `${path} came back as '${known}' before and is '${answer}' now: what was checked stays in an audit; correct it afterwards, as a given label`
          : `${path} is '${answer}', but '${known}' in row ${twin}: keep one of the two`,
      );
    }
    answers[at] = answer;
    rowOf.set(at, row);
  }
  if (rowOf.size === 0) {
    throw new UserError(
      `${file}: no row is checked: write what each image shows into the column checked_label`,
    );
  }
  const before = [...rowOf.keys()].filter((at) => (earlier[at] ?? null) !== null).length;
  return { answers, filled: rowOf.size, before };
}
