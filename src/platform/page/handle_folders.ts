import type { FileHandle, FolderHandle } from './file_system.ts';
import { belowFile, isFolder, isNamed } from './page_errors.ts';
import type { Parts } from './paths.ts';

/** Finds the handles of paths below a folder. Handles of folders are kept, since each step of a path takes a millisecond. */
export class HandleFolders {
  readonly root: FolderHandle;
  readonly #known = new Map<string, FolderHandle>();

  constructor(root: FolderHandle) {
    this.root = root;
  }

  /** The folder at a path. @param create whether it and those above it are made */
  async folder(parts: Parts, create = false): Promise<FolderHandle> {
    if (parts.length === 0) return this.root;
    const path = parts.join('/');
    const known = this.#known.get(path);
    if (known) return known;
    const above = await this.folder(parts.slice(0, -1), create);
    const found = await above.getDirectoryHandle(parts.at(-1)!, { create }).catch((error) => {
      throw isNamed(error, 'TypeMismatchError') ? belowFile() : error;
    });
    this.#known.set(path, found);
    return found;
  }

  /** The file at a path. @param create whether it is made; its folder has to be there */
  async file(parts: Parts, create = false): Promise<FileHandle> {
    if (parts.length === 0) throw isFolder();
    const inFolder = async () => {
      const folder = await this.folder(parts.slice(0, -1));
      return folder.getFileHandle(parts.at(-1)!, { create });
    };
    const forgotten = (error: unknown) => {
      if (!isNamed(error, 'NotFoundError') || !this.forget()) throw error;
      return inFolder();
    };
    return inFolder()
      .catch(forgotten)
      .catch((error) => {
        throw isNamed(error, 'TypeMismatchError') && !/below a file/.test(error.message) ? isFolder() : error;
      });
  }

  /** Drops what is kept: another tab may have removed any folder, and made it again. @returns whether something was */
  forget(): boolean {
    const had = this.#known.size > 0;
    this.#known.clear();
    return had;
  }
}
