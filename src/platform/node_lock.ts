import { randomUUID } from 'node:crypto';
import { constants, readFileSync, rmSync } from 'node:fs';
import { copyFile, link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { codeOf, unlessFull } from './node_errors.ts';
import type { FolderLock } from './platform.ts';

/** Who holds a folder. */
interface Owner {
  readonly process: number;
  readonly host: string;
  /** When the process started, in the system's own count; null where that cannot be told. Numbers are given anew. */
  readonly started: string | null;
  readonly token: string;
}

/** The lock's file inside its folder. */
export const lockName = 'run.lock';

/** Seconds between signs of life, and without one until an owner on another host counts as gone. */
const beat = 20;
const patience = 120;

/** See `Files.lock`. */
export function lockFolder(folder: string): Promise<FolderLock> {
  const path = join(folder, lockName);
  return unlessFull(path, async () => {
    const own: Owner = {
      process: process.pid,
      host: hostname(),
      started: startOf(process.pid),
      token: randomUUID(),
    };
    // Written whole under another name and then linked: nobody reads half a lock, and of two that link one fails.
    const draft = `${path}.${own.token}.tmp`;
    await writeFile(draft, `${JSON.stringify(own)}\n`, { flag: 'wx' });
    try {
      const takenFrom = await take(path, draft, folder);
      return held(path, own, takenFrom);
    } finally {
      await rm(draft, { force: true });
    }
  });
}

/** Puts the draft in the lock's place. @returns the owner, gone without a word, from whom it was taken; else undefined */
async function take(path: string, draft: string, folder: string): Promise<string | undefined> {
  for (let tries = 0; tries < 5; tries++) {
    try {
      await place(draft, path);
      return undefined;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    const found = await ownerOf(path);
    // Given back since.
    if (found === undefined) continue;
    if (await isAlive(found, path, draft)) throw inUse(folder, path, found);
    // Of several that find the same owner gone, the one whose rename moves that owner's file has taken the lock.
    const aside = `${path}.${randomUUID()}.tmp`;
    const moved = await rename(path, aside).then(
      () => true,
      () => false,
    );
    if (!moved) continue;
    const taken = await ownerOf(aside);
    if (taken?.token !== found.token) {
      // Somebody else took it first, and this is theirs.
      await place(aside, path).catch(() => {});
      await rm(aside, { force: true });
      continue;
    }
    await place(draft, path).catch((error) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
    await rm(aside, { force: true });
    const now = await ownerOf(path);
    const ours = await ownerOf(draft);
    if (now?.token === ours?.token) return `process ${found.process} on ${found.host}`;
  }
  throw new UserError(`${folder} is being taken by another command: try again`);
}

/** Gives a file a second name, or a copy under it where the file system has no second names. @throws EEXIST if it is taken */
async function place(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!noSecondNames.has(codeOf(error) ?? '')) throw error;
    await copyFile(from, to, constants.COPYFILE_EXCL);
  }
}

const noSecondNames = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** Whoever a lock file names; undefined where there is none. A damaged one names nobody that lives. */
async function ownerOf(path: string): Promise<Owner | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const { process, host, started, token } = JSON.parse(text);
    return { process: Number(process), host: String(host), started: started ?? null, token: String(token) };
  } catch {
    return { process: 0, host: 'nowhere', started: null, token: text };
  }
}

async function isAlive(owner: Owner, path: string, draft: string): Promise<boolean> {
  if (owner.process === 0) return false;
  if (owner.host === hostname()) {
    try {
      process.kill(owner.process, 0);
    } catch (error) {
      // EPERM: it lives, under another user.
      if (codeOf(error) !== 'EPERM') return false;
    }
    return owner.started === startOf(owner.process);
  }
  // Both times are the file system's, so that no two hosts' clocks are compared.
  const [lock, now] = await Promise.all([stat(path).catch(() => undefined), stat(draft)]);
  return lock !== undefined && now.mtimeMs - lock.mtimeMs < 1000 * patience;
}

/** Linux tells when a process started, so that a number given anew is not mistaken for its first bearer. */
function startOf(id: number): string | null {
  try {
    // The second field, in parentheses, may hold spaces; the start is the 22nd.
    return (
      readFileSync(`/proc/${id}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')[19] ?? null
    );
  } catch {
    return null;
  }
}

function inUse(folder: string, path: string, { process: id, host }: Owner): UserError {
  const elsewhere = host === hostname() ? '' : ` (if that process is gone, delete ${path})`;
  return new UserError(
    `${folder} is in use by process ${id} on ${host}: wait until it ends, or name another folder${elsewhere}`,
  );
}

function held(path: string, own: Owner, takenFrom: string | undefined): FolderLock {
  const timer = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {});
  }, 1000 * beat);
  timer.unref();
  // An interrupted process ends without giving anything back.
  const leave = () => rmSync(path, { force: true });
  process.once('exit', leave);
  return {
    takenFrom,
    async release() {
      clearInterval(timer);
      process.removeListener('exit', leave);
      if ((await ownerOf(path))?.token === own.token) await rm(path, { force: true });
    },
  };
}
