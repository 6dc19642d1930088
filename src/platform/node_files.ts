import { open, readdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeImageFile, decodeWholeFile, imageFileSize, readImageSamples } from './images/node_images.ts';
import { encodeJpegWithSharp } from './images/sharp_decoder.ts';
import { codeOf, explained } from './node_errors.ts';
import { openHdf5 } from './node_hdf5.ts';
import { lockFolder } from './node_lock.ts';
import { encodePngWithPngjs } from './node_png.ts';
import { appendText, makeFolder, writeAtomic, writeFolder } from './node_writing.ts';
import type { FileInfo, Files } from './platform.ts';

/** Files of Node. Errors that the user can mend (missing, not allowed, a folder for a file) are UserErrors. */
export const nodeFiles: Files = {
  stat: (path) => explained(path, () => statPath(path)),
  list: (folder, onSkip) => explained(folder, () => listFiles(folder, onSkip)),
  read: (path) => explained(path, async () => plain(await readFile(path))),
  readSlice: (path, offset, length) => explained(path, () => readSlice(path, offset, length)),
  openHdf5: (path) => explained(path, () => openHdf5(path)),
  writeAtomic,
  append: appendText,
  writeFolder,
  removeFile: (path) => explained(path, () => rm(path, { force: true })),
  makeFolder,
  lock: lockFolder,
  join,
  decodeImage: decodeImageFile,
  decodeWhole: decodeWholeFile,
  readSamples: readImageSamples,
  imageSize: imageFileSize,
  encodeJpeg: encodeJpegWithSharp,
  encodePng: encodePngWithPngjs,
};

async function statPath(path: string): Promise<FileInfo | undefined> {
  try {
    const found = await stat(path);
    return { kind: found.isDirectory() ? 'folder' : 'file', bytes: found.size };
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/**
 * Links to files count as files. Links to folders are entered after all real folders, and each folder only once,
 * under its first name, so that links in a circle end.
 */
async function listFiles(root: string, onSkip?: (path: string, reason: string) => void): Promise<string[]> {
  const files: string[] = [];
  const folders = [''];
  const linkedFolders: string[] = [];
  const entered = new Set<string>();
  for (;;) {
    const folder = folders.pop() ?? linkedFolders.shift();
    if (folder === undefined) return files.sort();
    const place = join(root, folder);
    // The root's errors are the user's; a folder below that cannot be entered keeps nobody from the others.
    const entries = await enter(place, entered).catch((error) => {
      if (folder === '') throw error;
      onSkip?.(folder, reasonOf(error));
      return [];
    });
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isFile()) files.push(path);
      else if (entry.isDirectory()) folders.push(path);
      else if (entry.isSymbolicLink()) {
        const target = await stat(join(root, path)).catch(() => undefined);
        if (target?.isFile()) files.push(path);
        else if (target?.isDirectory()) linkedFolders.push(path);
        else if (!target) onSkip?.(path, 'a link that leads nowhere');
      }
    }
  }
}

/** What lies in a folder, in order; nothing where it was entered before. */
async function enter(place: string, entered: Set<string>) {
  const real = await realpath(place);
  if (entered.has(real)) return [];
  entered.add(real);
  const entries = await readdir(place, { withFileTypes: true });
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function reasonOf(error: unknown): string {
  const code = codeOf(error);
  return code === 'EACCES' || code === 'EPERM'
    ? 'a folder that may not be read'
    : 'a folder that cannot be read';
}

async function readSlice(path: string, offset: number, length: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await file.read(bytes, filled, length - filled, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return filled === length ? bytes : bytes.slice(0, filled);
  } finally {
    await file.close();
  }
}

/** The bytes without Buffer's own methods, whose `slice` shares memory where Uint8Array's copies. */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
