import type { NamedImages } from '../../data/labels/given_rows.ts';
import { readToolFile, readVocFolder } from '../../data/labels/tools/read_tool_file.ts';
import { resolveEntries, type ToolLabels } from '../../data/labels/tools/resolve.ts';
import type { Files } from '../../platform/platform.ts';

/** The XML files of a folder of annotations, by their paths below it. */
export async function annotationFiles(files: Files, folder: string): Promise<string[]> {
  return (await files.list(folder)).filter((name) => /\.xml$/i.test(name));
}

/**
 * The labels of a file that a label tool wrote, or of a folder of Pascal VOC's annotations.
 * @param data the setting that the images were opened as
 * @returns undefined where the file is a table that is no tool's
 * @throws UserError for a file that is broken, of an unknown kind, or about other images
 */
export async function toolLabels(
  files: Files,
  images: NamedImages,
  labels: string,
  data: string,
): Promise<ToolLabels | undefined> {
  if ((await files.stat(labels))?.kind === 'folder') {
    const contents: [name: string, bytes: Uint8Array][] = [];
    for (const name of await annotationFiles(files, labels))
      contents.push([name, await files.read(files.join(labels, name))]);
    return resolveEntries(readVocFolder(contents), images, labels);
  }
  const file = readToolFile(await files.read(labels), labels, folderBelow(labels, data));
  return file && resolveEntries(file, images, labels);
}

/** The folder of a file, below the folder of images; empty where it lies at its top or elsewhere. */
function folderBelow(file: string, data: string): string {
  const [path, root] = [file, data].map((name) => name.replaceAll('\\', '/').replace(/^(\.\/)+/, ''));
  const start = `${root!.replace(/\/+$/, '')}/`;
  return path!.startsWith(start) ? path!.slice(start.length).replace(/\/?[^/]*$/, '') : '';
}
