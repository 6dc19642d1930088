// What the set-up's steps and the installed command share: messages, atomic text files, fingerprints, a lock, and the
// user's npm.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The project's folder, or that of the installed package: these files lie in setup/, what they are built to in dist/. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const isCheckout = existsSync(join(root, 'setup.mjs'));

/**
 * Holds the lock, the probe's answer and the software driver. In a checkout git ignores it; an installed package keeps
 * them in the user's cache folder, as it may be installed anew at any time. There src/platform/node_driver.ts looks too.
 */
export const driverFolder = isCheckout
  ? join(root, '.driver')
  : join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'kindred');

/** A step failed for a reason that a person can act on. */
export class SetupError extends Error {}

/** One line a step, on standard error: standard output belongs to the program that is started. */
export const say = (line) => process.stderr.write(`${isCheckout ? 'setup' : 'kindred'}: ${line}\n`);

/** The text of a file, or undefined where there is none. */
export function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Replaces a file so that readers see the old text or the new one. */
export function writeText(path, text) {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}

/** Names, sizes and times of the given files, and of all files below the given folders, as one hash. */
export function fingerprint(paths) {
  const hash = createHash('sha256');
  const add = (path) => {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (stat?.isDirectory()) for (const name of readdirSync(path).sort()) add(join(path, name));
    else hash.update(`${path} ${stat?.size} ${stat?.mtimeNs}\n`);
  };
  for (const path of paths) add(path);
  return hash.digest('hex');
}

/** Runs `work` while no other set-up works on the same folder. A lock whose owner is gone is taken over. */
export async function exclusively(work) {
  mkdirSync(driverFolder, { recursive: true });
  const lock = join(driverFolder, 'setup.lock');
  for (let turn = 0; !tryLock(lock); turn++) {
    if (turn === 5) say('waiting for another set-up of the same folder');
    if (isAbandoned(lock)) rmSync(lock, { force: true });
    else await sleep(200);
  }
  try {
    work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function tryLock(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function isAbandoned(lock) {
  const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  const owner = Number(readText(lock));
  // Between its creation and its first byte a lock names nobody.
  if (!owner) return age > 5_000;
  // The owner's number can have gone to another process; no step takes half an hour.
  if (age > 30 * 60_000) return true;
  try {
    process.kill(owner, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

/** Runs npm, with the user's own settings, in this folder: the npm that started this script, else that on the path. */
export function npm(args) {
  const options = { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 26 };
  const script = process.env.npm_execpath ?? '';
  const all = [...args, '--loglevel=error', '--no-update-notifier'];
  let result;
  if (/^npm(-cli)?\.c?js$/.test(basename(script)))
    result = spawnSync(process.execPath, [script, ...all], options);
  else if (process.platform === 'win32') result = spawnSync('npm.cmd', all, { ...options, shell: true });
  else result = spawnSync('npm', all, options);
  if (result.error)
    throw new SetupError(`npm cannot be started (${result.error.message}): install Node.js with npm.`);
  return result;
}
