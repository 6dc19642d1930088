import type { FileInfo } from '../platform.ts';
import type { FolderHandle } from './file_system.ts';
import { HandleFolders } from './handle_folders.ts';
import { appendToFile, fillFile, replaceFile } from './handle_writing.ts';
import { belowFile, isNamed } from './page_errors.ts';
import type { Parts } from './paths.ts';
import { type PlannedFile, Scratch, scratchName } from './scratch.ts';
import type { Content, Put, Store } from './store.ts';
import { Turns } from './turns.ts';

/** Files of the origin's private file system, or of a real folder that a person gave. */
export class HandleStore implements Store {
  readonly kind: 'private' | 'folder';
  readonly #folders: HandleFolders;
  readonly #scratch: Scratch | undefined;
  readonly #turns = new Turns();

  private constructor(root: FolderHandle, scratch: Scratch | undefined) {
    this.kind = scratch ? 'private' : 'folder';
    this.#folders = new HandleFolders(root);
    this.#scratch = scratch;
  }

  /** The origin's private file system, of which `root` is all. */
  static async private(root: FolderHandle): Promise<HandleStore> {
    return new HandleStore(root, await Scratch.open(root));
  }

  /** A real folder. Its swap files are the browser's own. */
  static real(root: FolderHandle): HandleStore {
    return new HandleStore(root, undefined);
  }

  async stat(parts: Parts): Promise<FileInfo | undefined> {
    try {
      const file = await this.#folders.file(parts);
      return { kind: 'file', bytes: (await file.getFile()).size };
    } catch (error) {
      if (isNamed(error, 'NotFoundError')) return undefined;
      if (!isNamed(error, 'TypeMismatchError')) throw error;
      return /is a folder/.test((error as Error).message) ? { kind: 'folder', bytes: 0 } : undefined;
    }
  }

  async list(parts: Parts, onSkip?: (path: string, reason: string) => void): Promise<string[]> {
    this.#folders.forget();
    const root = await this.#folders.folder(parts);
    const found: string[] = [];
    const below: [path: string, folder: FolderHandle][] = [['', root]];
    for (let next = below.pop(); next; next = below.pop()) {
      const [path, folder] = next;
      try {
        for await (const [name, handle] of folder.entries()) {
          if (isHidden(parts, path, name)) continue;
          const inside = path === '' ? name : `${path}/${name}`;
          if (handle.kind === 'file') found.push(inside);
          else below.push([inside, handle]);
        }
      } catch (error) {
        // The root's errors are the person's; a folder below that cannot be entered keeps nobody from the others.
        if (path === '') throw error;
        const isRefused = isNamed(error, 'NotAllowedError');
        onSkip?.(path, isRefused ? 'a folder that may not be read' : 'a folder that cannot be read');
      }
    }
    return found;
  }

  async file(parts: Parts): Promise<Blob> {
    return (await this.#folders.file(parts)).getFile();
  }

  write(parts: Parts, content: Content): Promise<void> {
    return this.#turns.take(parts.join('/'), async () => {
      if (!this.#scratch) return this.#replace(parts, content);
      const folder = await this.#folders.folder(parts.slice(0, -1));
      await this.#scratch.file(folder, parts.at(-1)!, (file) => fillFile(file, content, true));
    });
  }

  append(parts: Parts, text: string): Promise<void> {
    return this.#turns.take(parts.join('/'), async () =>
      appendToFile(await this.#folders.file(parts, true), text, !this.#scratch),
    );
  }

  async makeFolder(parts: Parts): Promise<void> {
    this.#folders.forget();
    await this.#folders.folder(parts, true);
  }

  async writeFolder(parts: Parts, fill: (put: Put) => Promise<void>): Promise<void> {
    const before = await this.stat(parts);
    try {
      await (this.#scratch ? this.#fillAside(this.#scratch, parts, fill) : this.#fillInPlace(parts, fill));
    } catch (error) {
      await this.remove(parts).catch(() => undefined);
      if (before) await this.makeFolder(parts).catch(() => undefined);
      throw error;
    }
  }

  async remove(parts: Parts): Promise<void> {
    this.#folders.forget();
    const folder = await this.#folders.folder(parts.slice(0, -1));
    await folder.removeEntry(parts.at(-1)!, { recursive: true });
  }

  /** Replaces a file of a real folder; a new one that cannot be written is not left empty. */
  async #replace(parts: Parts, content: Content): Promise<void> {
    const old = await this.#folders.file(parts).catch((error) => {
      if (!isNamed(error, 'NotFoundError')) throw error;
    });
    const file = old ?? (await this.#folders.file(parts, true));
    await replaceFile(file, content).catch(async (error) => {
      if (!old) await this.remove(parts).catch(() => undefined);
      throw error;
    });
  }

  #fillAside(scratch: Scratch, to: Parts, fill: (put: Put) => Promise<void>): Promise<void> {
    return scratch.folder(to, async (folder) => {
      const files: PlannedFile[] = [];
      const names = new Names();
      await fill(async (place, content) => {
        names.take(place);
        const name = `${files.length}`;
        files.push([name, place]);
        await fillFile(await folder.getFileHandle(name, { create: true }), content, false);
      });
      return files;
    });
  }

  async #fillInPlace(to: Parts, fill: (put: Put) => Promise<void>): Promise<void> {
    const names = new Names();
    await this.makeFolder(to);
    await fill(async (place, content) => {
      names.take(place);
      const parts = [...to, ...place];
      await this.#folders.folder(parts.slice(0, -1), true);
      await this.#replace(parts, content);
    });
  }
}

/** What browsers and this page write before a file is whole. */
function isHidden(parts: Parts, path: string, name: string): boolean {
  return name.endsWith('.crswap') || (name === scratchName && parts.length === 0 && path === '');
}

/** Names in a folder that is being filled. */
class Names {
  readonly #files = new Set<string>();
  readonly #folders = new Set<string>();

  /** @throws Error where the name, or one that it lies below, is taken */
  take(place: Parts): void {
    const path = place.join('/');
    if (this.#files.has(path) || this.#folders.has(path)) throw new Error(`'${path}' is taken`);
    this.#files.add(path);
    for (let length = 1; length < place.length; length++) {
      const folder = place.slice(0, length).join('/');
      if (this.#files.has(folder)) throw belowFile();
      this.#folders.add(folder);
    }
  }
}
