import { type Sentence, sentence, UserError } from '../../errors.ts';
import type { ImageStream } from '../sources/image_stream.ts';
import { readTable, unguard } from './csv.ts';
import { readLabel } from './none_of_these.ts';
import { type LabelOrigin, originColumns, readOrigin } from './origin.ts';
import { isGivenStatus } from './status.ts';

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
}

/** What readers of labels need to know of the images (see `ImageStream`). */
export type NamedImages = Pick<ImageStream, 'name' | 'paths' | 'classes' | 'omitted' | 'unreadable'>;

/** What messages about a labels file say. */
export interface GivenRowsOptions {
  /** The file's name. Rows are counted as a spreadsheet does: the header is row 1. */
  readonly file: string;
  /** What to do about an unknown path, where the file itself is right. */
  readonly advice?: Sentence;
}

/**
 * Reads the labels that a person gave: a CSV whose header names the columns `path` and `label` (others are ignored),
 * with `path` as in `source.paths` (a leading `./` is dropped). Columns `origin` and `probability` say how each image came
 * to be labelled (see `readOrigin`).
 *
 * Where the header also names `checked_label`, the file is a run's audit.csv: its `label` is what was predicted, and what
 * the person says stands in `checked_label`.
 *
 * Where the header also names `status`, the file is a run's labels.csv, perhaps corrected: only rows of the status
 * `given` count, which whoever confirms or corrects a predicted row sets it to. The apostrophe that guards text from
 * spreadsheets (see `guard`) is taken off, except of a path that is known only with it.
 * The label `none of these`, in any case and however its words are parted, says that an image belongs to no class.
 * @throws UserError for a broken CSV, no header, a wrong number of fields, a status that there is not; and among rows
 * that count, an unknown path, two labels for one path, an origin that there is not, a probability that is none
 */
export function readGivenRows(
  csvText: string,
  source: NamedImages,
  { file, advice }: { file: string; advice?: string | Sentence },
): GivenRows {
  const { names, rows } = readTable(csvText, file, ['path', 'label']);
  const statusColumn = names.indexOf('status');
  const pathColumn = names.indexOf('path');
  const labelColumn = names.indexOf(names.includes('checked_label') ? 'checked_label' : 'label');
  const [originColumn, chanceColumn] = originColumns.map((name) => names.indexOf(name)) as [number, number];
  const known = new Set([...source.paths, ...source.omitted, ...source.unreadable.map(({ path }) => path)]);
  const given = new Map<string, { label: string; row: number; origin: LabelOrigin | undefined }>();
  let [predictedRows, emptyRows, openRandom, skippedRandom] = [0, 0, 0, 0];
  for (const { row, fields } of rows) {
    if (statusColumn >= 0 && !isGivenStatus(fields[statusColumn]!, file, row)) {
      predictedRows++;
      continue;
    }
    const written = fields[pathColumn]!;
    const path = knownPath(written, known);
    if (path === undefined) throw unknownPath(file, row, written, source, advice);
    const label = readLabel(unguard(fields[labelColumn]!));
    const origin = readOrigin(fields[originColumn] ?? '', fields[chanceColumn] ?? '', file, row);
    if (label === '') {
      emptyRows++;
      if (origin?.origin === 'random') openRandom++;
      continue;
    }
    skippedRandom = openRandom;
    const earlier = given.get(path);
    if (earlier && earlier.label !== label) {
      throw new UserError(
        `${file}, row ${row}: ${path} is labelled '${label}', but '${earlier.label}' in row ${earlier.row}: keep one of the two`,
      );
    }
    if (!earlier) given.set(path, { label, row, origin });
  }
  const found = Array.from(given, ([path, { label, origin }]) => ({
    path,
    label,
    ...(origin && { origin }),
  }));
  return { rows: found, predictedRows, emptyRows, skippedRandom };
}

/** The path that a CSV cell means: without the guard against spreadsheets, as it stands, or without a leading `./`. */
export function knownPath(cell: string, known: { has(path: string): boolean }): string | undefined {
  return [unguard(cell), cell, cell.replace(/^\.\//, '')].find((path) => known.has(path));
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

function unknownPath(
  file: string,
  row: number,
  path: string,
  source: NamedImages,
  known?: string | Sentence,
): UserError {
  const ending = path.replaceAll('\\', '/');
  const alike = source.paths.find(
    (own) => own.endsWith(`/${ending}`) || ending.endsWith(`/${own}`) || own === ending,
  );
  const advice = known ?? (alike ? `did you mean ${alike}?` : `paths look like ${source.paths[0]}`);
  return new UserError(sentence`${file}, row ${row}: there is no image ${path} in ${source.name}: ${advice}`);
}
