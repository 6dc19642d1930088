import { mkdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { writeAtomic } from './node_writing.ts';
import type { TextCache } from './platform.ts';

/** Texts as files of the user's cache folder. */
export const nodeCache: TextCache = {
  async read(name) {
    return readFile(join(cacheFolder(), name), 'utf8').catch(() => undefined);
  },
  async write(name, text) {
    try {
      await mkdir(cacheFolder(), { recursive: true });
      await writeAtomic(join(cacheFolder(), name), text);
      return undefined;
    } catch (error) {
      // A cache that cannot be written is no reason to stop.
      return error instanceof Error ? error.message : String(error);
    }
  },
};

/** Where the user's programs keep what they can make again; ours in a folder of its own there. */
export function cacheFolder(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  const home = homedir();
  const usual: Partial<Record<NodeJS.Platform, string>> = {
    darwin: join(home, 'Library', 'Caches'),
    win32: LOCALAPPDATA || join(home, 'AppData', 'Local'),
  };
  return join(XDG_CACHE_HOME || (usual[process.platform] ?? join(home, '.cache')), 'kindred');
}
