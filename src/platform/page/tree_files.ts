import { UserError } from '../../errors.ts';
import type { FileInfo, Files, NewFolder } from '../platform.ts';
import { explained, isNamed } from './page_errors.ts';
import { lockInPage } from './page_lock.ts';
import { joinPath, partsInside } from './paths.ts';
import type { Place, Tree } from './tree.ts';

/** What of `Files` has to do with files alone, and not with images in them. */
export type StoredFiles = Pick<
  Files,
  | 'stat'
  | 'list'
  | 'read'
  | 'readSlice'
  | 'writeAtomic'
  | 'append'
  | 'writeFolder'
  | 'removeFile'
  | 'makeFolder'
  | 'lock'
  | 'join'
>;

/** Files of a tree. @param scope what tells it from other trees of the origin, for locks */
export function treeFiles(tree: Tree, scope: string): StoredFiles {
  const at = <T>(path: string, action: (place: Place) => Promise<T>): Promise<T> => {
    const place = tree.place(path);
    return explained(path, place.store, () => action(place));
  };
  return {
    stat: async (path) => at(path, (place) => statIn(tree, path, place)),
    list: async (folder, onSkip) => at(folder, (place) => listIn(tree, folder, place, onSkip)),
    read: async (path) => at(path, (place) => whileWritten(place, bytesOf)),
    readSlice: async (path, offset, length) =>
      at(path, (place) => whileWritten(place, (file) => bytesOf(file.slice(offset, offset + length)))),
    writeAtomic: async (path, data) => at(path, ({ store, parts }) => store.write(parts, data)),
    append: async (path, text) => at(path, ({ store, parts }) => store.append(parts, text)),
    makeFolder: async (path) => at(path, ({ store, parts }) => store.makeFolder(parts)),
    writeFolder: async (path, fill) => at(path, (place) => writeFolderIn(tree, path, place, fill)),
    removeFile: async (path) =>
      at(path, async ({ store, parts }) => {
        if ((await store.stat(parts))?.kind === 'file') await store.remove(parts);
      }),
    lock: async (folder) => at(folder, (place) => lockInPage(place, folder, scope)),
    join: joinPath,
  };
}

/** The bytes of a blob. */
const bytesOf = async (blob: Blob): Promise<Uint8Array> => new Uint8Array(await blob.arrayBuffer());

/** Uses a file's content; once more where it was replaced meanwhile, since browsers then refuse the old one. */
export async function whileWritten<T>({ store, parts }: Place, use: (file: Blob) => Promise<T>): Promise<T> {
  try {
    return await use(await store.file(parts));
  } catch (error) {
    if (!isNamed(error, 'NotReadableError', 'NotFoundError')) throw error;
    return use(await store.file(parts));
  }
}

async function statIn(tree: Tree, path: string, { store, parts }: Place): Promise<FileInfo | undefined> {
  const found = parts.length === 0 ? folderInfo : await store.stat(parts);
  return found ?? (tree.mountsBelow(path).length > 0 ? folderInfo : undefined);
}

const folderInfo: FileInfo = { kind: 'folder', bytes: 0 };

async function listIn(
  tree: Tree,
  folder: string,
  { store, parts }: Place,
  onSkip?: (path: string, reason: string) => void,
): Promise<string[]> {
  const mounts = tree.mountsBelow(folder);
  const own = await store.list(parts, onSkip).catch((error) => {
    if (mounts.length === 0 || !isNamed(error, 'NotFoundError')) throw error;
    return [];
  });
  // A folder that is mounted hides what lies at its place.
  const isHidden = (path: string) => mounts.some((mount) => path.startsWith(`${mount.path}/`));
  const found = own.filter((path) => !isHidden(path));
  for (const { path, store: mounted } of mounts) {
    const inside = await mounted.list([], (below, reason) => onSkip?.(`${path}/${below}`, reason));
    for (const file of inside) found.push(`${path}/${file}`);
  }
  return found.sort();
}

async function writeFolderIn(
  tree: Tree,
  path: string,
  { store, parts }: Place,
  fill: (folder: NewFolder) => Promise<void>,
): Promise<void> {
  const found = await statIn(tree, path, { store, parts });
  if (found?.kind === 'file') throw new UserError(`${path} is a file: name a folder`);
  if (found && (await listIn(tree, path, { store, parts })).length > 0)
    throw new UserError(`${path} exists and is not empty: name another folder`);
  await store.writeFolder(parts, async (put) => {
    const copy = async (name: string, from: string) => {
      const place = tree.place(from);
      const file = await explained(from, place.store, async () => place.store.file(place.parts));
      await put(partsInside(name), file);
    };
    await fill({ write: async (name, content) => put(partsInside(name), content), copy, link: copy });
  });
}
