import type { Compressors, FileMetaData } from 'hyparquet';
import { parquetMetadata, parquetSchema } from 'hyparquet/src/metadata.js';
import { UserError } from '../../../errors.ts';
import type { ByteSource } from '../../../formats/arrays/byte_source.ts';
import { toFloats } from '../../../formats/arrays/elements.ts';
import { quote } from '../../../formats/quote.ts';
import { chooseMatrix, featureNames, pathNames, type StoredMatrix } from '../matrix.ts';
import { type Leaf, leavesOf, partsOf } from './leaves.ts';
import { pagesOf } from './pages.ts';

/** A table whose footer is read. */
interface Table {
  readonly source: ByteSource;
  readonly metadata: FileMetaData;
  readonly compressors: Compressors | undefined;
  readonly rows: number;
}

/** Leaves that make a matrix together: one of lists or bytes, or one for each feature. */
interface Candidate {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly isFloat: boolean;
  readonly leaves: readonly Leaf[];
}

const mostFooterBytes = 1 << 26;

/**
 * The matrix of a Parquet file: a column of lists, of bytes of float32, or columns f0, f1, … of numbers; and the paths of
 * its rows where a column holds them.
 * @throws UserError where none of its columns, or more than one, could be the features
 */
export function parquetMatrix(source: ByteSource): Promise<StoredMatrix> {
  return explained(source.name, async () => {
    const metadata = await readMetadata(source);
    const rows = Number(metadata.num_rows);
    const inGroups = metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
    if (!(rows >= 0 && rows < 2 ** 31 && rows === inGroups)) throw new RangeError(`${rows} rows`);
    const table = { source, metadata, rows, compressors: await compressorsFor(metadata) };
    const leaves = leavesOf(parquetSchema(metadata));
    const candidates = await candidatesOf(table, leaves);
    const others = leaves.map(({ path }) => path.join('.'));
    const chosen = chooseMatrix(candidates, source.name, others);
    const paths = await pathsOf(table, leaves);
    const name = `${source.name}, ${chosen.name}`;
    const isBytes = chosen.leaves[0]!.isBytes;
    return {
      name,
      rows,
      columns: chosen.columns,
      ...(paths && { paths }),
      ...(isBytes && { notes: [`${name} holds bytes, which are read as 32-bit floats`] }),
      read: (place, target) => explained(source.name, () => readMatrix(table, chosen, place, target)),
    };
  });
}

/** What a library says of a damaged file, as a sentence. */
async function explained<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UserError) throw error;
    const reason = quote(error instanceof Error ? error.message : String(error)).slice(1, -1);
    throw new UserError(`${file} cannot be read as Parquet (${reason}): copy or write it again`);
  }
}

async function readMetadata(source: ByteSource): Promise<FileMetaData> {
  const { size } = source;
  const end = await source.read(Math.max(0, size - 8), 8);
  if (end.length < 8 || new TextDecoder().decode(end.subarray(4)) !== 'PAR1')
    throw new RangeError('its end is missing');
  const footer = 8 + new DataView(end.buffer, end.byteOffset).getUint32(0, true);
  if (footer > Math.min(size, mostFooterBytes)) throw new RangeError(`a footer of ${footer} bytes`);
  return parquetMetadata(await source.read(size - footer, footer), { geoparquet: false });
}

/** Loaded only where a column is compressed by what hyparquet itself cannot undo. */
async function compressorsFor({ row_groups: groups }: FileMetaData): Promise<Compressors | undefined> {
  const codecs = groups.flatMap(({ columns }) => columns.map(({ meta_data: own }) => own?.codec));
  if (codecs.every((codec) => codec === 'UNCOMPRESSED' || codec === 'SNAPPY')) return undefined;
  const { SNAPPY, ...others } = (await import('hyparquet-compressors')).compressors;
  return others;
}

async function candidatesOf(table: Table, leaves: readonly Leaf[]): Promise<Candidate[]> {
  const found: Candidate[] = [];
  for (const leaf of leaves) {
    const { path, toNumber, maxRepetition, isFloat, isBytes } = leaf;
    const name = path[0]!;
    const isList = toNumber !== undefined && maxRepetition === 1;
    const isPacked = isBytes && maxRepetition === 0 && featureNames.includes(name);
    if (!isList && !isPacked) continue;
    const columns = await widthOf(table, leaf);
    found.push({ name, rows: table.rows, columns, isFloat: isFloat || isPacked, leaves: [leaf] });
  }
  return [...found, ...numbered(table, leaves)];
}

/** Columns of one name with consecutive numbers behind it, by these names and in their order. */
function numbered({ rows }: Table, leaves: readonly Leaf[]): Candidate[] {
  const families = new Map<string, { number: number; leaf: Leaf }[]>();
  for (const leaf of leaves) {
    const [, stem, digits] = /^(.*?)(\d{1,6})$/s.exec(leaf.path[0]!) ?? [];
    if (digits === undefined || leaf.path.length !== 1 || !leaf.toNumber || leaf.maxRepetition > 0) continue;
    families.set(stem!, [...(families.get(stem!) ?? []), { number: Number(digits), leaf }]);
  }
  return [...families].flatMap(([stem, members]) => {
    members.sort((a, b) => a.number - b.number);
    if (members.length < 2 || members.some(({ number }, i) => number !== members[0]!.number + i)) return [];
    const own = members.map(({ leaf }) => leaf);
    const name = stem.replace(/[_.\- ]$/, '') || 'numbered columns';
    // Numbered columns are features, of whatever kind their numbers are.
    return [{ name, rows, columns: own.length, isFloat: true, leaves: own }];
  });
}

/** Features of the first row, which all others must have too. */
async function widthOf({ source, metadata, compressors }: Table, leaf: Leaf): Promise<number> {
  let width = 0;
  for (const { part } of partsOf(metadata, leaf)) {
    for await (const { repetition, count, values } of pagesOf(source, part, compressors)) {
      if (!repetition) return Math.floor(((values[0] as Uint8Array | undefined)?.length ?? 0) / 4);
      for (let i = 0; i < count; i++) {
        if (repetition[i] === 0 && width > 0) return width;
        width++;
      }
    }
    if (width > 0) return width;
  }
  return width;
}

async function pathsOf(table: Table, leaves: readonly Leaf[]): Promise<string[] | undefined> {
  const texts = leaves.filter(({ maxRepetition, isText }) => maxRepetition === 0 && isText);
  const named = leaves.filter(
    ({ path, maxRepetition, isText, isBytes, element }) =>
      maxRepetition === 0 &&
      (isText || (isBytes && element.type === 'BYTE_ARRAY')) &&
      pathNames.includes(path.at(-1)!),
  );
  const leaf = named[0] ?? (texts.length === 1 ? texts[0] : undefined);
  if (!leaf) return undefined;
  const decoder = new TextDecoder();
  const paths: string[] = [];
  for (const { part, rows } of partsOf(table.metadata, leaf)) {
    const before = paths.length;
    for await (const { count, values } of pagesOf(table.source, part, table.compressors)) {
      if (values.length < count)
        throw new UserError(
          `${table.source.name} names no image in a row from ${paths.length} on (counted from 0): fill in the column ${leaf.path.join('.')}`,
        );
      for (let i = 0; i < count; i++) paths.push(decoder.decode(values[i] as Uint8Array));
    }
    if (paths.length - before !== rows)
      throw new RangeError(`${paths.length - before} paths in ${rows} rows`);
  }
  return paths;
}

async function readMatrix(
  table: Table,
  { leaves, columns, name }: Candidate,
  place: Int32Array,
  target: Float32Array,
): Promise<void> {
  const { source, metadata, compressors } = table;
  for (const [column, leaf] of leaves.entries()) {
    const { maxDefinition, toNumber, isBytes } = leaf;
    let first = 0;
    for (const { part, rows } of partsOf(metadata, leaf)) {
      // A list's row and the number of its next item go on from page to page.
      let [row, item] = [first - 1, 0];
      const refuse = (found: string): never => {
        throw new UserError(
          `${source.name}, row ${row} (counted from 0) of ${name} has ${found}, but the first has ${columns} numbers: write as many in each`,
        );
      };
      for await (const { repetition, definition, count, values } of pagesOf(source, part, compressors)) {
        let taken = 0;
        for (let i = 0; i < count; i++) {
          if (!repetition || repetition[i] === 0) {
            if (repetition && row >= first && item !== columns) refuse(`${item}`);
            row++;
            item = 0;
            if (row >= first + rows) throw new RangeError('a row group has more rows than it says');
          }
          if (definition && definition[i] !== maxDefinition) refuse('an empty place');
          const value = values[taken++] as never;
          const at = place[row]!;
          if (isBytes) {
            const bytes = value as Uint8Array;
            if (bytes.length !== 4 * columns) refuse(`${bytes.length} bytes`);
            if (at >= 0) target.set(toFloats(bytes, 'F32'), at * columns);
          } else {
            if (item >= columns) refuse('more');
            if (at >= 0) target[at * columns + (repetition ? item : column)] = toNumber!(value);
          }
          item++;
        }
      }
      if (part.maxRepetition > 0 && rows > 0 && item !== columns) refuse(`${item}`);
      if (row !== first + rows - 1) throw new RangeError(`${row - first + 1} of ${rows} rows`);
      first += rows;
    }
  }
}
