import { UserError } from '../../errors.ts';
import { shown } from './shown_text.ts';

/** What the two columns that every labels file has are called by other programs, without case, spaces, `_`, `-` and `.`. */
const synonyms: Readonly<Record<string, ReadonlySet<string>>> = {
  path: new Set(
    'path paths filepath filename filenames fname file files fileid image images img imgs imagepath imgpath imagefile imagefilename imgfile imagename imgname imageid imgid imageurl imageuri picture photo'.split(
      ' ',
    ),
  ),
  label: new Set(
    'label labels labelname class classes classname classlabel classid labelid category categories categoryname categoryid target targets target1 groundtruth truth species diagnosis dx breed tag annotation y'.split(
      ' ',
    ),
  ),
};

/** Columns of the files that kindred writes. */
const ownNames = [
  'path',
  'label',
  'checked_label',
  'status',
  'origin',
  'probability',
  'confidence',
  'margin',
  'runner_up',
  'nearest_labelled',
  'reason',
  'order',
] as const;

/** Rows that tell which column holds paths, where names do not. */
export const rowsToTell = 200;

/** Columns by what they hold. */
export interface NamedColumns {
  /** A name a column; those that are asked for have the name under which they are asked for. */
  readonly names: readonly string[];
  /** Which columns go by another name in the file, in words. */
  readonly notes: readonly string[];
}

/** What a table's first record and the rows below it are. */
export interface HeaderOf {
  readonly file: string;
  /** The first record. */
  readonly header: readonly string[];
  /** The first of the rows below. */
  readonly rows: readonly (readonly string[])[];
  /** Whether a cell is the path of an image that is known; absent where no images are. */
  readonly isPath?: ((cell: string) => boolean) | undefined;
}

const bare = (name: string): string => name.toLowerCase().replace(/[\s_.-]+/g, '');

/** Whether a name is one that a column goes by. */
export const isNameOf = (name: string, column: string): boolean =>
  bare(name) === bare(column) || (synonyms[column]?.has(bare(name)) ?? false);

/**
 * Finds the columns of a table: by their own names in any case, `path` and `label` also by names that other programs give
 * them or, where no name tells, by what they hold. Where several columns may be meant it asks.
 * @param required columns that must be there
 * @throws UserError where one is missing, or several may be meant
 */
export function nameColumns(table: HeaderOf, required: readonly string[]): NamedColumns {
  const { header, file } = table;
  const written = header.map((name) => name.trim());
  const names = [...written];
  const notes: string[] = [];
  for (const own of new Set([...ownNames, ...required])) {
    const exact = written.filter((name) => name === own).length;
    const alike = exact > 0 ? exact : written.filter((name) => bare(name) === bare(own)).length;
    if (alike > 1 && required.includes(own))
      throw new UserError(`${file}, row 1: ${alike} columns are called ${own}: rename all but one`);
    if (exact === 0 && alike === 1) names[written.findIndex((name) => bare(name) === bare(own))] = own;
  }
  for (const column of required) {
    if (names.includes(column)) continue;
    const at = columnFor(column, names, table);
    if (at === undefined) throw missing(column, written, required, file);
    notes.push(
      written[at] === ''
        ? `column ${at + 1} as ${column}`
        : `the column '${shown(written[at]!)}' as ${column}`,
    );
    names[at] = column;
  }
  return { names, notes };
}

/** The number of the column that is meant; undefined where none can be. @throws UserError where several may be */
function columnFor(column: string, names: readonly string[], table: HeaderOf): number | undefined {
  const called = names.flatMap((name, at) => (synonyms[column]?.has(bare(name)) ? [at] : []));
  if (column === 'path') {
    const holding = pathColumns(table);
    const candidates = called.length > 0 ? called.filter((at) => holding.includes(at)) : holding;
    if (candidates.length === 1) return candidates[0];
    if (candidates.length === 0 && called.length === 1) return called[0];
    const several = candidates.length > 1 ? candidates : called;
    if (several.length > 1) throw ask(column, several, names, table.file);
    return undefined;
  }
  if (called.length === 1) return called[0];
  if (called.length > 1) throw ask(column, called, names, table.file);
  // Of two columns, one of which holds the paths, the other is what is said of the images.
  const others = [...names.keys()].filter((at) => names[at] !== 'path' && !isIndex(at, names[at]!, table));
  return column === 'label' && names.includes('path') && others.length === 1 ? others[0] : undefined;
}

/** Columns of which most cells are paths of known images. */
function pathColumns({ header, rows, isPath }: HeaderOf): number[] {
  if (!isPath || rows.length === 0) return [];
  const sample = rows.slice(0, rowsToTell);
  return [...header.keys()].filter(
    (at) => 2 * sample.filter((fields) => isPath(fields[at] ?? '')).length > sample.length,
  );
}

/** Whether a column without a name only counts the rows, as data frames are saved. */
function isIndex(at: number, name: string, { rows }: HeaderOf): boolean {
  return /^(unnamed: \d+|index|)$/i.test(name) && rows.every((fields) => /^\d*$/.test(fields[at] ?? ''));
}

function ask(column: string, several: readonly number[], names: readonly string[], file: string): UserError {
  const listed = several.map((at) => `'${shown(names[at]!)}'`).join(', ');
  return new UserError(
    `${file}, row 1: ${listed} may each be the ${column}: rename the column that holds it to ${column}`,
  );
}

function missing(
  column: string,
  written: readonly string[],
  required: readonly string[],
  file: string,
): UserError {
  const listed = written.map((name) => `'${shown(name)}'`).join(', ');
  return new UserError(
    `${file}, row 1: no column is called ${column}, only ${listed}: rename the one that holds it to ${column}, or, where row 1 is no header, write ${required.join(',')} above it`,
  );
}
