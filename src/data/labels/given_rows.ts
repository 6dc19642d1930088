import { type Sentence, UserError } from '../../errors.ts';
import type { NamedImages } from '../sources/image_stream.ts';
import { readTable } from './csv.ts';
import { classOfNumber, type DoubtfulAnswer, questionLabels } from './doubtful_labels.ts';
import { GivenColumns } from './given_columns.ts';
import { noneOfTheseText, readLabel } from './none_of_these.ts';
import { type LabelOrigin, readOrigin } from './origin.ts';
import { PathMatcher } from './path_matching.ts';
import { PathReader } from './path_reader.ts';
import { isGivenStatus } from './status.ts';

export type { NamedImages };

/** A label that a person gave, by the path of its image. */
export interface PathLabel {
  /** The image's path, as the source lists it. */
  readonly path: string;
  /** Name of its class. */
  readonly label: string;
  /** How the image came to be labelled; absent where nothing says so, which is then the person's own choice. */
  readonly origin?: LabelOrigin;
}

/** What a labels file says. */
export interface GivenRows {
  /** One a path, in the order of the file. */
  readonly rows: readonly PathLabel[];
  /** Rows left out since their `status` says that a program predicted them. */
  readonly predictedRows: number;
  /** Rows left out since their label is not filled in yet, as in a run's next.csv. */
  readonly emptyRows: number;
  /** Of these, images drawn at random that stand above the last row that is filled in: passed over, and perhaps for what they show. */
  readonly skippedRandom: number;
  /** How the file was read where it is not plainly `path,label`, and what else was made of its rows, in words. */
  readonly notes: readonly string[];
}

/** What messages about a labels file say, and what is known before it. */
export interface GivenRowsOptions {
  /** The file's name. Rows are counted as a spreadsheet does: the header is row 1. */
  readonly file: string;
  /** What to do about an unknown path, where the file itself is right. */
  readonly advice?: Sentence;
  /** Names of classes that there are already, beside the images' own: labels that are one of them are not asked about. */
  readonly classes?: readonly string[];
  /** What is done about labels that are hardly meant as classes (see `questionLabels`); `ask` by default. */
  readonly doubtful?: DoubtfulAnswer;
  /** Whether all that could be asked about the labels was asked when they were given, as of a run's own given.csv. */
  readonly settled?: boolean;
}

/**
 * Reads the labels that a person gave: a table (see `readTable`) with the columns `path` and `label` (others are ignored),
 * with `path` as in `source.paths` or alike (see `PathMatcher`). Columns `origin` and `probability` say how each image came
 * to be labelled (see `readOrigin`).
 *
 * Where the header also names `checked_label`, the file is a run's audit.csv: its `label` is what was predicted, and what
 * the person says stands in `checked_label`.
 *
 * Where the header also names `status`, and cells are what a run writes there, the file is a run's labels.csv, perhaps
 * corrected: only rows of the status `given` count, which whoever confirms or corrects a predicted row sets it to. The
 * apostrophe that guards text from spreadsheets (see `guard`) is taken off, except of a path that is known only with it.
 * The label `none of these`, in any case and however its words are parted, says that an image belongs to no class.
 * @throws UserError for a broken table, a missing column, a wrong number of fields, a status that there is not; and among
 * rows that count, a path that is unknown or may be that of several images, two labels for one path, a label that is
 * hardly meant as a class, an origin that there is not, a probability that is none
 */
export function readGivenRows(csvText: string, source: NamedImages, options: GivenRowsOptions): GivenRows {
  const { file, classes = [], doubtful = 'ask', settled = false } = options;
  const matcher = new PathMatcher(source);
  const paths = new PathReader(matcher, source, options);
  const table = readTable(csvText, file, ['path', 'label'], (cell) => matcher.names(cell));
  const columns = new GivenColumns(table);
  const known = [...new Set([...source.classes, ...classes])];
  const given = new Map<string, { label: string; row: number; origin: LabelOrigin | undefined }>();
  let [predictedRows, emptyRows, openRandom, skippedRandom, spelled, numbers] = [0, 0, 0, 0, 0, 0];
  for (const { row, fields } of table.rows) {
    const cells = columns.of(fields);
    if (cells.status !== undefined && !isGivenStatus(cells.status, file, row)) {
      predictedRows++;
      continue;
    }
    const origin = readOrigin(cells.origin, cells.probability, file, row);
    const written = readLabel(cells.label);
    if (written === '') {
      if (cells.path.trim() !== '') emptyRows++;
      if (origin?.origin === 'random') openRandom++;
      continue;
    }
    const images = paths.read(cells.path, row);
    if (images.length === 0) continue;
    if (written !== cells.label.trim() && written !== noneOfTheseText) spelled++;
    const label = classOfNumber(written, known) ?? written;
    if (label !== written) numbers++;
    skippedRandom = openRandom;
    for (const path of images) {
      const earlier = given.get(path);
      if (earlier && earlier.label !== label) {
        throw new UserError(
          `${file}, row ${row}: ${path} is labelled '${label}', but '${earlier.label}' in row ${earlier.row}: keep one of the two`,
        );
      }
      if (!earlier) given.set(path, { label, row, origin });
    }
  }
  paths.requireAll();
  const left = settled
    ? new Map<string, number>()
    : questionLabels([...given.values()], known, doubtful, file);
  const found = Array.from(given, ([path, { label, origin }]) => ({
    path,
    label,
    ...(origin && { origin }),
  })).filter(({ label }) => !left.has(label));
  const notes = [...table.notes, ...columns.notes];
  const reading = notes.length > 0 ? [`${file} was read with ${notes.join(', ')}`] : [];
  const dropped = Array.from(left, ([label, count]) => `${count} with the label '${label}'`);
  return {
    rows: found,
    predictedRows,
    emptyRows,
    skippedRandom,
    notes: [
      ...reading,
      ...paths.notes(),
      ...(spelled > 0
        ? [
            `${spelled} labels of ${file} were read with single spaces, accents composed and no unseen characters`,
          ]
        : []),
      ...(numbers > 0 ? [`${numbers} labels of ${file} were read as the class whose number they are`] : []),
      ...(dropped.length > 0 ? [`rows of ${file} that count as not labelled: ${dropped.join(', ')}`] : []),
    ],
  };
}

/**
 * Adds later labels to earlier ones: none is lost, and where they differ the later one holds. A later label without an
 * origin corrects what the image shows, not how it came to be labelled.
 * @returns the rows, the earlier ones first; how many of these the later ones changed, and how many are new
 */
export function mergeLabels(
  earlier: readonly PathLabel[],
  later: readonly PathLabel[],
): { rows: PathLabel[]; changed: number; added: number } {
  const merged = new Map(earlier.map((row) => [row.path, row]));
  let [changed, added] = [0, 0];
  for (const row of later) {
    const before = merged.get(row.path);
    if (before === undefined) added++;
    else if (before.label !== row.label) changed++;
    merged.set(row.path, { ...before, ...row });
  }
  return { rows: [...merged.values()], changed, added };
}
