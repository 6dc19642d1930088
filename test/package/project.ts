import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as assert from 'uvu/assert';

/** The checkout: a test of this folder is built to <root>/dist/test/package/<name>.test.mjs. */
export const root = fileURLToPath(new URL('../../../', pathToFileURL(process.argv[1]!)));

/** The environment of somebody who has just opened a terminal: not that of a script which npm runs. */
export function userEnvironment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const ours =
    /^(npm_(package|lifecycle|command|execpath|node_execpath|config_(local_)?prefix)|INIT_CWD|UV_THREADPOOL_SIZE)/;
  const users = Object.entries(process.env).filter(([name]) => !ours.test(name));
  return { ...Object.fromEntries(users), ...more };
}

/** Runs a program to its end. */
export function run(
  folder: string,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = userEnvironment(),
): SpawnSyncReturns<string> {
  // npm is a script of the shell's on Windows.
  return spawnSync(command, args, {
    cwd: folder,
    env,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
}

/** Runs a program that must succeed; gives its standard output. */
export function output(...given: Parameters<typeof run>): string {
  const { status, stdout, stderr, error } = run(...given);
  assert.is(status, 0, `${given.slice(1, 3).join(' ')}: ${error ?? ''}${stderr}${stdout}`);
  return stdout;
}

/** Makes the folder a project with the tarball as its only dependency; npm's cache is asked before the registry. */
export function makeProject(folder: string, tarball: string, files: Readonly<Record<string, string>>): void {
  const all = { ...files, 'package.json': JSON.stringify({ private: true, type: 'module' }) };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const options = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  output(folder, 'npm', ['install', ...options, tarball]);
}
