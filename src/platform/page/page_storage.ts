import { UserError } from '../../errors.ts';
import type { Files, GivenFile, PageFiles, PageStorage } from '../platform.ts';
import { BlobStore } from './blob_store.ts';
import type { FolderHandle } from './file_system.ts';
import { HandleStore } from './handle_store.ts';
import { endingTab, takeName } from './names.ts';
import { explained } from './page_errors.ts';
import { partsOf } from './paths.ts';
import type { Store } from './store.ts';
import { Tree } from './tree.ts';
import { type StoredFiles, treeFiles, whileWritten } from './tree_files.ts';

/** Makes what of `Files` has to do with images. */
export type ImageFiles = (stored: {
  /** The file at a path. @throws Error with a short reason; UserError where the browser refuses all of them */
  blob(path: string): Promise<Blob>;
  readonly stat: Files['stat'];
}) => Omit<Files, keyof StoredFiles>;

/** A page's storage. @param images what decodes and encodes images */
export const pageStorage = (images: ImageFiles): PageStorage => ({
  async open(): Promise<PageFiles> {
    const base = await openStore();
    const isPrivate = base.kind === 'private';
    const tree = new Tree(base);
    const stored = treeFiles(tree, isPrivate ? 'private' : crypto.randomUUID());
    const blob = async (path: string) => {
      const place = tree.place(path);
      return explained(path, place.store, () => whileWritten(place, async (file) => file));
    };
    const imageFile = async (path: string) => {
      const { store, parts } = tree.place(path);
      const found = await store.file(parts).catch((error) => {
        const reason = imageReasons[error.name];
        if (reason === undefined) return explained(path, store, () => Promise.reject(error));
        throw new Error(/is a folder/.test(error.message) ? 'a folder' : reason);
      });
      return found;
    };
    return {
      files: { ...stored, ...images({ blob: imageFile, stat: stored.stat }) },
      kind: isPrivate ? 'private' : 'memory',
      persisted: isPrivate && (await isPersisted()),
      mount: async (place, source) => tree.mount(place, mounted(source)),
      unmount: (place) => tree.unmount(place),
      async remove(folder) {
        const { store, parts } = tree.place(folder);
        if (parts.length === 0 || store !== base)
          throw new UserError(`${folder} is not the page's own: it is not deleted`);
        await explained(folder, store, () => store.remove(parts));
      },
      blob,
      async claim(name, patience) {
        const release = await takeName(`kindred name ${name}`, patience === 'reload' ? endingTab : 0);
        return { own: release !== undefined, release: release ?? (() => undefined) };
      },
    };
  },
  persist: async () => (await navigator.storage?.persist?.()) ?? false,
});

/** Why an image cannot be read at all, by the names of DOMExceptions. */
const imageReasons: Readonly<Record<string, string>> = {
  NotFoundError: 'no such file',
  TypeMismatchError: 'no such file',
  NotReadableError: 'changed, moved or removed since it was given',
};

/** The private file system; memory where it is refused, as some browsers do in private windows. */
async function openStore(): Promise<Store> {
  try {
    const root = (await navigator.storage.getDirectory()) as unknown as FolderHandle;
    return await HandleStore.private(root);
  } catch {
    return new BlobStore();
  }
}

async function isPersisted(): Promise<boolean> {
  return navigator.storage.persisted?.().catch(() => false) ?? false;
}

function mounted(source: FileSystemDirectoryHandle | readonly GivenFile[]): Store {
  if (!Array.isArray(source)) return HandleStore.real(source as unknown as FolderHandle);
  return new BlobStore((source as readonly GivenFile[]).map(({ path, file }) => [partsOf(path), file]));
}
