import { matchPaths, type PathMatch } from '../../data/feature_file/match_paths.ts';
import type { StoredMatrix } from '../../data/feature_file/matrix.ts';
import { openMatrix } from '../../data/feature_file/open_matrix.ts';
import { findPathsFile, readPathsFile } from '../../data/feature_file/paths_file.ts';
import { lastPart } from '../../data/last_part.ts';
import type { ImageStream } from '../../data/sources/image_stream.ts';
import type { FeatureFile, KnownFile } from '../../encoder/classifier_head.ts';
import { UserError } from '../../errors.ts';
import { PieceHashes, sha256OfHashes, toHex } from '../../formats/digest.ts';
import type { Files } from '../../platform/platform.ts';
import type { Features } from './features.ts';

/** Features out of a file, brought to the images of a source. */
export interface FeatureTable {
  /** N × d, in the order of the images; zeros for those that have no row since they cannot be read. */
  readonly features: Features;
  /** Images that have no row, since they cannot be read. */
  readonly without: Int32Array;
  /** What a user should know of the file, in sentences. */
  readonly notes: readonly string[];
}

/** Bytes of a file hashed at a time. */
const pieceBytes = 1 << 24;

/** Numbers that features may be: 4 GB as float32, and labelling computes with copies of them. */
const mostNumbers = 2 ** 30;

/**
 * Reads features that another program has made. Rows find their images by paths: the file's own, or those of a paths file
 * (given, or beside it); by the order of the source's list only where neither is there and the file has exactly as many
 * rows as the source images.
 * @param path of a .npy, .npz, safetensors or Parquet file
 * @param pathsFile a text with the path of each row's image, a line each, or a CSV with a column `path`
 * @throws UserError where a readable image has no row, two rows are of one image, or a number is not finite
 */
export async function readFeatureFile(
  files: Files,
  path: string,
  pathsFile: string | undefined,
  stream: ImageStream,
): Promise<FeatureTable> {
  const matrix = await openMatrix(files, path);
  const named = pathsFile ?? (matrix.paths ? undefined : await findPathsFile(files, path));
  const { match, notes } = await matchRows(files, matrix, named, stream);
  const { rowOf } = match;
  requireShape(matrix, stream);
  const without = Int32Array.from(stream.paths.keys()).filter((image) => rowOf[image]! < 0);
  await requireUnreadable(without, matrix, stream);
  const values = allocate(matrix, stream.paths.length);
  const place = new Int32Array(matrix.rows).fill(-1);
  rowOf.forEach((row, image) => {
    if (row >= 0) place[row] = image;
  });
  await matrix.read(place, values);
  const about = checkValues(values, matrix, rowOf, stream);
  const file = await identify(files, path, named);
  const features = { values, columns: matrix.columns, origin: { name: lastPart(path), file } };
  return { features, without, notes: [...(matrix.notes ?? []), ...notes, ...about] };
}

/**
 * Reads features again that were read before.
 * @throws UserError where the file, or the one that names its rows, is gone or holds something else now
 */
export async function reopenFeatureFile(
  files: Files,
  { path, digest, paths }: FeatureFile,
  stream: ImageStream,
): Promise<FeatureTable> {
  for (const known of [{ path, digest }, ...(paths ? [paths] : [])]) await requireSame(files, known);
  return readFeatureFile(files, path, paths?.path, stream);
}

async function requireSame(files: Files, { path, digest }: KnownFile): Promise<void> {
  const there = (await files.stat(path))?.kind === 'file';
  if (there && (await digestOf(files, path)) === digest) return;
  throw new UserError(
    `${path}, on which the labels rest, ${there ? 'holds something else than it did then' : 'is not there, seen from here'}: put it back, or label anew with what there is now`,
  );
}

/** What a file of features, and the file that names its rows, are known by. */
async function identify(files: Files, path: string, named: string | undefined): Promise<FeatureFile> {
  const paths = named === undefined ? {} : { paths: { path: named, digest: await digestOf(files, named) } };
  return { path, digest: await digestOf(files, path), ...paths };
}

/** The hash of the hashes of a file's pieces of 16 MB, in hex. */
async function digestOf(files: Files, path: string): Promise<string> {
  const { bytes = 0 } = (await files.stat(path)) ?? {};
  const hashes = new PieceHashes();
  for (let at = 0; at < bytes; at += pieceBytes)
    await hashes.add(await files.readSlice(path, at, Math.min(pieceBytes, bytes - at)));
  return toHex(await sha256OfHashes(await hashes.finish()));
}

async function matchRows(
  files: Files,
  matrix: StoredMatrix,
  named: string | undefined,
  stream: ImageStream,
): Promise<{ match: Pick<PathMatch, 'rowOf'>; notes: string[] }> {
  const { name, rows } = matrix;
  const paths = named === undefined ? matrix.paths : await readPathsFile(files, named, rows);
  if (!paths) return { match: byPosition(matrix, stream), notes: [positionNote(matrix, stream)] };
  const match = matchPaths(paths, stream, named ?? name);
  const notes: string[] = [];
  if (match.how !== undefined) notes.push(`${named ?? name}: its rows find their images ${match.how}`);
  if (match.unknown.length > 0) {
    const first = match.unknown.slice(0, 3).map((row) => paths[row]);
    notes.push(
      `${name}: ${match.unknown.length} of ${rows} rows are of images that ${stream.name} has not (${first.join(', ')}${match.unknown.length > 3 ? ', …' : ''}), and are left out`,
    );
  }
  return { match, notes };
}

/** Row i is image i's. @throws UserError where there are not as many rows as images */
function byPosition(
  { name, rows, pathsProblem }: StoredMatrix,
  stream: ImageStream,
): Pick<PathMatch, 'rowOf'> {
  if (pathsProblem !== undefined) throw new UserError(pathsProblem);
  const { paths, omitted } = stream;
  const beside = `${lastPart(name.split(', ')[0]!).replace(/\.[^.]+$/, '')}.paths.txt`;
  if (omitted.length > 0 || rows !== paths.length) {
    const images = omitted.length > 0 ? `${paths.length} of ${paths.length + omitted.length}` : paths.length;
    throw new UserError(
      `${name} does not say which images its ${rows} rows are of, and ${stream.name} has ${images} images: write the path of each row's image, one a line, into ${beside} beside it`,
    );
  }
  return { rowOf: Int32Array.from(paths.keys()) };
}

const positionNote = ({ name, rows }: StoredMatrix, { name: source, paths }: ImageStream) =>
  `${name} names no images: its ${rows} rows are taken for those of ${source} in the order of their paths, from ${paths[0]} to ${paths.at(-1)}`;

function requireShape({ name, rows, columns }: StoredMatrix, { paths }: ImageStream): void {
  if (columns < 2)
    throw new UserError(`${name} has ${columns} columns: give features, at least two numbers for each image`);
  const numbers = paths.length * columns;
  if (numbers <= mostNumbers) return;
  throw new UserError(
    `${name} has ${rows} rows of ${columns} numbers, ${gigabytes(numbers)} GB for ${paths.length} images, and features must lie in memory, at most ${gigabytes(mostNumbers)} GB: bring them to fewer columns, by a principal component analysis say, or take fewer images`,
  );
}

const gigabytes = (numbers: number) => ((numbers * 4) / 1e9).toFixed(1);

function allocate({ name, columns }: StoredMatrix, images: number): Float32Array {
  try {
    return new Float32Array(images * columns);
  } catch {
    throw new UserError(
      `${name} takes ${gigabytes(images * columns)} GB of memory for ${images} images, more than there is: bring it to fewer columns, or take fewer images`,
    );
  }
}

/** Images decoded at a time when those without a row are looked at. */
const looked = 64;

/** @throws UserError where an image has no row although it can be read */
async function requireUnreadable(
  images: Int32Array,
  { name, rows }: StoredMatrix,
  stream: ImageStream,
): Promise<void> {
  const pixels = new Uint8Array(Math.min(looked, images.length) * 3 * stream.size ** 2);
  for (let start = 0; start < images.length; start += looked) {
    const some = images.subarray(start, start + looked);
    const skipped = await stream.read(some, pixels.subarray(0, some.length * 3 * stream.size ** 2));
    const unreadable = new Set(skipped.map(({ image }) => image));
    const first = some.find((image) => !unreadable.has(image));
    if (first === undefined) continue;
    throw new UserError(
      `${name} has no row for ${images.length} of the ${stream.paths.length} images of ${stream.name}, ${stream.paths[first]} for one (it has ${rows} rows): compute their features too, or move these images out of ${stream.name}`,
    );
  }
}

/**
 * Looks at all numbers once.
 * @returns what is strange about them
 * @throws UserError where one is not finite, or all rows are the same
 */
function checkValues(
  values: Float32Array,
  { name, columns }: StoredMatrix,
  rowOf: Int32Array,
  { paths }: ImageStream,
): string[] {
  const images = Int32Array.from(rowOf.keys()).filter((image) => rowOf[image]! >= 0);
  const varies = new Uint8Array(columns);
  const zero: number[] = [];
  const first = values.subarray(images[0]! * columns, (images[0]! + 1) * columns);
  for (const image of images) {
    const row = values.subarray(image * columns, (image + 1) * columns);
    let any = false;
    for (let j = 0; j < columns; j++) {
      const value = row[j]!;
      if (!Number.isFinite(value)) {
        const what = Number.isNaN(value) ? 'NaN' : 'infinite, or too large for 32 bits';
        throw new UserError(
          `${name}, row ${rowOf[image]} (counted from 0), ${paths[image]}: feature ${j} is ${what}: compute it again`,
        );
      }
      if (value !== 0) any = true;
      if (value !== first[j]) varies[j] = 1;
    }
    if (!any) zero.push(image);
  }
  const constant = varies.reduce((sum, value) => sum + 1 - value, 0);
  if (constant === columns && images.length > 1)
    throw new UserError(
      `${name} has the same numbers in all ${images.length} rows, which tell no image from another: compute the features again`,
    );
  const notes: string[] = [];
  if (constant > 0 && images.length > 1)
    notes.push(
      `${name}: ${constant} of ${columns} columns hold the same number in every row and tell nothing`,
    );
  if (zero.length > 0)
    notes.push(
      `${name}: ${zero.length} of ${images.length} rows are all zeros, that of ${paths[zero[0]!]} for one: if the program that made them failed there, compute them again`,
    );
  return notes;
}
