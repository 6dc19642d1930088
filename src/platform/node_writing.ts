import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import {
  appendFile,
  copyFile,
  type FileHandle,
  lstat,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  symlink,
} from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { codeOf, explained, unlessFull } from './node_errors.ts';
import type { FileContent, NewFolder } from './platform.ts';

/** See `Files.writeAtomic`. */
export function writeAtomic(path: string, content: FileContent): Promise<void> {
  return unlessFull(path, async () => {
    // The rename would refuse it too, but only after all has been written.
    if (await isFolder(path)) throw Object.assign(new Error('EISDIR: it is a folder'), { code: 'EISDIR' });
    const temporary = `${path}.${randomUUID()}.tmp`;
    try {
      await writeNew(temporary, content);
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    await syncFolder(dirname(path));
  });
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ?? false;
}

/** See `Files.append`. */
export function appendText(path: string, text: string): Promise<void> {
  return unlessFull(path, () => appendFile(path, text));
}

/** See `Files.makeFolder`. */
export function makeFolder(path: string): Promise<void> {
  return unlessFull(path, async () => {
    await makeWithParents(resolve(path));
  });
}

/**
 * Makes a folder and those above it that are missing, each tried once: Node's own `recursive` need not end on file systems
 * that answer for folders in ways of their own.
 * @returns the first folder that was made; undefined where all were there
 */
async function makeWithParents(path: string): Promise<string | undefined> {
  const made = await makeUnlessThere(path).catch(async (error) => {
    const parent = dirname(path);
    if (codeOf(error) !== 'ENOENT' || parent === path) throw error;
    const first = await makeWithParents(parent);
    return (await makeUnlessThere(path)) ? (first ?? path) : first;
  });
  return made === true ? path : made || undefined;
}

/** Whether the folder was made, and was not there before. */
async function makeUnlessThere(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    // Folders that may not be written, and drives, refuse with other words although they are there.
    if (await isFolder(path)) return false;
    throw error;
  }
}

/** See `Files.writeFolder`. */
export function writeFolder(path: string, fill: (folder: NewFolder) => Promise<void>): Promise<void> {
  return unlessFull(path, async () => {
    const { place, exists } = await emptyPlace(path);
    const parent = dirname(place);
    const temporary = join(parent, `.${basename(place)}.${randomUUID()}.tmp`);
    const firstMade = await makeWithParents(parent);
    try {
      await mkdir(temporary);
      await fill(newFolder(temporary));
      if (exists) await rmdir(place);
      await rename(temporary, place);
    } catch (error) {
      await rm(temporary, { recursive: true, force: true });
      if (firstMade !== undefined) await removeEmpty(parent, firstMade);
      throw error;
    }
    await syncFolder(parent);
  });
}

/** The absolute path that a new folder gets, behind links. @throws UserError where something lies there */
async function emptyPlace(path: string): Promise<{ place: string; exists: boolean }> {
  const absolute = resolve(path);
  const found = await lstat(absolute).catch((error) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    if (codeOf(error) === 'ENOTDIR') throw new UserError(`${path} lies below a file: name another folder`);
    throw error;
  });
  if (found === undefined) return { place: absolute, exists: false };
  const place = await explained(path, () => realpath(absolute));
  if (!(await lstat(place)).isDirectory()) throw new UserError(`${path} is a file: name a folder`);
  if ((await readdir(place)).length > 0)
    throw new UserError(`${path} exists and is not empty: name another folder`);
  return { place, exists: true };
}

/** Removes folders from `last` up to `first`, as long as they are empty. */
async function removeEmpty(last: string, first: string): Promise<void> {
  for (let folder = last; folder.length >= first.length; folder = dirname(folder)) {
    const removed = await rmdir(folder).then(
      () => true,
      () => false,
    );
    if (!removed) return;
  }
}

/** Where links cannot be made: Windows without the right to, and some file systems. */
const NO_LINKS = new Set(['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/** Writing into a folder that holds nothing but what it made itself: so no link in it leads elsewhere. */
function newFolder(root: string): NewFolder {
  const made = new Set([root]);
  const pathOf = async (name: string): Promise<string> => {
    const parts = name.split('/');
    if (parts.some((part) => part === '' || part === '.' || part === '..' || /[\\\0]/.test(part)))
      throw new Error(`'${name}' is no name inside the new folder`);
    const path = join(root, ...parts);
    const parent = dirname(path);
    if (!made.has(parent)) {
      await mkdir(parent, { recursive: true });
      made.add(parent);
    }
    return path;
  };
  const copyTo = (path: string, from: string) =>
    explained(from, () => copyFile(from, path, constants.COPYFILE_EXCL));
  return {
    write: async (name, content) => writeNew(await pathOf(name), content, false),
    copy: async (name, from) => copyTo(await pathOf(name), from),
    async link(name, from) {
      const path = await pathOf(name);
      const target = await explained(from, () => realpath(from));
      try {
        await symlink(target, path, 'file');
      } catch (error) {
        if (!NO_LINKS.has(codeOf(error) ?? '')) throw error;
        await copyTo(path, from);
      }
    },
  };
}

/** Writes a file that must not be there yet. */
async function writeNew(path: string, content: FileContent, sync = true): Promise<void> {
  const file = await open(path, 'wx');
  try {
    if (typeof content === 'string' || content instanceof Uint8Array) await file.writeFile(content);
    else await writePieces(file, content);
    if (sync) await file.sync();
  } finally {
    await file.close();
  }
}

/** About so many characters go to the system at once. */
const PIECE = 1 << 16;

async function writePieces(file: FileHandle, pieces: Iterable<string | Uint8Array>): Promise<void> {
  let waiting: string[] = [];
  let length = 0;
  const flush = async () => {
    await file.appendFile(waiting.join(''));
    waiting = [];
    length = 0;
  };
  for (const piece of pieces) {
    if (typeof piece !== 'string') {
      await flush();
      await file.appendFile(piece);
      continue;
    }
    waiting.push(piece);
    length += piece.length;
    if (length >= PIECE) await flush();
  }
  await flush();
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
