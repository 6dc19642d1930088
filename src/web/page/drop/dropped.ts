import type { DroppedFile, DroppedSource } from '../../studio/studio.ts';

/**
 * What a person dropped: one folder as a handle where the browser has them, anything else as files with their paths.
 * Must be called while the event is handled: afterwards the browser takes its items back.
 */
export async function readDrop(transfer: DataTransfer): Promise<DroppedSource | undefined> {
  const items = [...transfer.items].filter(({ kind }) => kind === 'file');
  const entries = items.map((item) => item.webkitGetAsEntry());
  const only = items.length === 1 && entries[0]?.isDirectory ? items[0] : undefined;
  const handle = await only?.getAsFileSystemHandle?.().catch(() => null);
  if (handle?.kind === 'directory') return { kind: 'folder', handle: handle as FileSystemDirectoryHandle };
  const found = await Promise.all(
    entries.map((entry, i) => {
      const file = items[i]!.getAsFile();
      if (entry) return filesOf(entry, only ? '' : entry.name);
      return file ? [{ path: file.name, file }] : [];
    }),
  );
  const files = found.flat();
  const name = only ? entries[0]!.name : nameOf(files);
  return files.length === 0 ? undefined : { kind: 'files', name, files };
}

/** Files that a person picked; those of a folder have their path in it. */
export function readPicked(picked: readonly File[]): DroppedSource | undefined {
  const folder = picked[0]?.webkitRelativePath.split('/')[0];
  const files = picked.map((file) => ({
    path: file.webkitRelativePath.split('/').slice(1).join('/') || file.name,
    file,
  }));
  return files.length === 0 ? undefined : { kind: 'files', name: folder || nameOf(files), files };
}

const nameOf = (files: readonly DroppedFile[]): string =>
  files.length === 1 ? files[0]!.path : `${files.length} files`;

/** The files below an entry. @param path of the entry, relative to what was dropped; empty for what stands for itself */
async function filesOf(entry: FileSystemEntry, path: string): Promise<DroppedFile[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    return [{ path, file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: DroppedFile[] = [];
  // A reader hands out a folder's entries in portions, and ends with an empty one.
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (portion.length === 0) return found;
    const inside = (child: FileSystemEntry) => (path ? `${path}/${child.name}` : child.name);
    for (const files of await Promise.all(portion.map((child) => filesOf(child, inside(child)))))
      found.push(...files);
  }
}
