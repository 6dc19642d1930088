// What is left when a tab is closed, the storage full or a browser less able; and folders that people give.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withFiles } from '../data/temporary.ts';
import { testIf } from '../support.ts';
import { findChromium } from './chromium.ts';
import { openProfile, type Profile, type Tab } from './profile.ts';

const chromium = findChromium();
const missing = 'no chromium or google-chrome on PATH';

let profile: Profile;
let tab: Tab;
test.before(async () => {
  if (!chromium) return;
  profile = await openProfile(chromium);
  tab = await profile.tab();
});
test.after(() => profile?.close());

testIf(
  chromium,
  missing,
  'a tab that is closed while it writes leaves the old file, and no folder',
  async () => {
    const writer = await profile.tab();
    await writer.run(async ({ opened: { files } }) => {
      await files.makeFolder('torn');
      await files.writeAtomic('torn/a.txt', 'old');
      // Hangs in the middle of a folder, and behind the first blocks of a file.
      files.writeFolder('torn/folder', async (folder) => {
        await folder.write('x.txt', 'x');
        await new Promise(() => {});
      });
      function* endless() {
        for (let i = 0; i < 30; i++) yield 'x'.repeat(1e5);
        for (;;);
      }
      setTimeout(() => files.writeAtomic('torn/a.txt', endless()), 200);
    }, 0);
    await writer.page.waitForTimeout(500);
    await writer.page.close();
    const other = await profile.tab();
    const seen = await other.run(async ({ opened: { files, claim } }) => {
      const text = new TextDecoder().decode(await files.read('torn/a.txt'));
      return [
        text,
        await files.list('torn'),
        (await files.list('')).filter((path) => /^[.]/.test(path)),
        claim.length,
      ];
    }, 0);
    assert.equal(seen.slice(0, 3), ['old', ['a.txt'], []]);
    await other.page.close();
  },
);

testIf(
  chromium,
  missing,
  'a folder that was ready when its tab was closed is there, whole, for the next',
  async () => {
    const writer = await profile.tab(`
    const move = FileSystemFileHandle.prototype.move;
    let left = 3;
    FileSystemFileHandle.prototype.move = function (...to) {
      return left-- > 0 ? move.apply(this, to) : new Promise(() => {});
    }`);
    await writer.run(async ({ opened: { files } }) => {
      files.writeFolder('ready/made', async (folder) => {
        for (let i = 0; i < 5; i++) await folder.write(`part${i % 2}/${i}.txt`, `${i}`);
      });
      while ((await files.list('').catch(() => [])).filter((path) => path.startsWith('ready/')).length < 2)
        await new Promise((resolve) => setTimeout(resolve, 10));
    }, 0);
    await writer.page.close();
    const other = await profile.tab();
    const list = await other.run(({ opened }) => opened.files.list('ready/made'), 0);
    assert.equal(list, ['part0/0.txt', 'part0/2.txt', 'part0/4.txt', 'part1/1.txt', 'part1/3.txt']);
    await other.page.close();
  },
);

testIf(chromium, missing, 'full storage is told in one sentence, and keeps what was there', async () => {
  const session = await profile.context.newCDPSession(tab.page);
  const used = await tab.page.evaluate(async () => (await navigator.storage.estimate()).usage!);
  const limit = (quotaSize?: number) =>
    session.send('Storage.overrideQuotaForOrigin', {
      origin: profile.origin,
      ...(quotaSize && { quotaSize }),
    });
  await tab.run(({ opened: { files } }) => files.writeAtomic('kept.txt', 'old'), 0);
  await limit(used + (8 << 20));
  const seen = await tab.run(async ({ opened: { files } }) => {
    const problem = (work: Promise<unknown>) =>
      work.catch((error: Error) => `${error.name}: ${error.message}`);
    const large = new Uint8Array(16 << 20);
    await files.append('log.txt', 'first line\n');
    const problems = [
      await problem(files.writeAtomic('kept.txt', large)),
      await problem(files.append('log.txt', 'x'.repeat(16 << 20))),
      await problem(files.writeFolder('full', (folder) => folder.write('a', large))),
    ];
    const text = async (path: string) => new TextDecoder().decode(await files.read(path));
    return {
      problems,
      kept: await text('kept.txt'),
      log: await text('log.txt'),
      full: await files.stat('full'),
    };
  }, 0);
  await limit();
  const sentence = (path: string) =>
    `UserError: ${path} cannot be written, since the browser gives this page no more space: take sessions home and delete them here, or free space on the disk`;
  assert.equal(seen, {
    problems: [sentence('kept.txt'), sentence('log.txt'), sentence('full')],
    kept: 'old',
    log: 'first line\n',
    full: undefined,
  });
});

testIf(
  chromium,
  missing,
  'browsers that cannot move files, or not write at once, keep files alike',
  async () => {
    const unable = {
      'cannot move': 'delete FileSystemFileHandle.prototype.move',
      'cannot write at once': 'delete FileSystemFileHandle.prototype.createSyncAccessHandle',
      'can do neither': `delete FileSystemFileHandle.prototype.move;
      delete FileSystemFileHandle.prototype.createSyncAccessHandle`,
    };
    for (const [name, before] of Object.entries(unable)) {
      const other = await profile.tab(before);
      const seen = await other.run(async ({ opened: { files, kind } }) => {
        const text = async (path: string) => new TextDecoder().decode(await files.read(path));
        await files.makeFolder('unable');
        for (const word of ['first', 'second']) await files.writeAtomic('unable/a.txt', word);
        for (const word of ['1', '2']) await files.append('unable/b.txt', word);
        await files.writeFolder('unable/made', (folder) => folder.write('c.txt', 'c'));
        return [kind, await files.list('unable'), await text('unable/a.txt'), await text('unable/b.txt')];
      }, 0);
      assert.equal(seen, ['private', ['a.txt', 'b.txt', 'made/c.txt'], 'second', '12'], name);
      await other.run(({ opened }) => opened.remove('unable'), 0);
      await other.page.close();
    }
  },
);

testIf(
  chromium,
  missing,
  'two thousand small files and one of 200 MB are written, listed and read',
  async () => {
    const seen = await tab.run(async ({ opened: { files, remove, blob } }) => {
      const times: Record<string, number> = {};
      const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
        const start = performance.now();
        const result = await work();
        times[name] = Math.round(performance.now() - start);
        return result;
      };
      const small = new Uint8Array(3000).fill(7);
      await timed('2,000 files of 3 kB in a folder', () =>
        files.writeFolder('many', async (folder) => {
          for (let i = 0; i < 2000; i += 20)
            await Promise.all(Array.from({ length: 20 }, (_, j) => folder.write(`${i % 7}/${i + j}`, small)));
        }),
      );
      const list = await timed('listing them', () => files.list('many'));
      const block = new Uint8Array(200 << 20);
      block.fill(9, -5);
      await timed('one file of 200 MB', () => files.writeAtomic('large', block));
      const end = await timed('its last bytes', () => files.readSlice('large', block.length - 5, 100));
      await timed('100 slices of 3 kB', async () => {
        for (let i = 0; i < 100; i++) await files.readSlice('large', i << 20, 3000);
      });
      const { size } = await blob('large');
      await remove('many');
      await remove('large');
      const left = [await files.stat('many'), await files.stat('large')];
      return { times, files: list.length, first: list[0], end: [...end], size, left };
    }, 0);
    const { times, ...rest } = seen;
    console.log(
      Object.entries(times)
        .map(([name, ms]) => `${name}: ${ms} ms`)
        .join(', '),
    );
    const end = [9, 9, 9, 9, 9];
    assert.equal(rest, { files: 2000, first: '0/0', end, size: 200 << 20, left: [undefined, undefined] });
  },
);

testIf(chromium, missing, 'files that were given are a folder to read, among the own ones', async () => {
  const seen = await tab.run(async ({ opened: { files, mount, unmount, remove } }) => {
    const problem = (work: Promise<unknown>) =>
      work.then(
        () => 'no error',
        (error: Error) => `${error.name}: ${error.message}`,
      );
    await files.makeFolder('own');
    await files.writeAtomic('own/a.txt', 'a');
    await mount('own/given', [
      { path: 'cats/1.png', file: new Blob(['one']) },
      { path: 'b.txt', file: new File(['two'], 'elsewhere.txt') },
    ]);
    const found = {
      list: await files.list('own'),
      inside: await files.list('own/given'),
      kinds: [await files.stat('own/given/cats'), await files.stat('own/given/b.txt')],
      text: new TextDecoder().decode(await files.readSlice('own/given/cats/1.png', 1, 9)),
      problems: [
        await problem(files.writeAtomic('own/given/b.txt', 'x')),
        await problem(files.read('own/given/c.txt')),
        await problem(mount('own/given', [])),
        await problem(remove('own/given')),
        await problem(files.decodeImage('own/given/cats/1.png', 8)),
        await problem(files.decodeImage('own/given/none.png', 8)),
      ],
    };
    await files.writeFolder('own/copies', (folder) => folder.copy('1.png', 'own/given/cats/1.png'));
    unmount('own/given');
    return { ...found, after: await files.list('own') };
  }, 0);
  assert.equal(seen, {
    list: ['a.txt', 'given/b.txt', 'given/cats/1.png'],
    inside: ['b.txt', 'cats/1.png'],
    kinds: [
      { kind: 'folder', bytes: 0 },
      { kind: 'file', bytes: 3 },
    ],
    text: 'ne',
    problems: [
      'UserError: own/given/b.txt can only be read: it was given as single files',
      'UserError: own/given/c.txt does not exist',
      'UserError: "own/given" is taken: name another place',
      "UserError: own/given is not the page's own: it is not deleted",
      'Error: not an image',
      'Error: no such file',
    ],
    after: ['a.txt', 'copies/1.png'],
  });
});

testIf(
  chromium,
  missing,
  'a real folder that was dropped is read; to write into it one has to allow it',
  async () => {
    await withFiles({ 'a.txt': 'hello', 'sub/b.txt': 'deep', 'half.crswap': 'x' }, async (folder) => {
      await tab.drop(folder, 'real');
      const seen = await tab.run(async ({ opened: { files, unmount } }) => {
        const problem = (work: Promise<unknown>) =>
          work.catch((error: Error) => `${error.name}: ${error.message}`);
        const found = {
          list: await files.list('real'),
          text: new TextDecoder().decode(await files.read('real/sub/b.txt')),
          problems: [
            await problem(files.writeAtomic('real/a.txt', 'x')),
            await problem(files.append('real/a.txt', 'x')),
            await problem(files.writeFolder('real/new', (into) => into.write('x', 'x'))),
          ],
          again: new TextDecoder().decode(await files.read('real/a.txt')),
        };
        unmount('real');
        return found;
      }, 0);
      const sentence = (path: string) =>
        `UserError: The browser does not let this page use ${path} at this time: click Continue and allow it`;
      assert.equal(seen, {
        list: ['a.txt', 'sub/b.txt'],
        text: 'deep',
        problems: [sentence('real/a.txt'), sentence('real/a.txt'), sentence('real/new')],
        again: 'hello',
      });
    });
  },
);

test.run();
