import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { adapterKey, adapterName, type Capabilities } from '../../../src/gpu/device.ts';
import { keepChoices, kernelsHash, recallChoices } from '../../../src/kernels/tuning/choice_cache.ts';
import { Choices } from '../../../src/kernels/tuning/choices.ts';
import { privateCache } from '../../support.ts';

const folder = mkdtempSync(join(tmpdir(), 'kindred-choices-'));
Object.assign(process.env, privateCache(folder));
const file = join(folder, 'kindred', 'kernels.json');
mkdirSync(join(folder, 'kindred'));

/** A card as Dawn describes it, whose `description` is its driver's. */
const adapter = {
  ...{ driver: 'gpu', vendor: 'nvidia', architecture: 'hopper', device: 'A card' },
  description: 'driver 1.2',
} as unknown as Capabilities;
const key = 'nvidia | hopper | A card | driver 1.2';

const stored = () => JSON.parse(readFileSync(file, 'utf8'));

/** What another process knows of an adapter. */
function recalled(capabilities: Capabilities = adapter): Promise<Choices> {
  return recallChoices(capabilities);
}

/** Keeps a table as a process of its own would. @returns what it then knows */
async function keep(table: Record<string, string | null>, capabilities = adapter): Promise<Choices> {
  const choices = new Choices();
  choices.learn(table);
  assert.is(await keepChoices({ capabilities, choices }), undefined);
  return choices;
}

test('choices are kept for each card and each driver of it', async () => {
  await keep({ a: 'tile-64x4x8', other: null });
  assert.equal((await recalled()).measured, { a: 'tile-64x4x8', other: null });
  for (const changed of [
    { vendor: 'amd' },
    { architecture: 'ada' },
    { device: 'Another card' },
    { description: 'driver 1.3' },
  ])
    assert.equal((await recalled({ ...adapter, ...changed })).measured, {}, JSON.stringify(changed));
  await keep({ b: 'x' }, { ...adapter, device: 'Another card' });
  assert.equal((await recalled()).measured, { a: 'tile-64x4x8', other: null });
});

test('a graphics card is shown by its name and its driver, others by their driver', () => {
  assert.is(adapterKey(adapter), key);
  assert.is(adapterName(adapter), 'A card, driver 1.2');
  assert.is(adapterName({ ...adapter, device: '' }), 'driver 1.2');
  assert.is(adapterName({ ...adapter, description: 'A card' }), 'A card');
  const software = { driver: 'llvmpipe', device: 'llvmpipe-llvm', description: 'llvmpipe: Mesa' } as const;
  assert.is(adapterName({ ...adapter, ...software }), 'llvmpipe: Mesa');
});

test('processes that tune beside each other keep all their classes; the choice that was there first stands', async () => {
  rmSync(file);
  await keep({ a: 'first', b: 'first', untimed: null });
  const second = await keep({ b: 'second', c: 'second', untimed: 'timed', left: null });
  const all = { a: 'first', b: 'first', untimed: 'timed', c: 'second', left: null };
  assert.equal(second.measured, all);
  assert.equal((await recalled()).measured, all);
});

test('choices of other kernels do not hold; those of the four latest builds are kept', async () => {
  const hash = await kernelsHash();
  const tables = stored();
  const own = tables[key][hash];
  const foreign = Object.fromEntries(['1', '2', '3', '4'].map((name) => [`build ${name}`, { a: name }]));
  writeFileSync(file, JSON.stringify({ ...tables, [key]: foreign }));
  assert.equal((await recalled()).measured, {});
  await keep(own);
  assert.equal(Object.keys(stored()[key]), ['build 2', 'build 3', 'build 4', hash]);
  assert.equal((await recalled()).measured, own);
});

test('a damaged or foreign cache counts as empty and is written anew', async () => {
  const damaged = [
    '',
    `{"${key}": {"kern`,
    '[1]',
    'null',
    `{"${key}": {"kernels": "x", "choices": {"a": "b"}}}`,
    `{"${key}": {"${await kernelsHash()}": {"a": 1}}}`,
  ];
  for (const text of damaged) {
    writeFileSync(file, text);
    assert.equal((await recalled()).measured, {}, text);
    await keep({ other: null });
    assert.equal(stored(), { [key]: { [await kernelsHash()]: { other: null } } }, text);
  }
});

test.after(() => rmSync(folder, { recursive: true }));
test.run();
