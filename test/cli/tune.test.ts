import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { privateCache } from '../support.ts';
import { assertRefused, runKindred, stripedImages, writeFiles } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'kindred-cli-'));
writeFiles(folder, stripedImages('images', 8));
const env = privateCache(join(folder, 'cache'));
const cache = join(folder, 'cache', 'kindred', 'kernels.json');

async function pretrain(out: string, ...more: string[]): Promise<Buffer> {
  const command = 'pretrain --data images --image-size 16 --width 8 --epochs 1 --batch 8';
  const { code, stderr } = await runKindred(folder, [...command.split(' '), '--out', out, ...more], env);
  assert.is(code, 0, stderr);
  return readFileSync(join(folder, out, 'encoder.safetensors'));
}

const kernelChoices = async () => {
  const { stdout } = await runKindred(folder, ['doctor', '--json'], env);
  return JSON.parse(stdout).kernelChoices;
};

test('kernels that one process tuned are those of the next, which gives the same bytes', async () => {
  // Two seconds are enough for a few classes; the others keep their defaults.
  const tuned = await pretrain('a', '--tune', '2');
  const kept = readFileSync(cache, 'utf8');
  const again = await pretrain('b');
  assert.ok(again.equals(tuned));
  assert.is(readFileSync(cache, 'utf8'), kept);
  const { measured } = await kernelChoices();
  const [entry] = Object.values(JSON.parse(kept)) as [{ choices: Record<string, string | null> }];
  const names = Object.values(entry.choices);
  assert.is(measured, names.filter((name) => name !== null).length);
  assert.ok(names.length > 5, kept);
});

test('--no-tune leaves the cache alone', async () => {
  const before = readFileSync(cache, 'utf8');
  await pretrain('c', '--no-tune', '--batch', '12');
  assert.is(readFileSync(cache, 'utf8'), before);
});

test('a budget that is no number of seconds is refused', async () => {
  for (const seconds of ['-1', 'long', 'NaN'])
    await assertRefused(folder, ['pretrain', '--data', 'images', '--tune', seconds], [/--tune/, /number/], {
      env,
    });
});

test.after(() => rmSync(folder, { recursive: true }));
test.run();
