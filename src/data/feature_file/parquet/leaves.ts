import type { FileMetaData, SchemaElement, SchemaTree } from 'hyparquet';
import { halfToNumber } from '../../../numerics/half.ts';
import type { ColumnPart } from './pages.ts';

/** A column of values in a Parquet file, such as `features.list.element`. */
export interface Leaf {
  /** Names from the outermost column to the value. */
  readonly path: readonly string[];
  readonly element: SchemaElement;
  readonly maxRepetition: number;
  readonly maxDefinition: number;
  /** A number of a value; undefined where values are no numbers. */
  readonly toNumber: ((value: never) => number) | undefined;
  readonly isFloat: boolean;
  /** Whether values are texts, by what the file says of them. */
  readonly isText: boolean;
  /** Whether values are bytes of which the file says nothing. */
  readonly isBytes: boolean;
}

/** All columns of values below a schema's root. */
export function leavesOf(root: SchemaTree): Leaf[] {
  const found: Leaf[] = [];
  const visit = (node: SchemaTree, repetition: number, definition: number) => {
    const { repetition_type: kind } = node.element;
    const [r, d] = [repetition + (kind === 'REPEATED' ? 1 : 0), definition + (kind !== 'REQUIRED' ? 1 : 0)];
    if (node.children.length > 0) for (const child of node.children) visit(child, r, d);
    else found.push({ path: node.path, maxRepetition: r, maxDefinition: d, ...describe(node.element) });
  };
  for (const child of root.children) visit(child, 0, 0);
  return found;
}

function describe(element: SchemaElement): Omit<Leaf, 'path' | 'maxRepetition' | 'maxDefinition'> {
  const { type, converted_type: converted, logical_type: logical, type_length: length } = element;
  const isBinary = type === 'BYTE_ARRAY' || type === 'FIXED_LEN_BYTE_ARRAY';
  const isText = type === 'BYTE_ARRAY' && (converted === 'UTF8' || logical?.type === 'STRING');
  const isHalf = type === 'FIXED_LEN_BYTE_ARRAY' && length === 2 && logical?.type === 'FLOAT16';
  const isPlain = converted === undefined && (logical === undefined || logical.type === 'INTEGER');
  const isNumber = isPlain || /^U?INT_\d+$/.test(converted ?? '');
  const unsigned = converted === 'UINT_32' || converted === 'UINT_64';
  const toNumber = isHalf
    ? (bytes: Uint8Array) => halfToNumber(bytes[0]! | (bytes[1]! << 8))
    : !isNumber || isBinary || type === 'INT96'
      ? undefined
      : unsigned && type === 'INT32'
        ? (value: number) => value >>> 0
        : unsigned
          ? (value: bigint) => Number(BigInt.asUintN(64, value))
          : Number;
  return {
    element,
    toNumber: toNumber as Leaf['toNumber'],
    isFloat: isHalf || type === 'FLOAT' || type === 'DOUBLE',
    isText,
    isBytes: isBinary && converted === undefined && logical === undefined,
  };
}

/** A column's part of each row group, with the rows that it holds. */
export function partsOf(
  { row_groups: groups }: FileMetaData,
  { path, element, maxRepetition, maxDefinition }: Leaf,
): { readonly part: ColumnPart; readonly rows: number }[] {
  const name = path.join('\0');
  return groups.map(({ columns, num_rows: rows }) => {
    const meta = columns.find(({ meta_data: own }) => own?.path_in_schema.join('\0') === name)?.meta_data;
    if (!meta) throw new RangeError(`a row group lacks the column ${path.join('.')}`);
    return { part: { meta, element, maxRepetition, maxDefinition }, rows: Number(rows) };
  });
}
