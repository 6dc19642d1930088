import { randomUUID } from 'node:crypto';
import { copyFile, readlink, rename, stat, statfs, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { UserError } from '../../errors.ts';
import { megabytes, repositoryFolder } from '../../formats/hub_cache.ts';
import { codeOf } from '../node_errors.ts';
import { FolderInUse, lockFolder } from '../node_lock.ts';
import { makeFolder, writeAtomic } from '../node_writing.ts';
import { HubClient } from './client.ts';
import { fetchFile } from './fetch_file.ts';
import type { Hub, HubPlace, HubRevision } from './hub.ts';
import { NodePart } from './node_part.ts';
import { hubAccess, hubCache, hubEndpoint, hubOffline } from './node_settings.ts';
import { type HubAccess, hostOf } from './request.ts';

// The cache is huggingface_hub's: blobs/HASH holds content, snapshots/COMMIT/NAME links to it, refs/BRANCH names a commit.
// https://huggingface.co/docs/huggingface_hub/guides/manage-cache

/** Milliseconds between looks at whether another process is done. */
const lookAgain = 500;

/** The hub as the user's environment has it, and the cache that Python's programs share. */
export function nodeHub(access: () => Promise<HubAccess> = hubAccess, cache: string = hubCache()): Hub {
  const ask = async () => new HubClient(await access());
  const folderOf = (repository: string) => join(cache, repositoryFolder(repository));
  return {
    host: hostOf(hubEndpoint()),
    cache,
    offline: hubOffline(),
    look: async (repository, revision) => (await ask()).look(repository, revision),
    files: async (repository, commit) => (await ask()).files(repository, commit),
    fetch: (place, onBytes) =>
      writing(cache, async () => fetchInto(folderOf(place.repository), await access(), place, onBytes)),
    keepRef: (revision) => writing(cache, () => keepRef(folderOf(revision.repository), revision)),
    keepAbsent: (repository, commit, names) =>
      writing(cache, async () => {
        const folder = join(folderOf(repository), '.no_exist', commit);
        if (names.length > 0) await makeFolder(folder);
        for (const name of names) await writeAtomic(join(folder, name), '');
      }),
    alone: (repository, body, onWait) => alone(cache, repository, body, onWait),
  };
}

async function fetchInto(
  folder: string,
  access: HubAccess,
  place: HubPlace,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const { commit, file } = place;
  const blob = join(folder, 'blobs', file.hash.hex);
  const pointer = join(folder, 'snapshots', commit, ...file.name.split('/'));
  if ((await sizeOf(pointer)) === file.bytes) return;
  await makeFolder(dirname(blob));
  await makeFolder(dirname(pointer));
  const isNew = (await sizeOf(blob)) !== file.bytes;
  if (isNew) {
    const part = await NodePart.open(`${blob}.kindred.incomplete`, blob, file);
    try {
      await requireSpace(dirname(blob), file.bytes - part.have);
      await fetchFile(new HubClient(access), access, place, part, onBytes);
    } finally {
      await part.close();
    }
  }
  await point(pointer, blob, isNew);
}

/** Size of the file at a path, behind links; undefined where there is none. */
async function sizeOf(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? found.size : undefined;
}

/** @throws UserError where a disk has less room than is needed */
async function requireSpace(folder: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (needed <= bavail * bsize) return;
  throw new UserError(
    `${megabytes(needed)} are to come into ${folder}, and its disk has room for ${megabytes(bavail * bsize)}: free some space, or set HF_HOME to a folder on another disk`,
  );
}

/** Gives a blob its name in a snapshot: a relative link, or the content itself where the system makes no links. */
async function point(pointer: string, blob: string, isNew: boolean): Promise<void> {
  const target = relative(dirname(pointer), blob);
  if ((await readlink(pointer).catch(() => undefined)) === target) return;
  const draft = `${pointer}.${randomUUID()}.tmp`;
  try {
    await symlink(target, draft, 'file');
  } catch (error) {
    if (!noLinks.has(codeOf(error) ?? '')) throw error;
    // As Python's library does: of content that nobody else points to there is one copy.
    if (isNew) return rename(blob, pointer);
    await copyFile(blob, draft);
  }
  await rename(draft, pointer);
}

/** Where links cannot be made: Windows without the right to, and some file systems. */
const noLinks = new Set(['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

async function keepRef(folder: string, { revision, commit }: HubRevision): Promise<void> {
  if (revision === commit) return;
  const path = join(folder, 'refs', ...revision.split('/'));
  await makeFolder(dirname(path));
  await writeAtomic(path, commit);
}

/** Runs what writes into the cache. @throws UserError where it may not be written */
async function writing<T>(cache: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS', 'ENOTDIR'].includes(codeOf(error) ?? '')) throw error;
    throw new UserError(
      `${cache}, in which files of the hub are kept, cannot be written: set HF_HOME to a folder that can`,
    );
  }
}

/** One process at a time fetches files of a repository; the others wait, and find them there. */
async function alone<T>(
  cache: string,
  repository: string,
  body: () => Promise<T>,
  onWait: () => void,
): Promise<T> {
  const folder = join(cache, '.locks', repositoryFolder(repository));
  await writing(cache, () => makeFolder(folder));
  let waits = false;
  for (;;) {
    const lock = await writing(cache, () => lockFolder(folder)).catch((error) => {
      if (error instanceof FolderInUse) return undefined;
      throw error;
    });
    if (lock) {
      try {
        return await body();
      } finally {
        await lock.release();
      }
    }
    if (!waits) onWait();
    waits = true;
    await new Promise((resolve) => setTimeout(resolve, lookAgain));
  }
}
