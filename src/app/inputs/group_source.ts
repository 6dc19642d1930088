import { named, sentence, UserError } from '../../errors.ts';
import { nameTemplate } from '../../label/groups/name_template.ts';

/** Where it is said which images belong together. */
export type GroupSource =
  | { readonly kind: 'none' }
  | { readonly kind: 'folder' }
  /** Photos of one camera, each within so many seconds of the one before. */
  | { readonly kind: 'exif'; readonly seconds: number }
  | { readonly kind: 'name'; readonly match: (path: string) => string | undefined; readonly template: string }
  /** A column of a CSV file; without a name, of the labels file. */
  | { readonly kind: 'column'; readonly column: string; readonly file?: string };

/** Seconds between photos of a burst, and of a visitor to a camera trap, at most. */
export const usualPause = 60;

/** Reads the setting `groups`. @throws UserError for what it does not take, and for a name pattern without `{group}` */
export function groupSource(text: string): GroupSource {
  const written = text.trim();
  if (written === 'none') return { kind: 'none' };
  if (written === 'folder') return { kind: 'folder' };
  const exif = /^exif(?::(\d+(?:\.\d+)?))?$/.exec(written);
  if (exif) return { kind: 'exif', seconds: exif[1] === undefined ? usualPause : Number(exif[1]) };
  const colon = written.lastIndexOf(':');
  const [head, tail] = [written.slice(0, colon), written.slice(colon + 1).trim()];
  if (written.startsWith('name:')) {
    const template = written.slice('name:'.length);
    return { kind: 'name', template, match: nameTemplate(template) };
  }
  if (colon > 0 && tail !== '') {
    return { kind: 'column', column: tail, ...(head !== 'column' && { file: head }) };
  }
  throw new UserError(
    sentence`${named('groups', text)} cannot be: give none, folder, exif or exif:SECONDS, name:PATTERN such as name:{group}_*, column:NAME of the labels file, or FILE.csv:COLUMN of a table with a column path`,
  );
}
