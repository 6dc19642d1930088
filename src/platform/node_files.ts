import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, open, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UserError } from '../errors.ts';
import type { FileInfo, Files } from './platform.ts';
import { decodeWithSharp, encodeJpegWithSharp } from './sharp_decoder.ts';

/** Files of Node. Errors that the user can mend (missing, not allowed, a folder for a file) are UserErrors. */
export const nodeFiles: Files = {
  stat: (path) => explained(path, () => statPath(path)),
  list: (folder) => explained(folder, () => listFiles(folder)),
  read: (path) => explained(path, async () => plain(await readFile(path))),
  readSlice: (path, offset, length) => explained(path, () => readSlice(path, offset, length)),
  writeAtomic,
  append: (path, text) => appendFile(path, text),
  makeFolder: async (path) => {
    await mkdir(path, { recursive: true });
  },
  join,
  decodeImage: decodeWithSharp,
  encodeJpeg: encodeJpegWithSharp,
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
async function listFiles(root: string): Promise<string[]> {
  const files: string[] = [];
  const folders = [''];
  const linkedFolders: string[] = [];
  const entered = new Set<string>();
  for (;;) {
    const folder = folders.pop() ?? linkedFolders.shift();
    if (folder === undefined) return files.sort();
    const real = await realpath(join(root, folder));
    if (entered.has(real)) continue;
    entered.add(real);
    const entries = await readdir(join(root, folder), { withFileTypes: true });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isFile()) files.push(path);
      else if (entry.isDirectory()) folders.push(path);
      else if (entry.isSymbolicLink()) {
        const target = await stat(join(root, path)).catch(() => undefined);
        if (target?.isFile()) files.push(path);
        else if (target?.isDirectory()) linkedFolders.push(path);
      }
    }
  }
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

async function writeAtomic(path: string, data: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Makes a rename last through a power cut. Windows cannot open folders and needs no such call. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'lies below a file, not a folder',
  EISDIR: 'is a folder, not a file',
  EACCES: 'may not be read: change its permissions or choose another',
  EPERM: 'may not be read: change its permissions or choose another',
  ELOOP: 'is a link that leads back to itself',
};

async function explained<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const reason = REASONS[codeOf(error) ?? ''];
    if (reason === undefined) throw error;
    throw new UserError(`${(error as NodeJS.ErrnoException).path ?? path} ${reason}`);
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

/** The bytes without Buffer's own methods, whose `slice` shares memory where Uint8Array's copies. */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
