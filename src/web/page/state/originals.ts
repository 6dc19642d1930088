import type { DroppedSource } from '../../studio/studio.ts';

/** Pictures larger than this are not decoded only to be looked at. */
const mostBytes = 40 * 2 ** 20;

let source: DroppedSource | undefined;
let files: ReadonlyMap<string, File> | undefined;

/** Keeps what was dropped: while the page lives, images can be shown as they are, and not only as packed squares. */
export function keepOriginals(dropped: DroppedSource): void {
  source = dropped;
  files = dropped.kind === 'files' ? new Map(dropped.files.map(({ path, file }) => [path, file])) : undefined;
}

/** Forgets what was dropped. */
export function forgetOriginals(): void {
  source = undefined;
  files = undefined;
}

/** The image at a path at its own size, where it was given in this visit and the browser can decode it. */
export async function originalOf(path: string): Promise<ImageBitmap | undefined> {
  try {
    const file = source?.kind === 'folder' ? await fileIn(source.handle, path) : files?.get(path);
    if (!file || file.size > mostBytes) return undefined;
    return await createImageBitmap(file);
  } catch {
    // Moved meanwhile, or of a kind that only the worker's readers know.
    return undefined;
  }
}

async function fileIn(folder: FileSystemDirectoryHandle, path: string): Promise<File> {
  const parts = path.split('/');
  const name = parts.pop()!;
  let place = folder;
  for (const part of parts) place = await place.getDirectoryHandle(part);
  return (await place.getFileHandle(name)).getFile();
}
