import { sha256, toHex } from '../../formats/digest.ts';
import type { Files } from '../../platform/platform.ts';

/**
 * Tells image files apart: by their bytes and, where these differ, by their pixels at full size, as they are to be seen
 * (see `Files.decodeWhole`). So a picture saved anew without loss is the same picture. A file that cannot be decoded is
 * like none but those of the same bytes.
 * @returns a text for each path, equal where the pictures are
 * @throws UserError where a file may not be read
 */
export async function identifyFiles(files: Files, paths: readonly string[]): Promise<string[]> {
  const contents: string[] = [];
  for (const path of paths) contents.push(toHex(await sha256(await files.read(path))));
  const first = new Map(contents.map((content, at) => [content, paths[at]!]));
  if (first.size < 2) return contents;
  const pictures = new Map<string, string>();
  // One after another: whole images take up to 150 MB each.
  for (const [content, path] of first) pictures.set(content, await pictureOf(files, path, content));
  return contents.map((content) => pictures.get(content)!);
}

async function pictureOf(files: Files, path: string, content: string): Promise<string> {
  const image = await files.decodeWhole(path).catch(() => undefined);
  return image ? `${image.width}×${image.height} ${toHex(await sha256(image.pixels))}` : content;
}
