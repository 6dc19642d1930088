import { readTable } from '../../data/labels/csv.ts';
import { decodeText } from '../../data/labels/text_encoding.ts';
import type { RunFolder } from './run_folder.ts';

/** The column that a person fills in, in each file that a run leaves for that. */
const filledColumns = { 'next.csv': 'label', 'audit.csv': 'checked_label' } as const;

/**
 * Copies next.csv and audit.csv in which a person has written, before new ones take their place.
 * @param names the files that are to be written anew
 * @returns names of the copies: next.filled.csv, or next.filled-2.csv where that is taken
 */
export async function keepFilled(
  { files, folder }: RunFolder,
  names: readonly (keyof typeof filledColumns)[] = ['next.csv', 'audit.csv'],
): Promise<string[]> {
  const kept: string[] = [];
  for (const name of names) {
    const path = files.join(folder, name);
    if ((await files.stat(path))?.kind !== 'file') continue;
    const content = await files.read(path);
    if (!isFilled(content, name)) continue;
    const base = name.replace('.csv', '.filled');
    let copy = `${base}.csv`;
    for (let i = 2; await files.stat(files.join(folder, copy)); i++) copy = `${base}-${i}.csv`;
    await files.writeAtomic(files.join(folder, copy), content);
    kept.push(copy);
  }
  return kept;
}

function isFilled(content: Uint8Array, name: keyof typeof filledColumns): boolean {
  try {
    const { names, rows } = readTable(decodeText(content, name).text, name, ['path', filledColumns[name]]);
    const column = names.indexOf(filledColumns[name]);
    return rows.some(({ fields }) => fields[column]!.trim() !== '');
  } catch {
    // No run wrote it so: a spreadsheet did.
    return true;
  }
}
