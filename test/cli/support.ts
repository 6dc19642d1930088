import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { PNG } from 'pngjs';
import * as assert from 'uvu/assert';
import { Random } from '../../src/random.ts';

// A test of this folder is built to <build>/test/cli/<name>.test.mjs, the command line to <build>/cli.mjs.
const cli = fileURLToPath(new URL('../../cli.mjs', pathToFileURL(process.argv[1]!)));

export interface Ended {
  /** −1 where a signal ended the process before it could answer. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts `kindred` with the arguments in a folder. */
export function startKindred(
  folder: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Running {
  const child = spawn(process.execPath, [cli, ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { child, ended: endOf(child) };
}

/** What a process printed, and its exit code (−1 after a signal), once it has ended. */
export function endOf(child: ChildProcessByStdio<null, Readable, Readable>): Promise<Ended> {
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
  });
}

/** Runs `kindred` to its end. */
export const runKindred = (...given: Parameters<typeof startKindred>): Promise<Ended> =>
  startKindred(...given).ended;

/** Every file below a folder, with a hash of its content; folders without one end in `/`. */
export function contents(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) => {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) return [`${path}/`, ''];
    return [path, createHash('sha256').update(readFileSync(path)).digest('hex')];
  });
  return Object.fromEntries(entries.sort());
}

/** Lines that may stand before the error: Dawn's warnings, ours about the adapter and what was read. */
const before =
  /^(Warning: |adapter: |data: |sizes: |left out: |labels: |skipped \d+ unreadable | {2}\S|task: |SimCLR: | +at |$)/;

/**
 * Asserts that `kindred` refuses the arguments as bad input is to be refused: exit code 2, nothing on standard output,
 * one line that begins with `kindred: ` as the last on standard error, and no file in the folder made or changed.
 * @param says what the line must tell
 * @param device whether the device may have been opened before the input was found wrong
 */
export async function assertRefused(
  folder: string,
  args: readonly string[],
  says: readonly RegExp[],
  { device = true, env = {} }: { device?: boolean; env?: Record<string, string> } = {},
): Promise<void> {
  const earlier = contents(folder);
  const { code, stdout, stderr } = await runKindred(folder, args, env);
  const told = `kindred ${args.join(' ')}\n${stderr}`;
  assert.is(code, 2, told);
  assert.is(stdout, '', told);
  const lines = stderr.trimEnd().split('\n');
  const sentence = lines.pop()!;
  assert.match(sentence, /^kindred: \S.{15,500}$/, told);
  for (const line of lines) assert.match(line, before, told);
  for (const pattern of says) assert.match(sentence, pattern);
  if (!device) assert.not.match(stderr, 'adapter: ', told);
  assert.equal(contents(folder), earlier, told);
}

/** Writes files below a folder. */
export function writeFiles(folder: string, files: Readonly<Record<string, Uint8Array | string>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

/** Runs the body in a folder that holds the files, and deletes it afterwards. */
export async function inFolder(
  files: Readonly<Record<string, Uint8Array | string>>,
  body: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'kindred-cli-'));
  try {
    writeFiles(folder, files);
    await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** PNG files of 24×20 pixels, `<class>/<number>.png`: stripes that lie in the one class and stand in the other. */
export function stripedImages(folder: string, perClass: number): Record<string, Uint8Array> {
  const files: Record<string, Uint8Array> = {};
  for (const [number, name] of ['lying', 'standing'].entries()) {
    for (let image = 0; image < perClass; image++) {
      const random = new Random(image, number);
      const png = new PNG({ width: 24, height: 20 });
      const [phase, colour] = [random.integer(6), [0, 1, 2].map(() => random.integer(120))];
      for (let pixel = 0; pixel < 24 * 20; pixel++) {
        const along = number === 0 ? Math.floor(pixel / 24) : pixel % 24;
        const bright = Math.floor((along + phase) / 3) % 2;
        png.data.set([...colour.map((value) => value + 120 * bright + random.integer(15)), 255], 4 * pixel);
      }
      files[`${folder}/${name}/${image}.png`] = PNG.sync.write(png);
    }
  }
  return files;
}
