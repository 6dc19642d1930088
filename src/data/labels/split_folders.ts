/** Names of folders that are parts of a set, never classes of it. */
const trainingNames = 'train training trn val valid validation dev development'.split(' ');
const testNames = 'test testing tst eval evaluation holdout held-out heldout'.split(' ');

const plain = (name: string): string => name.toLowerCase().replace(/[\s_-]+(?:set|data|images|split)$/, '');

/** Whether a folder is called as a part of a set is: train, val, test, … */
export const isSplitName = (name: string): boolean => isTestName(name) || trainingNames.includes(plain(name));

const isTestName = (name: string): boolean => testNames.includes(plain(name));

/** Folders of images without a label. */
const withoutLabel = new Set(['unlabelled', 'unlabeled']);

/** How the folders of a set are to be read. */
export interface FolderParts {
  /** The parts, by their folders' names; empty where the first folders are classes. */
  readonly parts: readonly string[];
  /** The folder that says an image's class; undefined where it has none. */
  readonly classOf: (path: string) => string | undefined;
  /** Whether an image is of the held-out part: it lies in a class below a folder such as `test`. */
  readonly isHeldOut: (path: string) => boolean;
}

/**
 * Tells class folders from parts of a set. Where all folders at the top are called as parts are (`train`, `val`, `test`),
 * but for one named `unlabelled`, the classes are the folders below them; else they are the folders at the top. An image
 * without a class folder, or with `unlabelled` on its way, has no class.
 */
export function folderParts(paths: readonly string[]): FolderParts {
  const tops = new Set<string>();
  for (const path of paths) {
    const slash = path.indexOf('/');
    if (slash > 0 && !withoutLabel.has(path.slice(0, slash))) tops.add(path.slice(0, slash));
  }
  const parts = tops.size > 0 && [...tops].every(isSplitName) ? [...tops].sort() : [];
  const level = parts.length > 0 ? 1 : 0;
  const classOf = (path: string) => {
    const folders = path.split('/').slice(0, -1);
    return folders.some((name) => withoutLabel.has(name)) ? undefined : folders[level];
  };
  const isHeldOut = (path: string) =>
    parts.length > 0 && isTestName(path.split('/', 1)[0]!) && classOf(path) !== undefined;
  // Held out is what is beside others: a test part alone is all that there is.
  const alone = parts.every(isTestName);
  return { parts, classOf, isHeldOut: alone ? () => false : isHeldOut };
}

/** What the folders were taken for, in words; undefined where the first folders are the classes. */
export function describeParts(paths: readonly string[]): string | undefined {
  const { parts, isHeldOut } = folderParts(paths);
  if (parts.length === 0) return undefined;
  const held = paths.filter(isHeldOut).length;
  const rest =
    held > 0
      ? `; the ${held} images of classes below ${parts.filter(isTestName).join(', ')} are held out`
      : '';
  return `${parts.join(', ')} ${parts.length === 1 ? 'is a part' : 'are parts'} of the set and no ${parts.length === 1 ? 'class' : 'classes'}: the classes are the folders below${rest}`;
}
