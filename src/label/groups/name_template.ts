import { UserError } from '../../errors.ts';

/** A part of a template: a text as it stands, any text, a run of digits, or the group's name. */
type Part = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'any' | 'digits' | 'group' };

const groupMark = '{group}';

/**
 * What finds the name of a group in the name of an image: `{group}_frame#.jpg`. `{group}` stands for the group's name,
 * `*` for any text, also none, and `#` for one digit or more; all else for itself. Each is as short as the rest allows,
 * the earlier ones first. A template with a `/` is held against the whole path, others against the file's name.
 *
 * There is no more to it than that, so that matching takes time in proportion to template × name: a regular expression
 * could take for ever.
 * @throws UserError where the template has no or several `{group}`
 */
export function nameTemplate(template: string): (path: string) => string | undefined {
  const parts = partsOf(template);
  const groupAt = parts.findIndex(({ kind }) => kind === 'group');
  if (groupAt < 0 || parts.slice(groupAt + 1).some(({ kind }) => kind === 'group')) {
    throw new UserError(
      `the name pattern '${template}' must have one ${groupMark}, where the name of an image has that of its group: ${groupMark}_* for what stands before the first underscore`,
    );
  }
  const whole = template.includes('/');
  return (path) => matchGroup(parts, groupAt, whole ? path : path.slice(path.lastIndexOf('/') + 1));
}

function partsOf(template: string): Part[] {
  return template
    .split(/(\{group\}|\*|#)/)
    .filter((text) => text !== '')
    .map((text): Part => {
      if (text === groupMark) return { kind: 'group' };
      if (text === '*') return { kind: 'any' };
      return text === '#' ? { kind: 'digits' } : { kind: 'text', text };
    });
}

const isDigit = (name: string, at: number) => name[at]! >= '0' && name[at]! <= '9';

/** What stands for the group in a name, undefined where the name does not match. */
function matchGroup(parts: readonly Part[], groupAt: number, name: string): string | undefined {
  const ends = matchTable(parts, name);
  if (!ends[0]![0]) return undefined;
  // From left to right each part takes the least that the parts behind it can do with.
  let at = 0;
  for (const [place, part] of parts.entries()) {
    const least = part.kind === 'digits' || part.kind === 'group' ? at + 1 : at;
    let end = part.kind === 'text' ? at + part.text.length : least;
    while (!ends[place + 1]![end]) end++;
    if (place === groupAt) return name.slice(at, end);
    at = end;
  }
  return undefined;
}

/** `table[p][i]`: whether the parts from p on match the name from its i-th character on. */
function matchTable(parts: readonly Part[], name: string): boolean[][] {
  const { length } = name;
  const table: boolean[][] = [];
  table[parts.length] = Array.from({ length: length + 1 }, (_, at) => at === length);
  for (let place = parts.length - 1; place >= 0; place--) {
    const rest = table[place + 1]!;
    const part = parts[place]!;
    const own = new Array<boolean>(length + 1).fill(false);
    for (let at = length; at >= 0; at--) {
      if (part.kind === 'text') own[at] = name.startsWith(part.text, at) && rest[at + part.text.length]!;
      else if (part.kind === 'any') own[at] = rest[at]! || own[at + 1] === true;
      else if (at < length && (part.kind === 'group' || isDigit(name, at)))
        own[at] = rest[at + 1]! || own[at + 1]!;
    }
    table[place] = own;
  }
  return table;
}
