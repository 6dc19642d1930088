import { UserError } from '../../errors.ts';
import { isCommit, repositoryFolder } from '../../formats/hub_cache.ts';
import type { Files, Hub } from '../../platform/platform.ts';
import { type HubName, usualRevision } from './names.ts';

/** A file that is in the cache. */
export interface KeptFile {
  readonly name: string;
  /** The commit under which it lies there. */
  readonly commit: string;
  readonly path: string;
}

/** What the cache has of a revision. */
export interface KeptRevision {
  /** The commit; undefined where the cache does not tell which the revision is. */
  readonly commit: string | undefined;
  /** The file of a name; undefined where it is not there. @throws UserError where several differ and none is said to be meant */
  file(name: string): Promise<KeptFile | undefined>;
  /** Whether the cache knows that the commit has no such file. */
  lacks(name: string): boolean;
}

/**
 * Looks what the cache has of a revision: of its commit, where that is named or kept as a ref. Without one, which is how
 * @huggingface/hub leaves single files, each under the commit that last changed it, every snapshot counts for the main
 * branch.
 */
export async function keptRevision(
  files: Files,
  { cache }: Pick<Hub, 'cache'>,
  { place, repository, revision }: HubName,
): Promise<KeptRevision> {
  const folder = files.join(cache, repositoryFolder(repository));
  const listed = (await isFolder(files, folder)) ? await files.list(folder, () => {}) : [];
  const commit = isCommit(revision) ? revision : await readRef(files, folder, revision, listed);
  const snapshots = listed.flatMap((path): KeptFile[] => {
    const [room, of, ...rest] = path.split('/');
    if (room !== 'snapshots' || of === undefined || rest.length === 0) return [];
    return [{ name: rest.join('/'), commit: of, path: files.join(folder, path) }];
  });
  const scattered = commit === undefined && revision === usualRevision;
  return {
    commit,
    lacks: (name) => listed.includes(`.no_exist/${commit}/${name}`),
    async file(name) {
      const found = snapshots.filter((file) => file.name === name && (scattered || file.commit === commit));
      const [first, ...others] = found;
      if (!first) return undefined;
      for (const other of others) {
        if (await areSame(files, first.path, other.path)) continue;
        throw new UserError(
          `the cache of the hub (${folder}) holds several revisions of ${name} and does not say which is ${revision}: name one as ${place}@${first.commit}`,
        );
      }
      return first;
    },
  };
}

async function isFolder(files: Files, path: string): Promise<boolean> {
  return (await files.stat(path))?.kind === 'folder';
}

async function readRef(
  files: Files,
  folder: string,
  revision: string,
  listed: readonly string[],
): Promise<string | undefined> {
  const name = `refs/${revision}`;
  if (!listed.includes(name)) return undefined;
  const text = new TextDecoder().decode(await files.read(files.join(folder, name))).trim();
  return isCommit(text) ? text : undefined;
}

async function areSame(files: Files, one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([files.stat(one), files.stat(other)]);
  if (a?.bytes !== b?.bytes) return false;
  const [x, y] = await Promise.all([files.read(one), files.read(other)]);
  return x.every((byte, at) => byte === y[at]);
}
