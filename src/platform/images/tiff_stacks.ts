import { stat } from 'node:fs/promises';
import { type TiffDirectory, tiffDirectories } from '../../formats/images/tiff/directory.ts';
import { singlePage } from '../../formats/images/tiff/single_page.ts';
import { readerOf } from './file_bytes.ts';

/** The directories of the file that was asked for last: whoever reads a stack reads all of it. */
let last: { readonly version: string; readonly directories: Promise<TiffDirectory[]> } | undefined;

/**
 * One image of a TIFF file of several as a file of its own.
 * @param most bytes that it may take
 * @returns undefined where it takes more, or the file has no such image whole
 */
export async function stackPage(path: string, page: number, most: number): Promise<Uint8Array | undefined> {
  const { size, mtimeMs } = await stat(path);
  const version = JSON.stringify([path, size, mtimeMs]);
  const readAt = readerOf(path);
  if (last?.version !== version) last = { version, directories: tiffDirectories(readAt) };
  const directory = (await last.directories.catch(() => []))[page];
  return directory && singlePage(directory, readAt, most);
}
