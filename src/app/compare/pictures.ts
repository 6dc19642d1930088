import type { MethodPicture } from '../../label/compare/page.ts';
import type { JobContext } from '../reporter.ts';
import type { ComparedEntry } from './entries.ts';
import { methodFolder } from './train_compared.ts';

/** What a method that shows what it learns leaves in its run's folder. */
const pictureName = 'picture.png';
/** Larger ones would not fit the page. */
const mostBytes = 2 << 20;
const signature = [0x89, 0x50, 0x4e, 0x47];

/** The methods' own pictures, by name, of those that have one. */
export async function readPictures(
  context: JobContext,
  { folder, entries }: { readonly folder: string; readonly entries: readonly Pick<ComparedEntry, 'name'>[] },
): Promise<ReadonlyMap<string, MethodPicture>> {
  const { files } = context;
  const pictures = new Map<string, MethodPicture>();
  for (const { name } of entries) {
    const path = files.join(methodFolder(context, folder, name), pictureName);
    const found = await files.stat(path);
    if (found?.kind !== 'file' || found.bytes > mostBytes) continue;
    const png = await files.read(path);
    if (png.length < 24 || signature.some((byte, at) => png[at] !== byte)) continue;
    // The header follows the signature: its width and height.
    const header = new DataView(png.buffer, png.byteOffset);
    pictures.set(name, { png, width: header.getUint32(16), height: header.getUint32(20) });
  }
  return pictures;
}
