import { randomUUID } from 'node:crypto';
import { constants, readFileSync, rmSync } from 'node:fs';
import { copyFile, link, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
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

/** Another process that lives has the folder. */
export class FolderInUse extends UserError {}

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

/** Tries to take a lock, and milliseconds between them: others take over in less. */
const tries = 100;
const pause = 20;

/** Puts the draft in the lock's place. @returns the owner, gone without a word, from whom it was taken; else undefined */
async function take(path: string, draft: string, folder: string): Promise<string | undefined> {
  for (let attempt = 0; attempt < tries; attempt++) {
    if (await placed(draft, path)) return undefined;
    const found = await ownerOf(path);
    // Given back since.
    if (found === undefined) continue;
    if (await isAlive(found, path, draft)) throw inUse(folder, path, found);
    const takenFrom = await takeOver(path, draft, found);
    if (takenFrom !== undefined) return takenFrom;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  throw new UserError(
    `${folder} is being taken by another command: try again, and if none runs, delete ${path}.takeover`,
  );
}

/**
 * Puts the draft in the place of a lock whose owner is gone. Only who holds the one `takeover` file removes a lock, and
 * only after looking again: nobody ever removes a lock that lives.
 * @returns undefined where somebody else is at it, or was quicker
 */
async function takeOver(path: string, draft: string, gone: Owner): Promise<string | undefined> {
  const guard = `${path}.takeover`;
  if (!(await placed(draft, guard))) return undefined;
  try {
    if ((await ownerOf(path))?.token !== gone.token) return undefined;
    await rm(path, { force: true });
    // Who finds no lock needs no takeover, and may be quicker.
    return (await placed(draft, path)) ? `process ${gone.process} on ${gone.host}` : undefined;
  } finally {
    await rm(guard, { force: true });
  }
}

/** Whether the file has got the name; false where another has it. */
async function placed(from: string, to: string): Promise<boolean> {
  try {
    await place(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
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

function inUse(folder: string, path: string, { process: id, host }: Owner): FolderInUse {
  const elsewhere = host === hostname() ? '' : ` (if that process is gone, delete ${path})`;
  return new FolderInUse(
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
