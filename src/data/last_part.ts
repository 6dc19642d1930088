/** The last part of a path that names something; the path itself where none does. */
export const lastPart = (path: string): string =>
  path.split(/[\\/]/).findLast((part) => part !== '' && part !== '.') ?? path;
