import { platform } from '#platform';
import { UserError } from '../src/errors.ts';
import type { FileContent, NewFolder, PageFiles } from '../src/platform/platform.ts';
import { MemoryFiles } from './memory_files.ts';

/** Names that tabs have taken. */
export type Claims = Set<string>;

class PageMemory extends MemoryFiles {
  override async writeFolder(path: string, fill: (folder: NewFolder) => Promise<void>): Promise<never> {
    const filled = new Map<string, FileContent>();
    const copy = async (name: string, from: string) => void filled.set(name, await this.read(from));
    await fill({ write: async (name, data) => void filled.set(name, data), copy, link: copy });
    for (const [name, data] of filled) await this.writeAtomic(`${path}/${name}`, data);
    return undefined as never;
  }

  override encodeJpeg = platform.files.encodeJpeg as never;
  override encodePng = platform.files.encodePng as never;
}

/** A page's files in memory, for tests in Node. @param claims shared by what stands for several tabs */
export function memoryPage(
  claims: Claims = new Set(),
  files = new PageMemory(),
): PageFiles & { readonly files: MemoryFiles } {
  return {
    files,
    kind: 'memory',
    persisted: false,
    async mount(place, source) {
      if (!Array.isArray(source)) throw new Error('no handles in Node');
      for (const { path, file } of source)
        await files.writeAtomic(`${place}/${path}`, new Uint8Array(await file.arrayBuffer()));
    },
    unmount(place) {
      for (const path of files.content.keys()) if (path.startsWith(`${place}/`)) files.content.delete(path);
    },
    async remove(folder) {
      this.unmount(folder);
    },
    async blob(path) {
      const bytes = files.content.get(path);
      if (!bytes) throw new UserError(`${path} does not exist`);
      return new Blob([bytes as Uint8Array<ArrayBuffer>]);
    },
    async claim(name) {
      const own = !claims.has(name);
      if (own) claims.add(name);
      return { own, release: () => void (own && claims.delete(name)) };
    },
  };
}
