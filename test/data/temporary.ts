import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import { UserError } from '../../src/errors.ts';

/** Runs the body with a folder that holds the files, and deletes it afterwards. */
export async function withFiles(
  files: Record<string, Uint8Array | string>,
  body: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'kindred-test-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Asserts that the action fails with a UserError whose message is one line and holds all the parts. */
export async function assertUserError(action: () => unknown, ...parts: (string | RegExp)[]): Promise<void> {
  let thrown: unknown;
  try {
    await action();
  } catch (error) {
    thrown = error;
  }
  assert.instance(thrown, UserError);
  const { message } = thrown as UserError;
  assert.not.match(message, '\n');
  for (const part of parts) assert.match(message, part);
}
