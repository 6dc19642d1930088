import { open } from 'node:fs/promises';
import type { ReadAt } from '../../formats/images/tiff/directory.ts';
import { codeOf } from '../node_errors.ts';

/** Reads bytes of the file at a path. */
export const readerOf =
  (path: string): ReadAt =>
  async (offset, length) =>
    (await readPart(path, offset, length)).bytes;

/** Some bytes of a file. @param wanted how many of them are wanted, by the file's size */
export async function readPart(
  path: string,
  offset: number,
  most: number,
  wanted: (size: number) => number = (size) => size,
): Promise<{ bytes: Uint8Array; size: number }> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const bytes = new Uint8Array(Math.max(0, Math.min(most, wanted(size), size - offset)));
      let filled = 0;
      while (filled < bytes.length) {
        const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return { bytes: bytes.subarray(0, filled), size };
    } finally {
      await file.close();
    }
  } catch (error) {
    throw new Error(reasons[codeOf(error) ?? ''] ?? `cannot be read (${(error as Error).message})`);
  }
}

/** Why a file cannot be read at all, by the system's codes. */
const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EACCES: 'may not be read',
  EPERM: 'may not be read',
  ELOOP: 'a link that leads to itself',
  EISDIR: 'a folder',
};
