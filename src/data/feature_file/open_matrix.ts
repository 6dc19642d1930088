import { UserError } from '../../errors.ts';
import { isNpy } from '../../formats/arrays/npy.ts';
import { isZip } from '../../formats/arrays/zip.ts';
import type { Files } from '../../platform/platform.ts';
import { fileSource, type StoredMatrix } from './matrix.ts';
import { npyMatrix, npzMatrix } from './npy_matrix.ts';
import { isSafetensors, safetensorsMatrix } from './safetensors_matrix.ts';

const startsWith =
  (text: string, from = 0) =>
  (bytes: Uint8Array) =>
    new TextEncoder().encode(text).every((byte, at) => bytes[from + at] === byte);

/** What else lies about under such names, and what to do about it. */
const others: readonly [(bytes: Uint8Array) => boolean, string][] = [
  [
    startsWith('version https://git-lfs'),
    'is a Git LFS pointer and not the file itself: fetch it with git lfs pull',
  ],
  [startsWith('HDF\r\n', 1), 'is HDF5: save the matrix with numpy.save'],
  [
    (bytes) => /^\s*<(!doctype|html)/i.test(new TextDecoder().decode(bytes)),
    'is a page of HTML and not the file itself: download it again',
  ],
  [
    (bytes) => bytes[0] === 0x80 && bytes[1]! >= 2 && bytes[1]! <= 5,
    'is a Python pickle, which is never opened: save the matrix with numpy.save',
  ],
];

/**
 * Opens a file of features, whatever its name, by its first bytes: .npy, .npz, safetensors or Parquet.
 * @throws UserError for any other content
 */
export async function openMatrix(files: Files, path: string): Promise<StoredMatrix> {
  const source = await fileSource(files, path);
  const start = await source.read(0, 64);
  if (isNpy(start)) return npyMatrix(source);
  if (isZip(start)) return npzMatrix(source);
  if (isSafetensors(start)) return safetensorsMatrix(source);
  if (startsWith('PAR1')(start)) {
    // Loaded where it is needed: no other command pays for it.
    const { parquetMatrix } = await import('./parquet/parquet_matrix.ts');
    return parquetMatrix(source);
  }
  const [, known] = others.find(([matches]) => matches(start)) ?? [];
  throw new UserError(
    `${path} ${known ?? 'is no file of features that can be read: give .npy, .npz, .safetensors or .parquet'}`,
  );
}
