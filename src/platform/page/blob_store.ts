import type { FileInfo } from '../platform.ts';
import { blobOf } from './blocks.ts';
import { belowFile, isFolder, missing } from './page_errors.ts';
import type { Parts } from './paths.ts';
import type { Content, Put, Store } from './store.ts';

/** Files in memory; of a page's own, or those that were given to it, which can only be read. */
export class BlobStore implements Store {
  readonly kind: 'memory' | 'given';
  readonly #files = new Map<string, Blob>();
  readonly #folders = new Set<string>(['']);

  constructor(given?: Iterable<readonly [Parts, Blob]>) {
    this.kind = given ? 'given' : 'memory';
    for (const [parts, file] of given ?? []) {
      this.#addFolders(parts.slice(0, -1));
      this.#files.set(parts.join('/'), file);
    }
  }

  async stat(parts: Parts): Promise<FileInfo | undefined> {
    const file = this.#files.get(parts.join('/'));
    if (file) return { kind: 'file', bytes: file.size };
    return this.#folders.has(parts.join('/')) ? { kind: 'folder', bytes: 0 } : undefined;
  }

  async list(parts: Parts): Promise<string[]> {
    if (!this.#folders.has(parts.join('/'))) throw this.#absent(parts);
    const prefix = parts.length === 0 ? '' : `${parts.join('/')}/`;
    return [...this.#files.keys()]
      .filter((path) => path.startsWith(prefix))
      .map((path) => path.slice(prefix.length));
  }

  async file(parts: Parts): Promise<Blob> {
    const path = parts.join('/');
    const file = this.#files.get(path);
    if (!file) throw this.#folders.has(path) ? isFolder() : this.#absent(parts);
    return file;
  }

  async write(parts: Parts, content: Content): Promise<void> {
    this.#requireOwn();
    this.#put(parts, await blobOf(content));
  }

  async append(parts: Parts, text: string): Promise<void> {
    this.#requireOwn();
    const file = this.#files.get(parts.join('/'));
    this.#put(parts, new Blob(file ? [file, text] : [text]));
  }

  async makeFolder(parts: Parts): Promise<void> {
    this.#requireOwn();
    this.#addFolders(parts);
  }

  async writeFolder(parts: Parts, fill: (put: Put) => Promise<void>): Promise<void> {
    this.#requireOwn();
    const filled = new BlobStore();
    await fill(async (inside, content) => {
      if (await filled.stat(inside)) throw new Error(`'${inside.join('/')}' is taken`);
      const blob = await blobOf(content);
      filled.#addFolders(inside.slice(0, -1));
      filled.#put(inside, blob);
    });
    this.#addFolders(parts);
    for (const folder of filled.#folders) this.#folders.add([...parts, folder].filter((p) => p).join('/'));
    for (const [path, file] of filled.#files) this.#files.set([...parts, path].join('/'), file);
  }

  async remove(parts: Parts): Promise<void> {
    this.#requireOwn();
    const path = parts.join('/');
    const isInside = (other: string) => other === path || other.startsWith(`${path}/`);
    if (!(await this.stat(parts))) throw missing();
    for (const name of this.#files.keys()) if (isInside(name)) this.#files.delete(name);
    for (const name of this.#folders) if (isInside(name)) this.#folders.delete(name);
  }

  #requireOwn(): void {
    if (this.kind === 'given') throw new DOMException('files that were given', 'NotAllowedError');
  }

  /** Why nothing lies at a path. */
  #absent(parts: Parts): DOMException {
    const isBelow = parts.some((_, i) => this.#files.has(parts.slice(0, i + 1).join('/')));
    return isBelow ? belowFile() : missing();
  }

  #put(parts: Parts, file: Blob): void {
    const path = parts.join('/');
    if (this.#folders.has(path)) throw isFolder();
    if (!this.#folders.has(parts.slice(0, -1).join('/'))) throw this.#absent(parts);
    this.#files.set(path, file);
  }

  #addFolders(parts: Parts): void {
    for (let length = 1; length <= parts.length; length++) {
      const path = parts.slice(0, length).join('/');
      if (this.#files.has(path)) throw belowFile();
      this.#folders.add(path);
    }
  }
}
