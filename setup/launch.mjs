// Starts a program of ours in this terminal: what a checkout's set-up and the installed command have in common.
import { spawn } from 'node:child_process';
import { availableParallelism, constants } from 'node:os';
import { relative, resolve } from 'node:path';
import { root, SetupError, say } from './tools.mjs';

/** @throws SetupError where this Node is older than package.json's `engines` allow */
export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new SetupError(`Node.js ${process.versions.node} is too old: install 20.19 or newer.`);
}

/**
 * Starts a program and ends as it ends. It is a process of its own, not an import, because libuv reads
 * UV_THREADPOOL_SIZE, on which parallel image decoding depends, before the first line of a module runs.
 * @param {string} file relative to the project's folder
 * @param {string[]} args
 */
export function start(file, args) {
  const env = { UV_THREADPOOL_SIZE: String(Math.max(4, availableParallelism())), ...process.env };
  const path = resolve(root, file);
  const child = spawn(process.execPath, [path, ...args], { stdio: 'inherit', env });
  // Ctrl-C reaches the child from the terminal itself: passed on as well, it would look like a second Ctrl-C.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGUSR1']) process.on(signal, () => child.kill(signal));
  if (process.env.npm_execpath) endWithParent(child);
  child.on('exit', (code, signal) => {
    if (signal === 'SIGSEGV' || signal === 'SIGABRT' || signal === 'SIGILL') {
      say(
        `${relative(root, path)} was stopped by ${signal}, perhaps by the graphics driver: KINDRED_DRIVER=swiftshader tries another`,
      );
    }
    process.exit(signal ? 128 + constants.signals[signal] : code);
  });
}

/** npm answers SIGTERM by ending its shell alone, and would leave a training run behind that never saved. */
function endWithParent(child) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    child.kill('SIGTERM');
  }, 500);
}

/**
 * Runs `work` and says in one line what a person can act on: a step's own error, a full disk, a folder of another owner.
 * @param {() => Promise<void>} work
 */
export async function inOneLine(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof SetupError) && !error.syscall) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}
