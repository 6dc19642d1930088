import { UserError } from '../src/errors.ts';
import type { FileContent, FileInfo, Files, NewFolder } from '../src/platform/platform.ts';

/** A content as one array, whatever pieces it comes in. */
async function bytesOf(data: FileContent): Promise<Uint8Array> {
  const pieces = data instanceof Uint8Array || typeof data === 'string' ? [data] : [...data];
  return new Uint8Array(await new Blob(pieces as (string | Uint8Array<ArrayBuffer>)[]).arrayBuffer());
}

/** Files in memory, as much of them as training needs. */
export class MemoryFiles implements Files {
  readonly content = new Map<string, Uint8Array>();

  text(path: string): string {
    return new TextDecoder().decode(this.content.get(path));
  }

  async stat(path: string): Promise<FileInfo | undefined> {
    const bytes = this.content.get(path)?.length;
    if (bytes !== undefined) return { kind: 'file', bytes };
    return (await this.list(path)).length > 0 ? { kind: 'folder', bytes: 0 } : undefined;
  }

  async list(folder: string) {
    const inside = [...this.content.keys()].filter((path) => path.startsWith(`${folder}/`));
    return inside.map((path) => path.slice(folder.length + 1)).sort();
  }

  async read(path: string) {
    const bytes = this.content.get(path);
    if (!bytes) throw new UserError(`${path} does not exist`);
    return bytes.slice();
  }

  async readSlice(path: string, offset: number, length: number) {
    return (await this.read(path)).slice(offset, offset + length);
  }

  openHdf5(): Promise<never> {
    return Promise.reject(new Error('no HDF5 in memory files'));
  }

  async writeAtomic(path: string, data: FileContent) {
    const bytes = await bytesOf(data);
    this.content.set(path, bytes);
  }

  async append(path: string, text: string) {
    await this.writeAtomic(path, `${this.text(path)}${text}`);
  }

  async removeFile(path: string) {
    this.content.delete(path);
  }

  async makeFolder() {}

  async lock() {
    return { takenFrom: undefined, release: async () => {} };
  }

  join(...parts: string[]) {
    return parts.join('/');
  }

  async writeFolder(path: string, fill: (folder: NewFolder) => Promise<void>): Promise<void> {
    const filled = new Map<string, FileContent>();
    const copy = async (name: string, from: string) => void filled.set(name, await this.read(from));
    await fill({ write: async (name, data) => void filled.set(name, data), copy, link: copy });
    for (const [name, data] of filled) await this.writeAtomic(`${path}/${name}`, data);
  }

  decodeImage(): Promise<never> {
    return Promise.reject(new Error('no images in memory files'));
  }

  decodeWhole = this.decodeImage;

  readSamples = this.decodeImage;

  imageSize = this.decodeImage;

  encodeJpeg: Files['encodeJpeg'] = this.decodeImage;

  encodePng: Files['encodePng'] = this.decodeImage;

  /** A copy that goes its own way. */
  fork(): MemoryFiles {
    const copy = new MemoryFiles();
    for (const [path, bytes] of this.content) copy.content.set(path, bytes.slice());
    return copy;
  }
}
