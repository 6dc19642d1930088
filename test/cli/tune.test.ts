import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Engine } from '../../src/autograd/engine.ts';
import { weightGradientTiles } from '../../src/kernels/tuning/tiles.ts';
import { nameOf } from '../../src/kernels/tuning/variant.ts';
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

type Names = Record<string, string | null>;
/** What config.json says of the kernels that a run's programs have. */
const usedBy = (run: string): Names =>
  JSON.parse(readFileSync(join(folder, run, 'config.json'), 'utf8')).kernelChoices;
/** What the cache holds for this adapter and these kernels, as its only ones. */
const readChoices = (): Names =>
  Object.values(Object.values(JSON.parse(readFileSync(cache, 'utf8')) as Record<string, object>)[0]!)[0];

test('kernels that one process tuned are those of the next, which gives the same bytes', async () => {
  // Two seconds are enough for a few classes; the others keep their defaults.
  const tuned = await pretrain('a', '--tune', '2');
  const kept = readFileSync(cache, 'utf8');
  const again = await pretrain('b');
  assert.ok(again.equals(tuned));
  assert.equal(usedBy('b'), usedBy('a'));
  assert.is(readFileSync(cache, 'utf8'), kept);
  const { stdout } = await runKindred(folder, ['doctor', '--json'], env);
  // Its speed is kept under the same key: vendor, architecture, device and driver.
  const speeds = JSON.parse(readFileSync(join(folder, 'cache', 'kindred', 'speeds.json'), 'utf8'));
  assert.equal(Object.keys(speeds), Object.keys(JSON.parse(kept)));
  assert.match(Object.keys(speeds)[0]!, /^.* \| .* \| .* \| .+$/);
  const names = Object.values(readChoices());
  assert.is(JSON.parse(stdout).kernelChoices.measured, names.filter((name) => name !== null).length);
  assert.ok(names.length > 5, kept);
});

test('--no-tune leaves the cache alone', async () => {
  const before = readFileSync(cache, 'utf8');
  // Another batch has other classes of shapes.
  await pretrain('c', '--tune', '2', '--no-tune', '--batch', '12');
  assert.is(readFileSync(cache, 'utf8'), before);
});

test('what the cache names is what runs', async () => {
  const before = readFileSync(cache, 'utf8');
  const engine = await Engine.create();
  const [tile] = weightGradientTiles(engine.gpu.capabilities, 3);
  engine.destroy();
  // A sum that is cut otherwise has other last bits.
  const name = nameOf({ ...tile!, slices: 16 });
  const planted = Object.keys(readChoices()).filter((key) => key.startsWith('weight gradient 3x3'));
  assert.ok(planted.length > 0);
  const [[adapter, [[hash, names]]]] = Object.entries(JSON.parse(before)).map(
    ([adapter, tables]) => [adapter, Object.entries(tables as Record<string, Names>)] as const,
  ) as [[string, [[string, Names]]]];
  const changed = { ...names, ...Object.fromEntries(planted.map((key) => [key, name])) };
  writeFileSync(cache, JSON.stringify({ [adapter]: { [hash]: changed } }));
  const bytes = await pretrain('d');
  for (const key of planted) assert.is(usedBy('d')[key], name);
  assert.not.ok(bytes.equals(readFileSync(join(folder, 'a', 'encoder.safetensors'))));
  writeFileSync(cache, before);
});

test('a resumed run keeps the kernels that it began with, whatever a budget would find', async () => {
  rmSync(cache);
  await pretrain('e', '--tune', '1e-9');
  const used = usedBy('e');
  assert.ok(Object.keys(used).length > 5);
  rmSync(cache);
  await pretrain('e', '--tune', '5', '--resume');
  assert.equal(usedBy('e'), used);
  // Nothing was timed.
  assert.not.ok(existsSync(cache));
});

test('a cache that cannot be written is told in one line', async () => {
  writeFiles(folder, { 'a file': '' });
  const blocked = privateCache(join(folder, 'a file'));
  const command = 'pretrain --data images --image-size 16 --width 8 --epochs 1 --batch 8 --tune 1e-9 --out f';
  const { code, stderr } = await runKindred(folder, command.split(' '), blocked);
  assert.is(code, 0, stderr);
  assert.is(stderr.match(/is not kept for later commands: .*a file/g)?.length, 1, stderr);
});

test('a budget that is no number of seconds is refused', async () => {
  const refusals = ['-1', 'long', 'NaN'].map((seconds) =>
    assertRefused(folder, ['pretrain', '--data', 'images', '--tune', seconds], [/--tune/, /number/], { env }),
  );
  await Promise.all(refusals);
});

test.after(() => rmSync(folder, { recursive: true }));
test.run();
