import { blocksOf } from './blocks.ts';
import type { FileHandle, FolderHandle, SyncAccessHandle } from './file_system.ts';
import type { Content } from './store.ts';

/**
 * Fills a file that nobody reads yet, from its beginning.
 * @param lasting whether it is to be there after a power cut
 */
export async function fillFile(file: FileHandle, content: Content, lasting: boolean): Promise<void> {
  if (!file.createSyncAccessHandle) return replaceFile(file, content);
  const open = await file.createSyncAccessHandle();
  try {
    open.truncate(0);
    let at = 0;
    for await (const block of blocksOf(content)) at = writeAt(open, block, at);
    if (lasting) open.flush();
  } finally {
    open.close();
  }
}

/** Replaces a file's content when all of it is written, as browsers do it themselves. */
export async function replaceFile(file: FileHandle, content: Content): Promise<void> {
  const open = await writable(file, false);
  await finished(open, async () => {
    for await (const block of blocksOf(content)) await open.write(block);
  });
}

/** Adds to a file's end. @param isReal files of real folders have handles for writing at once only in name */
export async function appendToFile(file: FileHandle, text: string, isReal: boolean): Promise<void> {
  if (isReal || !file.createSyncAccessHandle) {
    const open = await writable(file, true);
    const { size } = await file.getFile();
    return finished(open, async () => {
      await open.seek(size);
      for await (const block of blocksOf(text)) await open.write(block);
    });
  }
  const open = await file.createSyncAccessHandle();
  const end = open.getSize();
  try {
    let at = end;
    for await (const block of blocksOf(text)) at = writeAt(open, block, at);
    open.flush();
  } catch (error) {
    open.truncate(end);
    throw error;
  } finally {
    open.close();
  }
}

/** Puts a written file in another's place: at once where the browser can move files, else by a copy. */
export async function moveFile(
  file: FileHandle,
  from: FolderHandle,
  to: FolderHandle,
  name: string,
): Promise<void> {
  if (file.move) return file.move(to, name);
  const target = await to.getFileHandle(name, { create: true });
  const content = await file.getFile();
  // A swap file of the browser's keeps the old content until the new is whole.
  if (target.createWritable) await replaceFile(target, content);
  else await fillFile(target, content, true);
  await from.removeEntry(file.name);
}

/** @returns where the next block goes */
function writeAt(open: SyncAccessHandle, block: Uint8Array, start: number): number {
  let written = 0;
  while (written < block.length) {
    const count = open.write(block.subarray(written), { at: start + written });
    if (count === 0) throw new DOMException('nothing more can be written', 'QuotaExceededError');
    written += count;
  }
  return start + written;
}

async function writable(file: FileHandle, keepExistingData: boolean) {
  if (!file.createWritable) throw new DOMException('this browser only reads folders', 'NotAllowedError');
  return file.createWritable({ keepExistingData });
}

/** Closes what was written, which puts it in its place; where something failed, gives it up. */
async function finished(
  open: { close(): Promise<void>; abort(): Promise<void> },
  write: () => Promise<void>,
): Promise<void> {
  try {
    await write();
  } catch (error) {
    await open.abort().catch(() => undefined);
    throw error;
  }
  await open.close();
}
