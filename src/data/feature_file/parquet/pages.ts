import type { ColumnMetaData, Compressors, DecodedArray, SchemaElement } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { decompressPage } from 'hyparquet/src/datapage.js';
import { deltaByteArray, deltaLengthByteArray } from 'hyparquet/src/delta.js';
import { byteStreamSplit } from 'hyparquet/src/encoding.js';
import { readPlain } from 'hyparquet/src/plain.js';
import type { ByteSource } from '../../../formats/arrays/byte_source.ts';
import { readRuns } from './runs.ts';

// hyparquet would gather a whole row group in lists of lists, which takes a multiple of the matrix's own size, and
// believes the lengths of runs. Here a page at a time lies in memory, and no count is believed that is not checked.

/** A column's part of a row group. */
export interface ColumnPart {
  readonly meta: ColumnMetaData;
  readonly element: SchemaElement;
  /** Repetition level of an item of the innermost list: 0 for a column without lists. */
  readonly maxRepetition: number;
  /** Definition level of a value that is there. */
  readonly maxDefinition: number;
}

/** Values of a page. */
export interface Page {
  /** A level for each value, there or not: 0 where a row begins; undefined where each is a row. */
  readonly repetition: Int32Array | undefined;
  /** A level for each value; undefined where all are there. */
  readonly definition: Int32Array | undefined;
  /** How many there are, with those that are missing. */
  readonly count: number;
  /** Those that are there. */
  readonly values: DecodedArray;
}

const mostValues = 1 << 25;
const mostBytes = 1 << 28;
const headerBytes = 1 << 16;

/** The pages of a column's part, in order. @throws Error for what is damaged or not read, to be explained */
export async function* pagesOf(
  source: ByteSource,
  part: ColumnPart,
  compressors: Compressors | undefined,
): AsyncGenerator<Page> {
  const { meta, element } = part;
  const [first, dictionaryAt] = [Number(meta.data_page_offset), Number(meta.dictionary_page_offset ?? 0)];
  const begin = dictionaryAt > 0 ? Math.min(first, dictionaryAt) : first;
  const total = Number(meta.num_values);
  const end = Math.min(begin + Number(meta.total_compressed_size), source.size);
  let dictionary: DecodedArray | undefined;
  for (let at = begin, done = 0; done < total; ) {
    const { header, length } = await headerAt(source, at, end);
    const { compressed_page_size: packed, uncompressed_page_size: unpacked } = header;
    at += length;
    if (!(packed >= 0 && at + packed <= end)) throw new RangeError('a page reaches beyond its column');
    if (!(unpacked >= 0 && unpacked <= mostBytes)) throw new RangeError(`a page of ${unpacked} bytes`);
    const bytes = await source.read(at, packed);
    at += packed;
    const unpack = (own: Uint8Array, size: number) => decompressPage(own, size, meta.codec, compressors);
    if (header.type === 'DICTIONARY_PAGE') {
      const count = counted(header.dictionary_page_header?.num_values);
      dictionary = readPlain(readerOf(unpack(bytes, unpacked)), meta.type, count, element.type_length);
      continue;
    }
    const v1 = header.data_page_header;
    const v2 = header.data_page_header_v2;
    const count = counted((v1 ?? v2)?.num_values, total - done);
    let levels: { repetition: Uint8Array; definition: Uint8Array; rest: Uint8Array };
    if (v1) levels = splitFirst(unpack(bytes, unpacked), part);
    else if (v2) {
      const [a, b] = [v2.repetition_levels_byte_length, v2.definition_levels_byte_length];
      if (!(a >= 0 && b >= 0 && a + b <= packed)) throw new RangeError('levels reach beyond their page');
      const rest = bytes.subarray(a + b);
      const size = unpacked - a - b;
      levels = {
        repetition: bytes.subarray(0, a),
        definition: bytes.subarray(a, a + b),
        rest: v2.is_compressed !== false && size > 0 ? unpack(rest, size) : rest,
      };
    } else throw new RangeError(`a page of the type ${header.type}`);
    const { maxRepetition, maxDefinition } = part;
    const repetition =
      maxRepetition > 0 ? readRuns(levels.repetition, bitsOf(maxRepetition), count) : undefined;
    const definition =
      maxDefinition > 0 ? readRuns(levels.definition, bitsOf(maxDefinition), count) : undefined;
    const present = definition
      ? definition.reduce((sum, level) => sum + (level === maxDefinition ? 1 : 0), 0)
      : count;
    const { encoding } = (v1 ?? v2)!;
    const values = decodeValues(levels.rest, encoding, present, dictionary, part);
    if (values.length < present) throw new RangeError('a page has too few values');
    yield { repetition, definition, count, values };
    done += count;
  }
}

const bitsOf = (level: number) => 32 - Math.clz32(level);

const readerOf = (bytes: Uint8Array) => ({
  view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
  offset: 0,
});

function counted(count: number | undefined, most = mostValues): number {
  if (count === undefined || !(count >= 0 && count <= Math.min(most, mostValues)))
    throw new RangeError(`a page of ${count} values`);
  return count;
}

async function headerAt(source: ByteSource, at: number, end: number) {
  for (let size = headerBytes; ; size *= 16) {
    const bytes = await source.read(at, Math.max(0, Math.min(size, end - at)));
    const reader = readerOf(bytes);
    try {
      return { header: parquetHeader(reader), length: reader.offset };
    } catch (error) {
      // Statistics of long texts can make a header longer than most.
      if (at + size >= end || size > mostBytes) throw error;
    }
  }
}

/** Levels of a page of the first version: each a length and its runs, where the column has such levels. */
function splitFirst(page: Uint8Array, { maxRepetition, maxDefinition }: ColumnPart) {
  let at = 0;
  const cut = (has: boolean) => {
    if (!has) return new Uint8Array();
    const length = readerOf(page).view.getUint32(at, true);
    const own = page.subarray(at + 4, at + 4 + length);
    if (own.length < length) throw new RangeError('levels reach beyond their page');
    at += 4 + length;
    return own;
  };
  const repetition = cut(maxRepetition > 0);
  const definition = cut(maxDefinition > 0);
  return { repetition, definition, rest: page.subarray(at) };
}

function decodeValues(
  bytes: Uint8Array,
  encoding: string,
  count: number,
  dictionary: DecodedArray | undefined,
  { meta, element }: ColumnPart,
): DecodedArray {
  if (count === 0) return [];
  const reader = readerOf(bytes);
  switch (encoding) {
    case 'PLAIN':
      return readPlain(reader, meta.type, count, element.type_length);
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY': {
      const known = dictionary ?? [];
      const indices = readRuns(bytes.subarray(1), bytes[0] ?? 0, count);
      if (indices.some((index) => index < 0 || index >= known.length))
        throw new RangeError('a value is not in its dictionary');
      return Array.from(indices, (index) => known[index]);
    }
    case 'BYTE_STREAM_SPLIT':
      return byteStreamSplit(reader, count, meta.type, element.type_length);
    case 'DELTA_LENGTH_BYTE_ARRAY':
    case 'DELTA_BYTE_ARRAY': {
      const texts = new Array<Uint8Array>(count);
      if (encoding === 'DELTA_BYTE_ARRAY') deltaByteArray(reader, count, texts);
      else deltaLengthByteArray(reader, count, texts);
      return texts;
    }
    default:
      throw new RangeError(`values in the encoding ${encoding}, which is not read`);
  }
}
