import { platform } from '#platform';
import { UserError } from '../src/errors.ts';
import type { PageFiles } from '../src/platform/platform.ts';
import { MemoryFiles } from './memory_files.ts';

/** Names that tabs have taken. */
export type Claims = Set<string>;

class PageMemory extends MemoryFiles {
  override encodeJpeg = platform.files.encodeJpeg;
  override encodePng = platform.files.encodePng;
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
