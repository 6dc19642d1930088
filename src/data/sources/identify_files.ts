import { sha256, toHex } from '../../formats/digest.ts';
import type { SampleRange } from '../../formats/images/screen_values.ts';
import type { Files } from '../../platform/platform.ts';
import type { ImageFile } from './image_files.ts';

/**
 * Tells image files apart: by their bytes and, where these differ, by their pixels at full size, as they are to be seen
 * (see `Files.decodeWhole`). So a picture saved anew without loss is the same picture. A file that cannot be decoded is
 * like none but those of the same bytes.
 * @param range which numbers of more than 8 bits are black and white
 * @returns a text for each image, equal where the pictures are
 * @throws UserError where a file may not be read
 */
export async function identifyFiles(
  files: Files,
  images: readonly ImageFile[],
  range: SampleRange | undefined,
): Promise<string[]> {
  const contents: string[] = [];
  for (const { file, page } of images)
    contents.push(`${toHex(await sha256(await files.read(file)))}${page > 0 ? `#${page}` : ''}`);
  const first = new Map(contents.map((content, at) => [content, images[at]!]));
  if (first.size < 2) return contents;
  const pictures = new Map<string, string>();
  // One after another: whole images take up to 150 MB each.
  for (const [content, image] of first) pictures.set(content, await pictureOf(files, image, range, content));
  return contents.map((content) => pictures.get(content)!);
}

async function pictureOf(
  files: Files,
  { file, page }: ImageFile,
  range: SampleRange | undefined,
  content: string,
): Promise<string> {
  const image = await files.decodeWhole(file, { page, range }).catch(() => undefined);
  return image ? `${image.width}×${image.height} ${toHex(await sha256(image.pixels))}` : content;
}
