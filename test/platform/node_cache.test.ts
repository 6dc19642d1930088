import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeCache } from '../../src/platform/node_cache.ts';

const folder = mkdtempSync(join(tmpdir(), 'kindred-cache-'));

test('what is written under a name is read under it, and replaced as a whole', async () => {
  process.env.XDG_CACHE_HOME = join(folder, 'cache');
  assert.is(await nodeCache.read('a.json'), undefined);
  await nodeCache.write('a.json', 'größer');
  assert.is(await nodeCache.write('a.json', 'é'), undefined);
  assert.is(await nodeCache.read('a.json'), 'é');
  assert.equal(readdirSync(join(folder, 'cache', 'kindred')), ['a.json']);
});

test('a cache folder that cannot be made is an empty cache, and says why', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  process.env.XDG_CACHE_HOME = file;
  assert.match((await nodeCache.write('a.json', 'text'))!, file);
  assert.is(await nodeCache.read('a.json'), undefined);
});

test.after(() => rmSync(folder, { recursive: true }));
test.run();
