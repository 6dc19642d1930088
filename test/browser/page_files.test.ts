import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeFiles } from '../../src/platform/node_files.ts';
import type { Files } from '../../src/platform/platform.ts';
import { testIf } from '../support.ts';
import { findChromium } from './chromium.ts';
import { openProfile, type Profile } from './profile.ts';

const chromium = findChromium();
const missing = 'no chromium or google-chrome on PATH';

let profile: Profile;
test.before(async () => {
  if (chromium) profile = await openProfile(chromium);
});
test.after(() => profile?.close());

/** What files answer to everything that a run asks of them. Refers to nothing but its arguments: its text runs in a worker. */
async function useFiles(
  { opened: { files } }: { opened: { files: Files } },
  root: string,
): Promise<Record<string, unknown>> {
  const at = (path: string) => files.join(root, path);
  const text = async (path: string) => new TextDecoder().decode(await files.read(at(path)));
  const problem = (work: Promise<unknown>) =>
    work.then(
      () => 'no error',
      (error: Error) => `${error.name}: ${error.message.replaceAll(root, 'ROOT')}`,
    );
  const seen: Record<string, unknown> = {};
  seen.nothing = await files.stat(at('run'));
  await files.makeFolder(at('run/deep/er'));
  await files.makeFolder(at('run'));
  seen.folder = (await files.stat(at('run/deep')))?.kind;
  await files.writeAtomic(at('run/b.txt'), 'first');
  await files.writeAtomic(at('run/b.txt'), 'second');
  seen.second = await text('run/b.txt');
  await files.writeAtomic(at('run/deep/er/c.bin'), new Uint8Array([1, 2, 3, 4, 5]));
  seen.slice = [...(await files.readSlice(at('run/deep/er/c.bin'), 3, 10))];
  seen.before = [...(await files.readSlice(at('run/deep/er/c.bin'), 1, 2))];
  await files.writeAtomic(at('run/pieces'), ['a', 'ü', '\ud83d', '\udc31', '', 'z']);
  seen.pieces = await text('run/pieces');
  await files.writeAtomic(at('run/empty'), '');
  seen.empty = await files.stat(at('run/empty'));
  await Promise.all(['1\n', '2\n', '3\n'].map((line) => files.append(at('run/log'), line)));
  seen.log = (await text('run/log')).split('\n').sort().join('');
  await files.writeAtomic(at('run/a.txt'), 'x');
  seen.list = await files.list(at('run'));
  seen.listDeep = await files.list(at('run/deep'));
  await files.writeFolder(at('new/made'), async (folder) => {
    await folder.write('one/x.txt', 'x');
    await folder.write('two.txt', ['t', 'wo']);
    await folder.copy('one/b.txt', at('run/b.txt'));
    seen.outside = await problem(folder.write('../x', 'x'));
    seen.taken = /taken|exist/i.test(await problem(folder.write('two.txt', 'again')));
  });
  seen.made = await files.list(at('new'));
  seen.copied = await text('new/made/one/b.txt');
  const failing = async () => {
    await files.writeFolder(at('never/here'), async (folder) => {
      await folder.write('x', 'x');
      throw new Error('stop');
    });
  };
  seen.failed = [await problem(failing()), await files.stat(at('never/here'))];
  seen.full = await problem(files.writeFolder(at('new/made'), async () => {}));
  seen.problems = [
    await problem(files.read(at('run/missing'))),
    await problem(files.readSlice(at('nowhere/x'), 0, 1)),
    await problem(files.read(at('run'))),
    await problem(files.read(at('run/b.txt/x'))),
    await problem(files.list(at('nowhere'))),
    await problem(files.writeFolder(at('run/b.txt'), async () => {})),
  ];
  const lock = await files.lock(at('run'));
  seen.locked = [lock.takenFrom, await files.list(at('run')), await problem(files.lock(at('run')))];
  await lock.release();
  seen.released = (await files.list(at('run'))).includes('run.lock');
  const again = await files.lock(at('run'));
  seen.again = again.takenFrom;
  await again.release();
  return seen;
}

/** What Node's files answer; whose lock it is differs. */
async function expected() {
  const folder = mkdtempSync(join(tmpdir(), 'kindred-files-'));
  try {
    return comparable(await useFiles({ opened: { files: nodeFiles } }, folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** As a page gives it over; the words of a lock that is held name its owner. */
function comparable(seen: Record<string, unknown>): Record<string, unknown> {
  const [takenFrom, files, held] = seen.locked as [unknown, unknown, string];
  assert.match(held, /^UserError: ROOT\/run is in use by (another tab|process \d+)/);
  return JSON.parse(JSON.stringify({ ...seen, locked: [takenFrom, files] }));
}

testIf(chromium, missing, "a page's private files answer as Node's do", async () => {
  const tab = await profile.tab();
  assert.is(await tab.run(({ opened }) => opened.kind, 0), 'private');
  // What it answers is the browser's affair.
  const asked = "import('/internal.mjs').then(({ platform }) => platform.pageStorage.persist())";
  assert.type(await tab.page.evaluate(asked), 'boolean');
  const seen = await tab.run(useFiles, 'a/b');
  assert.equal(comparable(seen), await expected());
  await tab.page.close();
});

testIf(chromium, missing, 'a page that is refused private files keeps them in memory, alike', async () => {
  const tab = await profile.tab(
    "StorageManager.prototype.getDirectory = () => Promise.reject(new DOMException('no', 'SecurityError'))",
  );
  assert.equal(await tab.run(({ opened }) => [opened.kind, opened.persisted], 0), ['memory', false]);
  const seen = await tab.run(useFiles, 'a/b');
  assert.equal(comparable(seen), await expected());
  await tab.page.close();
});

testIf(chromium, missing, 'a real folder that may be written answers alike', async () => {
  const tab = await profile.tab();
  await tab.run(async ({ opened }) => {
    // Of the browser's own, but written as real ones are: by files that take others' places.
    const root = await navigator.storage.getDirectory();
    await opened.mount('real', await root.getDirectoryHandle('stands for a real one', { create: true }));
  }, 0);
  assert.equal(comparable(await tab.run(useFiles, 'real/b')), await expected());
  const held = await tab.run(async ({ opened: { files, unmount } }) => {
    const owner = { process: 7, host: 'elsewhere', started: null, token: 'x' };
    await files.writeAtomic('real/run.lock', JSON.stringify(owner));
    const problem = await files.lock('real').catch((error: Error) => error.message);
    unmount('real');
    return problem;
  }, 0);
  assert.match(held as string, /^real is in use by process 7 on elsewhere: /);
  await tab.page.close();
});

testIf(
  chromium,
  missing,
  'private files outlive a tab; a second tab sees what is taken, and what was left',
  async () => {
    const first = await profile.tab();
    await first.run(async ({ opened: { files, claim } }) => {
      await files.makeFolder('kept');
      await files.writeAtomic('kept/a.txt', 'from the first tab');
      await files.lock('kept');
      await claim('kept');
    }, 0);
    const second = await profile.tab();
    const seen = await second.run(async ({ opened: { files, claim } }) => {
      const held = await files.lock('kept').catch((error: Error) => error.message);
      const { own } = await claim('kept');
      return { held, own, text: new TextDecoder().decode(await files.read('kept/a.txt')) };
    }, 0);
    assert.equal(seen, {
      held: 'kept is in use by another tab: close it there, or open another folder',
      own: false,
      text: 'from the first tab',
    });
    await first.page.close();
    const after = await second.run(async ({ opened: { files, claim } }) => {
      const { takenFrom, release } = await files.lock('kept');
      await release();
      return { takenFrom, own: (await claim('kept', 'reload')).own, list: await files.list('kept') };
    }, 0);
    assert.equal(after, { takenFrom: 'a tab', own: true, list: ['a.txt'] });
    await second.page.close();
  },
);

test.run();
