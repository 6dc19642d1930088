import { UserError } from '../../errors.ts';
import type { ByteSource } from '../../formats/arrays/byte_source.ts';
import type { Files } from '../../platform/platform.ts';

/** A matrix of features in a file: a row for each image. Its size is known; its numbers are read when they are asked for. */
export interface StoredMatrix {
  /** For messages: the file's name, and the matrix's in it. */
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  /** The image of each row, where the file itself says it. */
  readonly paths?: readonly string[];
  /** Why the paths that the file holds cannot be read, in a sentence. */
  readonly pathsProblem?: string;
  /** What a user should know of how it is read, in sentences. */
  readonly notes?: readonly string[];
  /**
   * Reads the numbers, a block at a time, so that they lie in memory once.
   * @param place the row of `target` for each row of the file, −1 for rows that are passed over
   * @param target row-major, of as many columns
   * @throws UserError where the file is not what its header says
   */
  read(place: Int32Array, target: Float32Array): Promise<void>;
}

/** Names of a matrix of features among others, in files that hold several. */
export const featureNames = ['features', 'feature', 'feats', 'embeddings', 'embedding', 'X', 'x', 'arr_0'];

/** Names under which files keep the images' paths. */
export const pathNames = [
  'path',
  'paths',
  'file',
  'files',
  'filename',
  'filenames',
  'file_name',
  'file_names',
  'image',
  'image_path',
  'image_paths',
];

/** A matrix among those of a file that could be the features. */
export interface MatrixCandidate {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly isFloat: boolean;
}

/**
 * Which of a file's matrices are the features: one by a name of `featureNames`, or the only one of floats.
 * @param others what else the file holds, in words, for the message where no matrix is there
 * @throws UserError where none or several could be
 */
export function chooseMatrix<T extends MatrixCandidate>(
  candidates: readonly T[],
  file: string,
  others: readonly string[],
): T {
  for (const name of featureNames) {
    const known = candidates.find((candidate) => candidate.name === name);
    if (known) return known;
  }
  const floats = candidates.filter(({ isFloat }) => isFloat);
  if (floats.length === 1) return floats[0]!;
  if (floats.length === 0) {
    const found = others.length > 0 ? `only ${others.slice(0, 5).join(', ')}` : 'nothing';
    throw new UserError(
      `${file} holds no matrix of features (${found}): save one with a row for each image, under the name features`,
    );
  }
  const names = floats.slice(0, 5).map(({ name, rows, columns }) => `${name} ${rows} × ${columns}`);
  throw new UserError(
    `${file} holds ${floats.length} matrices (${names.join(', ')}): save the one with the features under the name features`,
  );
}

/** Puts blocks of a matrix that come in the file's order where they belong. */
export class RowPlacer {
  readonly #shape: { readonly rows: number; readonly columns: number };
  readonly #columnMajor: boolean;
  readonly #place: Int32Array;
  readonly #target: Float32Array;
  #done = 0;

  /** @param columnMajor whether a column comes after the other, as Fortran has it, and not a row */
  constructor(
    shape: { readonly rows: number; readonly columns: number },
    columnMajor: boolean,
    place: Int32Array,
    target: Float32Array,
  ) {
    this.#shape = shape;
    this.#columnMajor = columnMajor;
    this.#place = place;
    this.#target = target;
  }

  /** Takes the next numbers, as many as there are. */
  add(block: Float32Array): void {
    const { rows, columns } = this.#shape;
    const line = this.#columnMajor ? rows : columns;
    for (let start = 0; start < block.length; ) {
      const [index, within] = [Math.floor(this.#done / line), this.#done % line];
      const part = block.subarray(start, start + line - within);
      if (this.#columnMajor) this.#addColumn(part, index, within);
      else this.#addRow(part, index, within);
      start += part.length;
      this.#done += part.length;
    }
  }

  #addRow(part: Float32Array, row: number, column: number): void {
    const place = this.#place[row]!;
    if (place >= 0) this.#target.set(part, place * this.#shape.columns + column);
  }

  #addColumn(part: Float32Array, column: number, row: number): void {
    const { columns } = this.#shape;
    for (let i = 0; i < part.length; i++) {
      const place = this.#place[row + i]!;
      if (place >= 0) this.#target[place * columns + column] = part[i]!;
    }
  }
}

/** A file as a source of its parts. @throws UserError where it is none */
export async function fileSource(files: Files, path: string): Promise<ByteSource> {
  const info = await files.stat(path);
  if (info?.kind !== 'file')
    throw new UserError(
      `${path} is ${info ? 'a folder' : 'not there'}: give a file of features (.npy, .npz, .safetensors or .parquet)`,
    );
  const read = (offset: number, length: number) => files.readSlice(path, offset, length);
  return { name: path, size: info.bytes, read };
}
