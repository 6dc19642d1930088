import type { DroppedSource } from '../../studio/studio.ts';

/** So many pictures are shown while the worker reads. */
const most = 24;
const side = 96;
const image = /\.(png|jpe?g|webp|gif|avif|bmp)$/i;

/**
 * Decodes the first pictures of what was dropped, so that there is something to see at once. The worker decodes all of
 * them by its own readers; this is only to look at. @param show takes each as it is ready
 */
export async function showFirst(source: DroppedSource, show: (picture: ImageBitmap) => void): Promise<void> {
  let shown = 0;
  for await (const file of filesOf(source)) {
    if (!image.test(file.name)) continue;
    const picture = await createImageBitmap(file, { resizeHeight: side }).catch(() => undefined);
    if (picture) show(picture);
    if (picture && ++shown === most) return;
  }
}

async function* filesOf(source: DroppedSource): AsyncGenerator<File> {
  if (source.kind === 'files') for (const { file } of source.files) yield file;
  if (source.kind === 'folder') yield* filesIn(source.handle);
}

async function* filesIn(folder: FileSystemDirectoryHandle): AsyncGenerator<File> {
  for await (const entry of folder.values()) {
    if (entry.kind === 'directory') yield* filesIn(entry as FileSystemDirectoryHandle);
    else yield await (entry as FileSystemFileHandle).getFile();
  }
}
