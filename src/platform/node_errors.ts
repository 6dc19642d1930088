import { UserError } from '../errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'lies below a file, not a folder',
  EISDIR: 'is a folder, not a file',
  EACCES: 'may not be read: change its permissions or choose another',
  EPERM: 'may not be read: change its permissions or choose another',
  ELOOP: 'is a link that leads back to itself',
};

const FULL: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'your share of the disk is used up',
};

/** Runs what reads a path; turns the system's refusal into a sentence. */
export async function explained<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const reason = REASONS[codeOf(error) ?? ''];
    if (reason === undefined) throw error;
    throw new UserError(`${(error as NodeJS.ErrnoException).path ?? path} ${reason}`);
  }
}

/** Runs what writes a path; a full disk becomes a sentence, other errors stay as they are. */
export async function unlessFull<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const reason = FULL[codeOf(error) ?? ''];
    if (reason === undefined) throw error;
    throw new UserError(
      `${path} cannot be written, since ${reason}: free some space, or name a place on another disk`,
    );
  }
}

/** The system's code of an error, such as `ENOENT`; undefined where it has none. */
export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
