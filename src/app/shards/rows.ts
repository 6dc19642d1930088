import { parse } from 'csv-parse/browser/esm/sync';
import { csvLine } from '../../data/labels/csv.ts';
import { mapAtOnce } from '../../data/map_at_once.ts';
import { partOfStream } from '../../data/part_of_stream.ts';
import type { ImageStream } from '../../data/sources/image_stream.ts';
import { openStream } from '../../data/sources/open_stream.ts';
import { named, sentence, UserError } from '../../errors.ts';
import type { Files } from '../../platform/platform.ts';
import { sourceKind } from '../inputs/image_source_kind.ts';
import { digestOf, type Manifest, rowsFile, type Shard } from './manifest.ts';

/** An image of a shard, as it was when the shards were planned. */
export interface Row {
  /** As the source lists it. */
  readonly path: string;
  /** Bytes of its file; '' where an image is no file. */
  readonly bytes: string;
}

const header = csvLine(['path', 'bytes']);
/** Files that are looked at together. */
const looksAtOnce = 16;

/** The text of a file of rows: some of a stream's images, from `first` on. */
export async function rowsText(stream: ImageStream, first: number, images: number): Promise<string> {
  const paths = stream.paths.slice(first, first + images);
  const lines = await mapAtOnce(paths, looksAtOnce, async (path, at) =>
    csvLine([path, `${(await stream.bytesOf?.(first + at)) ?? ''}`]),
  );
  return [header, ...lines].join('');
}

/** Reads a shard's rows. @throws UserError where the file is not the one that was planned */
export async function readRows(files: Files, job: string, shard: Shard): Promise<Row[]> {
  const path = files.join(job, rowsFile(shard));
  const bytes = (await files.stat(path))?.kind === 'file' ? await files.read(path) : undefined;
  if (bytes && (await digestOf(bytes)) === shard.rows) {
    const rows = parse(new TextDecoder().decode(bytes), { bom: true }) as string[][];
    return rows.slice(1).map(([image, size]) => ({ path: image!, bytes: size! }));
  }
  throw new UserError(
    sentence`${path} ${bytes ? 'is not as kindred wrote it' : 'is missing'}: plan the shards anew into another ${named('out')}`,
  );
}

/**
 * The images of a shard, none of them decoded yet.
 * @param data where they are, seen from here
 * @throws UserError where one is gone, or its file has another length than when the shards were planned
 */
export async function openRows(
  files: Files,
  { source }: Manifest,
  data: string,
  rows: readonly Row[],
): Promise<ImageStream> {
  const { size, range, fit, seed, limit, testLimit } = source;
  const only = rows.map(({ path }) => path);
  const imageSize = sourceKind(data) === 'folder' ? size : undefined;
  const whole = await openStream(data, { files, imageSize, range, fit, seed, limit, testLimit, only });
  if (whole.size !== size)
    throw new UserError(
      `the images of ${data} are ${whole.size} pixels wide, but ${size} when the shards were planned: plan the shards anew`,
    );
  const wanted = new Set(only);
  const numbers = new Map<string, number>();
  whole.paths.forEach((path, image) => void (wanted.has(path) && numbers.set(path, image)));
  const images = Int32Array.from(rows, ({ path }) => numbers.get(path) ?? -1);
  const gone = images.indexOf(-1);
  if (gone >= 0) throw changed(data, `${only[gone]} is not there`);
  const stream = partOfStream(whole, images);
  await mapAtOnce(rows, looksAtOnce, async ({ path, bytes }, image) => {
    const now = bytes === '' ? '' : `${await stream.bytesOf?.(image)}`;
    if (now !== bytes) throw changed(data, `${path} has ${now} bytes, and had ${bytes} then`);
  });
  return stream;
}

const changed = (data: string, what: string) =>
  new UserError(
    sentence`the images of ${named('data', data)} have changed since the shards were planned (${what}): put them back, or plan the shards anew`,
  );
