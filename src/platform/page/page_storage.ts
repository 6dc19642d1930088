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
import { treeFiles, whileWritten } from './tree_files.ts';

/** What of `Files` has to do with images, for files that are blobs. */
export type ImageFiles = (
  blob: (path: string) => Promise<Blob>,
) => Omit<Files, keyof ReturnType<typeof treeFiles>>;

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
    return {
      files: { ...stored, ...images(blob) },
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
