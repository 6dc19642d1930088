import { truncated, UnreadableImage } from '../raw_image.ts';
import type { DataSet, Tag } from './data_set.ts';

/** A table that stands for numbers (PS3.3, C.11.1): values below its first entry get that one, above its last the last. */
export interface LookupTable {
  /** The number that the first entry is for. */
  readonly first: number;
  readonly entries: Uint16Array;
  /** Bits of an entry. */
  readonly bits: number;
}

/**
 * Reads a table.
 * @param tag of its description, three numbers: how many entries, for which the first is, bits of an entry
 * @param dataTag of its entries
 * @param signed whether the number that the first entry is for may be negative, where the file does not say
 */
export function lookupTable(data: DataSet, tag: Tag, dataTag: Tag, signed: boolean): LookupTable | undefined {
  const description = data.find(tag);
  const element = data.find(dataTag);
  if (!description || !element) return undefined;
  const isSigned = description.type === 'SS' || (description.type !== 'US' && signed);
  const [count = 0, , bits = 0] = data.shorts(tag);
  const first = data.shorts(tag, isSigned)[1] ?? 0;
  // 65536 does not fit 16 bits and is written 0.
  const length = count === 0 ? 65536 : count;
  if (bits < 1 || bits > 16 || element.open) throw new UnreadableImage('damaged (a table of values)');
  const bytes = element.end - element.start;
  if (bytes < length) throw truncated();
  const { littleEndian } = data.encoding;
  const isWide = bytes >= 2 * length;
  const isSwapped = !isWide && !littleEndian && element.type !== 'OB';
  const entries = Uint16Array.from({ length }, (_, i) => {
    if (isWide) return data.view.getUint16(element.start + 2 * i, littleEndian);
    return data.bytes[element.start + (isSwapped ? i ^ 1 : i)] ?? 0;
  });
  return { first, entries, bits };
}

/** The entry for a number. */
export function lookUp({ first, entries }: LookupTable, value: number): number {
  return entries[Math.max(0, Math.min(entries.length - 1, Math.round(value) - first))]!;
}

/** The segmented tables of PS3.3, C.7.9.2, which no reader here expands. */
export const segmentedRed: Tag = 0x00281221;

/** The colours of 8 bits, three a number, that numbers from `first` on stand for. */
export interface Palette {
  readonly first: number;
  readonly colours: Uint8Array;
}

/** Three tables as one. @throws UnreadableImage where a table is missing */
export function palette(data: DataSet, signed: boolean): Palette {
  if (data.find(segmentedRed)) throw new UnreadableImage('of a palette in segments, which is not read');
  const tables = [0, 1, 2].map((c) => lookupTable(data, 0x00281101 + c, 0x00281201 + c, signed));
  const [red, green, blue] = tables;
  if (!red || !green || !blue) throw new UnreadableImage('damaged (it has no palette)');
  // Some writers announce 16 bits and write 8.
  const isWide = [red, green, blue].some(({ entries }) => entries.some((value) => value > 255));
  const shift = isWide ? Math.max(0, red.bits - 8) : 0;
  const { first, entries } = red;
  const colours = new Uint8Array(3 * entries.length);
  for (let i = 0; i < entries.length; i++) {
    colours.set(
      [red, green, blue].map((table) => lookUp(table, first + i) >> shift),
      3 * i,
    );
  }
  return { first, colours };
}
