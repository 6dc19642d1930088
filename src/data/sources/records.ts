import { named, sentence, UserError } from '../../errors.ts';
import { sha256, toHex } from '../../formats/digest.ts';
import type { Files } from '../../platform/platform.ts';
import { chooseAscending, Random, streams } from '../../random.ts';
import { createPillowResizer } from '../resize/pillow_resizer.ts';
import type { Resize } from '../resize/resize.ts';
import { createResizer } from '../resize/triangle_resizer.ts';
import type { ImageStream, OpenOptions, Partition } from './image_stream.ts';

/** A binary file of equally long image records. */
export interface RecordFile {
  /** Where the file lies. */
  readonly path: string;
  /** The name shown to the user, in front of `#record`. */
  readonly name: string;
  /** Part of the set that its images belong to. */
  readonly partition: Partition;
  /** Bytes in front of the first record. */
  readonly headerBytes: number;
  /** Bytes of each record. */
  readonly recordBytes: number;
  /** Records in the file. */
  readonly count: number;
  /** Pixels in a row of each image. */
  readonly width: number;
  /** Rows of pixels of each image. */
  readonly height: number;
  /** Reads whole records, by their place behind the header; absent where the file holds them as they are. */
  readBytes?(offset: number, length: number): Promise<Uint8Array>;
  /** Writes the record's image as RGB, row by row. */
  decode(record: Uint8Array, rgb: Uint8Array): void;
  /** The class number of each image, −1 where unknown, or how a record tells it; undefined: none is known. */
  readonly labels: Int32Array | ((record: Uint8Array, index: number) => number) | undefined;
}

type About = Pick<ImageStream, 'name' | 'description' | 'classes'>;

/** One read covers at most this much, and skips gaps longer than a disk reads in about the time of a call. */
const mostReadBytes = 1 << 22;
const mostGapBytes = 1 << 16;

/**
 * The images that the limits keep, file by file; of labels inside the records every one is read here.
 * @param about name and classes of the set, and its description in the light of what is kept
 */
export async function streamRecords(
  parts: readonly RecordFile[],
  size: number,
  options: OpenOptions,
  about: (kept: Pick<ImageStream, 'partition' | 'labels'>) => About,
): Promise<ImageStream> {
  const kept = chooseRecords(parts, options);
  const labels: number[] = [];
  const paths: string[] = [];
  const partition: Partition[] = [];
  const omitted: string[] = [];
  /** The number of each part's first image. */
  const first: number[] = [];
  for (const [number, part] of parts.entries()) {
    const indices = kept[number]!;
    first.push(paths.length);
    for (const label of await readLabels(options.files, part, indices)) labels.push(label);
    for (const index of indices) {
      paths.push(`${part.name}#${index}`);
      partition.push(part.partition);
    }
    for (const path of omittedPaths(part, indices)) omitted.push(path);
  }
  const known = { paths, labels: Int32Array.from(labels), partition, omitted, unreadable: [] };
  const content = { ...known, ...about(known) };
  /** Calls `see` with the record of each image, its place among them, and the number of its file. */
  const visit = async (
    images: Int32Array,
    onRead: ((count: number) => void) | undefined,
    see: (record: Uint8Array, at: number, part: number) => void,
  ): Promise<void> => {
    for (let start = 0, end = 0; start < images.length; start = end) {
      const part = first.findLastIndex((number) => number <= images[start]!);
      const begin = first[part]!;
      const beyond = begin + kept[part]!.length;
      while (end < images.length && images[end]! >= begin && images[end]! < beyond) end++;
      const indices = Uint32Array.from(images.subarray(start, end), (image) => kept[part]![image - begin]!);
      await visitRecords(options.files, parts[part]!, indices, onRead, (record, at) =>
        see(record, start + at, part),
      );
    }
  };
  const identify = async (images: Int32Array): Promise<string[]> => {
    const pending: Promise<string>[] = [];
    await visit(images, undefined, (record, at, part) => {
      const { width, height, decode } = parts[part]!;
      const rgb = new Uint8Array(width * height * 3);
      decode(record, rgb);
      pending[at] = sha256(rgb).then((digest) => `${width}×${height} ${toHex(digest)}`);
    });
    return Promise.all(pending);
  };
  const stream = (side: number, resize?: Resize): ImageStream => {
    const imageBytes = 3 * side * side;
    const decoders = parts.map((part) => createDecoder(part, side, resize));
    const read: ImageStream['read'] = async (images, target, onRead) => {
      await visit(images, onRead, (record, at, part) => {
        const offset = at * imageBytes;
        decoders[part]!(record, target.subarray(offset, offset + imageBytes));
      });
      return [];
    };
    return { ...content, size: side, read, identify, resized: stream };
  };
  return stream(size);
}

/** Class numbers of the records at `indices`. */
async function readLabels(files: Files, part: RecordFile, indices: Uint32Array): Promise<Int32Array> {
  const { labels } = part;
  const found = new Int32Array(indices.length).fill(-1);
  if (typeof labels === 'function') {
    await visitRecords(files, part, indices, undefined, (record, at) => {
      found[at] = labels(record, indices[at]!);
    });
  } else if (labels) indices.forEach((index, at) => void (found[at] = labels[index]!));
  return found;
}

/** Brings RGB images of one size to squares, as an encoder asks for it or as binary sets are resized. */
export const squareMaker = (width: number, height: number, size: number, resize: Resize | undefined) =>
  resize ? createPillowResizer(width, height, size, resize) : createResizer(width, height, size);

/** Brings a record to a square of RGB. */
function createDecoder(part: RecordFile, size: number, resize: Resize | undefined) {
  const { width, height } = part;
  const rgb = new Uint8Array(width * height * 3);
  const toSquare = squareMaker(width, height, size, resize);
  return (record: Uint8Array, target: Uint8Array): void => {
    part.decode(record, rgb);
    toSquare(rgb, target);
  };
}

/** The records of each file that stay: each partition as one list is cut to its limit. */
function chooseRecords(parts: readonly RecordFile[], options: OpenOptions): Uint32Array[] {
  const limits = { train: options.limit, test: options.testLimit ?? options.limit };
  const chosen: Record<Partition, Uint32Array> = { train: new Uint32Array(), test: new Uint32Array() };
  for (const [stream, partition] of (['train', 'test'] as const).entries()) {
    const total = parts.reduce((sum, part) => sum + (part.partition === partition ? part.count : 0), 0);
    const random = new Random(options.seed ?? 0, streams.limit + stream);
    chosen[partition] = chooseAscending(total, limits[partition] ?? total, random);
  }
  const first = { train: 0, test: 0 };
  return parts.map(({ partition, count }) => {
    const start = first[partition];
    first[partition] += count;
    return chosen[partition].filter((index) => index >= start && index < start + count).map((i) => i - start);
  });
}

/** Calls `visit` with each record and its place among `indices`. @throws UserError where the file became shorter */
export async function visitRecords(
  files: Files,
  part: Pick<RecordFile, 'path' | 'headerBytes' | 'recordBytes' | 'readBytes'>,
  indices: Uint32Array,
  onRead: ((count: number) => void) | undefined,
  visit: (record: Uint8Array, at: number) => void,
): Promise<void> {
  const { recordBytes } = part;
  for (let start = 0; start < indices.length; ) {
    const end = runEnd(indices, start, recordBytes);
    const first = indices[start]!;
    const length = (indices[end - 1]! + 1 - first) * recordBytes;
    const offset = first * recordBytes;
    const bytes = part.readBytes
      ? await part.readBytes(offset, length)
      : await files.readSlice(part.path, part.headerBytes + offset, length);
    if (bytes.length < length)
      throw new UserError(`${part.path} became shorter while it was read: try again`);
    for (let at = start; at < end; at++) {
      const place = (indices[at]! - first) * recordBytes;
      visit(bytes.subarray(place, place + recordBytes), at);
    }
    onRead?.(end - start);
    start = end;
  }
}

/** Where the run of records that one read fetches ends. */
function runEnd(indices: Uint32Array, start: number, recordBytes: number): number {
  let end = start + 1;
  while (
    end < indices.length &&
    indices[end]! > indices[end - 1]! &&
    (indices[end]! - indices[end - 1]! - 1) * recordBytes <= mostGapBytes &&
    (indices[end]! + 1 - indices[start]!) * recordBytes <= mostReadBytes
  ) {
    end++;
  }
  return end;
}

function omittedPaths(part: RecordFile, kept: Uint32Array): string[] {
  const keep = new Set(kept);
  const all = Array.from({ length: part.count }, (_, index) => index);
  return all.filter((index) => !keep.has(index)).map((index) => `${part.name}#${index}`);
}

/** The number of records in a file that holds nothing else. @throws UserError where the length does not fit */
export async function countRecords(files: Files, path: string, recordBytes: number): Promise<number> {
  const bytes = (await files.stat(path))?.bytes ?? 0;
  if (bytes === 0 || bytes % recordBytes !== 0) {
    throw new UserError(
      `${path} has ${bytes} bytes, which is not a whole number of ${recordBytes}-byte records: fetch it again`,
    );
  }
  return bytes / recordBytes;
}

/** The files directly in a binary set's folder. @throws UserError where the folder is missing */
export async function listSetFolder(files: Files, folder: string): Promise<string[]> {
  await requireSetFolder(files, folder);
  return files.list(folder);
}

/** @throws UserError where nothing, or a folder, lies at the path of a set that is one file */
export async function requireSetFile(files: Files, path: string): Promise<void> {
  const info = await files.stat(path);
  if (info === undefined)
    throw new UserError(sentence`there is no file ${path}: check the path after ${named('data')}`);
  if (info.kind === 'folder') throw new UserError(`${path} is a folder: give the file in it`);
}

/** @throws UserError where nothing, or a file, lies at the path of a binary set's folder */
export async function requireSetFolder(files: Files, folder: string): Promise<void> {
  const info = await files.stat(folder);
  if (info === undefined)
    throw new UserError(sentence`there is no folder ${folder}: check the path after ${named('data')}`);
  if (info.kind === 'file') throw new UserError(`${folder} is a file: give the folder that holds it`);
}

/**
 * The error for a folder without the files of its set; says where they lie when that is in a folder below.
 * @param pattern what the file names look like
 * @param expected what they look like, in the user's words
 */
export function missingFiles(
  set: string,
  folder: string,
  pattern: RegExp,
  expected: string,
  listed: readonly string[],
): UserError {
  const below = listed.find(
    (path) => path.includes('/') && pattern.test(path.slice(path.lastIndexOf('/') + 1)),
  );
  const shown = listed.slice(0, 3).join(', ') + (listed.length > 3 ? ', …' : '');
  const advice = below
    ? `give ${set}:${folder}/${below.slice(0, below.lastIndexOf('/'))}`
    : 'give the folder of the unpacked binary version';
  return new UserError(
    `${folder} has no ${expected} (${shown ? `it holds ${shown}` : 'it is empty'}): ${advice}`,
  );
}

/** Class names, one a line; `count` numbers where the file is missing. */
export async function readClassNames(files: Files, path: string, count: number): Promise<string[]> {
  if ((await files.stat(path)) === undefined)
    return Array.from({ length: count }, (_, index) => String(index));
  const lines = new TextDecoder().decode(await files.read(path)).split('\n');
  const names = lines.map((line) => line.trim()).filter((line) => line !== '');
  if (names.length !== count || new Set(names).size !== count) {
    throw new UserError(
      `${path} should hold ${count} different class names, one a line, but holds ${names.length}`,
    );
  }
  return names;
}
