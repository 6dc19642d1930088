/** The name of a repository's folder in a cache of the hub: `models--owner--name`. */
export const repositoryFolder = (repository: string): string => `models--${repository.replaceAll('/', '--')}`;

/** Whether a revision is a whole commit's name. */
export const isCommit = (revision: string): boolean => /^[0-9a-f]{40}$/.test(revision);

/** Bytes in a person's unit: `88.2 MB`. */
export function megabytes(bytes: number): string {
  const size = bytes / 1e6;
  if (size < 0.1) return `${Math.max(1, Math.round(bytes / 1e3))} kB`;
  return `${size < 100 ? size.toFixed(1) : Math.round(size)} MB`;
}
