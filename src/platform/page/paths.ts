import { UserError } from '../../errors.ts';

/** A path's parts from the root: `sessions/a/run` is three. */
export type Parts = readonly string[];

/** The parts of a path, without `.` and what `..` takes back. @throws UserError where it leads above the root */
export function partsOf(path: string): string[] {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) throw new UserError(`${path} leads outside the page's files`);
  }
  return parts;
}

/** The parts of a name inside a folder. @throws Error where it leads outside */
export function partsInside(name: string): string[] {
  const parts = name.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..' || /[\\\0]/.test(part)))
    throw new Error(`'${name}' is no name inside the new folder`);
  return parts;
}

/** One path from parts. */
export const joinPath = (...parts: string[]): string =>
  parts
    .filter((part) => part !== '')
    .join('/')
    .replace(/\/{2,}/g, '/');

/** Whether a path's first parts are all of another's. */
export const startsWith = (parts: Parts, first: Parts): boolean =>
  first.length <= parts.length && first.every((part, i) => part === parts[i]);
