import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Test, test } from 'uvu';

/** The project's folder: tests run from dist/test/<folder>/, so it is found upward from here. */
export const projectRoot = findRoot();

/** Where the optional real images lie while developing; tests that need them skip, visibly, without. */
export const sharedData = findShared();

function findRoot(): string {
  let folder = new URL('.', import.meta.url);
  for (let up = 0; up < 6; up++) {
    if (existsSync(new URL('package-lock.json', folder))) return fileURLToPath(folder);
    folder = new URL('..', folder);
  }
  throw new Error('no package-lock.json above the tests');
}

function findShared(): string | undefined {
  const data = join(projectRoot, '../shared/data');
  return existsSync(data) ? data : undefined;
}

/** A test that runs where `present` holds and is reported as skipped, with the reason, elsewhere. */
export function testIf(
  present: unknown,
  reason: string,
  name: string,
  body: () => Promise<void> | void,
): void {
  if (present) test(name, body);
  else (test as Test).skip(`${name} (skipped: ${reason})`, body);
  if (!present) console.log(`SKIPPED ${name}: ${reason}`);
}

/** Keeps what tests write to the user's cache in a folder of their own; Mesa's kernels stay where they are. */
export function privateCache(folder: string): { XDG_CACHE_HOME: string; MESA_SHADER_CACHE_DIR: string } {
  const { XDG_CACHE_HOME, MESA_SHADER_CACHE_DIR } = process.env;
  const users = XDG_CACHE_HOME || join(homedir(), '.cache');
  return { XDG_CACHE_HOME: folder, MESA_SHADER_CACHE_DIR: MESA_SHADER_CACHE_DIR || users };
}

/** The system's Python, which has the packages that serve as oracles where they are installed. */
export const python = '/usr/bin/python3';

/** Whether Python has packages, which are found without loading them: that takes seconds. */
export function pythonHas(...packages: string[]): boolean {
  const looks =
    'import sys\nfrom importlib.util import find_spec\nsys.exit(not all(map(find_spec, sys.argv[1:])))';
  return existsSync(python) && spawnSync(python, ['-c', looks, ...packages]).status === 0;
}
