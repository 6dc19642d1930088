import { UserError } from '../../errors.ts';
import type { Store } from './store.ts';

/** Whether an error is a DOMException of a name. */
export const isNamed = (error: unknown, ...names: readonly string[]): boolean =>
  error instanceof Error && names.includes(error.name);

/** What the File System standard rejects with, made by hand where there is no file system. */
export const missing = () => new DOMException('no such file or folder', 'NotFoundError');
/** A file lies where a folder is looked for. */
export const belowFile = () => new DOMException('lies below a file', 'TypeMismatchError');
/** A folder lies where a file is looked for. */
export const isFolder = () => new DOMException('is a folder', 'TypeMismatchError');

/** Does what a path is needed for; a browser's refusal becomes a sentence that says what to do. */
export async function explained<T>(path: string, store: Store, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const sentence = sentenceOf(error, path, store);
    throw sentence === undefined ? error : new UserError(sentence);
  }
}

function sentenceOf(error: unknown, path: string, { kind }: Store): string | undefined {
  if (!(error instanceof Error) || error instanceof UserError) return undefined;
  switch (error.name) {
    case 'NotFoundError':
      return `${path} does not exist`;
    case 'TypeMismatchError':
      return /is a folder/.test(error.message)
        ? `${path} is a folder, not a file`
        : `${path} lies below a file, not a folder`;
    case 'NotAllowedError':
    case 'SecurityError':
      return kind === 'given'
        ? `${path} can only be read: it was given as single files`
        : `The browser does not let this page use ${path} at this time: click Continue and allow it`;
    case 'NotReadableError':
      return `${path} cannot be read: it was changed, moved or removed since it was given, so give it again`;
    case 'NoModificationAllowedError':
      return `${path} is being written by another tab: close that one, or try again`;
    case 'QuotaExceededError':
      return kind === 'memory'
        ? `${path} cannot be kept, since the page's memory is full: take home what is there and reload`
        : kind === 'folder'
          ? `${path} cannot be written, since the disk is full: free some space`
          : `${path} cannot be written, since the browser gives this page no more space: take sessions home and delete them here, or free space on the disk`;
    default:
      return undefined;
  }
}
