import { UserError } from '../../errors.ts';
import { quote } from '../quote.ts';
import { type ByteSource, ByteStream, pieces } from './byte_source.ts';

// A zip file ends with a central directory: sizes and places of all members. What the headers before the members say
// is not believed. Files and members over 4 GB have their figures in zip64 records.
// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT

/** A member of a zip file. */
export interface ZipMember {
  readonly name: string;
  /** Bytes of its content. */
  readonly size: number;
  readonly compressedSize: number;
  readonly deflated: boolean;
  readonly crc: number;
  /** Where its local header begins. */
  readonly offset: number;
}

const endBytes = 22;
const maxComment = 0xffff;
const maxDirectoryBytes = 1 << 26;
/** Deflate makes of a byte 1,032 at most. */
const maxRatio = 1032;

/** Whether bytes begin as a zip file with members does. */
export const isZip = (bytes: Uint8Array): boolean =>
  [0x50, 0x4b, 0x03, 0x04].every((byte, at) => bytes[at] === byte);

/**
 * The members of a zip file by their names, stored or deflated.
 * @throws UserError where it is cut off, encrypted, or packed in another way
 */
export async function listZip(source: ByteSource): Promise<Map<string, ZipMember>> {
  const { name, size } = source;
  const refuse = (reason: string): never => {
    throw new UserError(`${name} is not a whole zip file (${reason}): copy or save it again`);
  };
  const { count, start, length } = await findDirectory(source, refuse);
  if (length > maxDirectoryBytes) return refuse(`its list of members has ${length} bytes`);
  const bytes = await source.read(start, length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const members = new Map<string, ZipMember>();
  for (let at = 0, i = 0; i < count; i++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== 0x02014b50)
      return refuse(`its list ends after ${i} of ${count} members`);
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) =>
      view.getUint16(at + field, true),
    );
    const next = at + 46 + nameBytes! + extraBytes! + commentBytes!;
    if (next > bytes.length) return refuse(`its list ends within member ${i + 1}`);
    const title = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameBytes!));
    const method = view.getUint16(at + 10, true);
    const extra = { from: at + 46 + nameBytes!, to: at + 46 + nameBytes! + extraBytes! };
    const figures = zip64Figures(view, extra, [
      view.getUint32(at + 24, true),
      view.getUint32(at + 20, true),
      view.getUint32(at + 42, true),
    ]);
    if (!figures) return refuse(`its member ${quote(title)} has no size`);
    const [own, compressedSize, offset] = figures;
    const what = `its member ${quote(title)}`;
    if ((view.getUint16(at + 8, true) & 1) !== 0) return refuse(`${what} is encrypted`);
    if (method !== 0 && method !== 8) return refuse(`${what} is packed by method ${method}`);
    if (offset + 30 + compressedSize > size) return refuse(`${what} reaches beyond the file's ${size} bytes`);
    if (method === 0 ? own !== compressedSize : own > maxRatio * compressedSize)
      return refuse(`${what} cannot have ${own} bytes`);
    if (members.has(title)) return refuse(`${what} is there twice`);
    const crc = view.getUint32(at + 16, true);
    members.set(title, { name: title, size: own, compressedSize, deflated: method === 8, crc, offset });
    at = next;
  }
  return members;
}

async function findDirectory(source: ByteSource, refuse: (reason: string) => never) {
  const tail = Math.min(source.size, endBytes + maxComment);
  const bytes = await source.read(source.size - tail, tail);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let end = bytes.length - endBytes;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) return refuse('its end is missing');
  const short = {
    count: view.getUint16(end + 10, true),
    length: view.getUint32(end + 12, true),
    start: view.getUint32(end + 16, true),
  };
  const isLong = end >= 20 && view.getUint32(end - 20, true) === 0x07064b50;
  const found = isLong ? await longDirectory(source, Number(view.getBigUint64(end - 12, true))) : short;
  if (!found || found.start + found.length > source.size) return refuse('its list of members is missing');
  return found;
}

/** The zip64 record at a place; undefined where there is none. */
async function longDirectory(source: ByteSource, offset: number) {
  if (offset + 56 > source.size) return undefined;
  const bytes = await source.read(offset, 56);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(0, true) !== 0x06064b50) return undefined;
  const [count, length, start] = [32, 40, 48].map((at) => Number(view.getBigUint64(at, true)));
  return { count: count!, length: length!, start: start! };
}

/** Size, packed size and offset, those of 0xffffffff out of the zip64 field; undefined where that lacks one. */
function zip64Figures(
  view: DataView,
  { from, to }: { readonly from: number; readonly to: number },
  figures: readonly [number, number, number],
): readonly [number, number, number] | undefined {
  if (!figures.includes(0xffffffff)) return figures;
  for (let at = from; at + 4 <= to; ) {
    const end = at + 4 + view.getUint16(at + 2, true);
    if (view.getUint16(at, true) !== 1 || end > to) {
      at = end;
      continue;
    }
    let place = at + 4;
    const long = figures.map((figure) => {
      if (figure !== 0xffffffff) return figure;
      place += 8;
      return place <= end ? Number(view.getBigUint64(place - 8, true)) : Number.NaN;
    });
    return long.every(Number.isSafeInteger) ? (long as [number, number, number]) : undefined;
  }
  return undefined;
}

/** The content of a member, checked against its size and its CRC-32 when the last byte is taken. */
export function openMember(source: ByteSource, member: ZipMember): ByteStream {
  return new ByteStream(contentOf(source, member));
}

const damagedMember = (source: ByteSource, { name }: ZipMember): UserError =>
  new UserError(`${source.name} is damaged in its member ${quote(name)}: copy or save it again`);

/**
 * Where the bytes of a member begin. Those of a stored member can be read from there in any order, unchecked.
 * @throws UserError where no member lies at its place
 */
export async function memberStart(source: ByteSource, member: ZipMember): Promise<number> {
  const { compressedSize, offset } = member;
  const header = await source.read(offset, 30);
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  if (header.length < 30 || view.getUint32(0, true) !== 0x04034b50) throw damagedMember(source, member);
  const start = offset + 30 + view.getUint16(26, true) + view.getUint16(28, true);
  if (start + compressedSize > source.size) throw damagedMember(source, member);
  return start;
}

async function* contentOf(source: ByteSource, member: ZipMember): AsyncGenerator<Uint8Array> {
  const { size, compressedSize, deflated, crc } = member;
  const damaged = () => damagedMember(source, member);
  const start = await memberStart(source, member);
  const packed = pieces(source, start, compressedSize);
  const check = new Crc32();
  let total = 0;
  for await (const piece of deflated ? inflate(packed, damaged) : packed) {
    total += piece.length;
    if (total > size) throw damaged();
    check.add(piece);
    if (total === size && check.value !== crc) throw damaged();
    yield piece;
  }
  if (total !== size) throw damaged();
}

async function* inflate(
  packed: AsyncGenerator<Uint8Array>,
  damaged: () => Error,
): AsyncGenerator<Uint8Array> {
  let failure: unknown;
  const source = new ReadableStream<BufferSource>({
    async pull(controller) {
      try {
        const { value, done } = await packed.next();
        if (done) controller.close();
        else controller.enqueue(value as Uint8Array<ArrayBuffer>);
      } catch (error) {
        failure = error;
        controller.error(error);
      }
    },
    cancel: async () => void (await packed.return(undefined)),
  });
  const reader = source.pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  try {
    for (;;) {
      const { value, done } = await reader.read().catch(() => {
        throw failure ?? damaged();
      });
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** The checksum of zip files: polynomial 0xedb88320. */
class Crc32 {
  static readonly #table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    return value;
  });
  #state = -1;

  add(bytes: Uint8Array): void {
    let state = this.#state;
    const table = Crc32.#table;
    for (let at = 0; at < bytes.length; at++) state = (state >>> 8) ^ table[(state ^ bytes[at]!) & 0xff]!;
    this.#state = state;
  }

  get value(): number {
    return ~this.#state >>> 0;
  }
}
