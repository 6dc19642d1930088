import { decodeText } from '../../data/labels/text_encoding.ts';
import type { JobContext } from '../reporter.ts';

/**
 * Reads a text file that a person gives, and says in which encoding where that is not UTF-8 (see `decodeText`).
 * @param isKnown whether a cell is the name of an image or a class, by which an encoding may be told
 * @throws UserError where it cannot be read, or its encoding is not beyond doubt
 */
export async function readText(
  { files, reporter }: Pick<JobContext, 'files' | 'reporter'>,
  file: string,
  isKnown?: (cell: string) => boolean,
): Promise<string> {
  const { text, encoding } = decodeText(await files.read(file), file, isKnown);
  if (encoding === 'UTF-16') reporter.note(`${file} was read as UTF-16`);
  else if (encoding !== 'UTF-8')
    reporter.note(`${file} was read as ${encoding}, in which its names are known ones`);
  return text;
}
