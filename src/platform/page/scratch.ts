import type { FileHandle, FolderHandle } from './file_system.ts';
import { HandleFolders } from './handle_folders.ts';
import { fillFile, moveFile } from './handle_writing.ts';
import { takeName } from './names.ts';
import { isNamed } from './page_errors.ts';
import type { Parts } from './paths.ts';

/** The folder of what is being written, at the root of the private files; no list shows it. */
export const scratchName = '.writing';

/** In it each tab has a folder of its own, as long as it holds the lock of that name. */
const lockOf = (id: string) => `kindred ${scratchName}/${id}`;

/** Names a folder's files that are ready to be moved to their places, and where those are. */
const planName = 'plan.json';

interface Plan {
  /** The folder that they make. */
  readonly to: Parts;
  /** Their names in the scratch folder, and their places in the new one. */
  readonly files: readonly PlannedFile[];
}

/** A file's name in the scratch folder, and its place in the new one. */
export type PlannedFile = readonly [name: string, place: Parts];

/**
 * A tab's own place for files that are being written. They are moved from here when they are whole, so that a tab that
 * is closed meanwhile leaves nothing half-written elsewhere.
 */
export class Scratch {
  readonly #root: FolderHandle;
  readonly #folder: FolderHandle;
  #count = 0;

  private constructor(root: FolderHandle, folder: FolderHandle) {
    this.#root = root;
    this.#folder = folder;
  }

  /** Makes one, and clears what tabs left that are gone: folders that were ready are put in their places first. */
  static async open(root: FolderHandle): Promise<Scratch> {
    const all = await root.getDirectoryHandle(scratchName, { create: true });
    const id = crypto.randomUUID();
    await takeName(lockOf(id));
    const folder = await all.getDirectoryHandle(id, { create: true });
    const left: FolderHandle[] = [];
    for await (const [name, handle] of all.entries())
      if (handle.kind === 'directory' && name !== id) left.push(handle);
    // Without locks nobody can tell which tabs are gone.
    for (const old of navigator.locks ? left : []) {
      const release = await takeName(lockOf(old.name));
      if (!release) continue;
      await finishPlans(root, old).catch(() => undefined);
      await all.removeEntry(old.name, { recursive: true }).catch(() => undefined);
      release();
    }
    return new Scratch(root, folder);
  }

  /** Writes a file here and moves it to its place. @param write fills the file */
  async file(to: FolderHandle, name: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
    const own = `${this.#count++}`;
    try {
      const file = await this.#folder.getFileHandle(own, { create: true });
      await write(file);
      await moveFile(file, this.#folder, to, name);
    } catch (error) {
      await this.#folder.removeEntry(own).catch(() => undefined);
      throw error;
    }
  }

  /**
   * Fills a folder here and moves its files to their places. What a tab had not moved when it was closed, the next one moves.
   * @param to where the folder is to be
   * @param fill makes files in the folder that it is given
   */
  async folder(to: Parts, fill: (folder: FolderHandle) => Promise<PlannedFile[]>): Promise<void> {
    const own = `${this.#count++}`;
    const folder = await this.#folder.getDirectoryHandle(own, { create: true });
    try {
      const plan: Plan = { to, files: await fill(folder) };
      await this.file(folder, planName, (file) => fillFile(file, JSON.stringify(plan), true));
      await carryOut(this.#root, folder, plan);
    } finally {
      await this.#folder.removeEntry(own, { recursive: true });
    }
  }
}

/** Moves what is left of the files of a plan. */
async function carryOut(root: FolderHandle, folder: FolderHandle, { to, files }: Plan): Promise<void> {
  const places = new HandleFolders(root);
  await places.folder(to, true);
  const move = async ([name, place]: PlannedFile) => {
    const file = await folder.getFileHandle(name).catch((error) => {
      if (!isNamed(error, 'NotFoundError')) throw error;
    });
    const parts = [...to, ...place];
    // Else it was moved before.
    if (file) await moveFile(file, folder, await places.folder(parts.slice(0, -1), true), parts.at(-1)!);
  };
  for (let at = 0; at < files.length; at += movesAtOnce)
    await Promise.all(files.slice(at, at + movesAtOnce).map(move));
}

/** Moves that the browser is asked for before it answers the first. */
const movesAtOnce = 32;

/** Carries out what a tab that is gone had planned. */
async function finishPlans(root: FolderHandle, left: FolderHandle): Promise<void> {
  for await (const [, folder] of left.entries()) {
    if (folder.kind !== 'directory') continue;
    const plan = await folder.getFileHandle(planName).catch(() => undefined);
    if (!plan) continue;
    await carryOut(root, folder, JSON.parse(await (await plan.getFile()).text()) as Plan);
  }
}
