import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeFiles } from '../../src/platform/node_files.ts';
import { assertUserError, withFiles } from '../data/temporary.ts';

const tree = (folder: string) => (readdirSync(folder, { recursive: true }) as string[]).sort();

test('text in pieces is written whole and in order, across the pieces that go to the system at once', async () => {
  await withFiles({}, async (folder) => {
    const path = join(folder, 'rows.txt');
    const rows = Array.from({ length: 30_000 }, (_, i) => `row ${i}, é ✓ 🙂\n`);
    await nodeFiles.writeAtomic(path, rows.values());
    assert.is(readFileSync(path, 'utf8'), rows.join(''));
    assert.equal(tree(folder), ['rows.txt']);
    await nodeFiles.writeAtomic(path, [].values());
    assert.is(readFileSync(path, 'utf8'), '');
  });
});

test('when the pieces fail half-way the old file stays and no other', async () => {
  await withFiles({ 'rows.txt': 'old' }, async (folder) => {
    function* broken() {
      yield 'x'.repeat(100_000);
      throw new Error('broken');
    }
    const refused = await nodeFiles.writeAtomic(join(folder, 'rows.txt'), broken()).catch(String);
    assert.match(String(refused), 'broken');
    assert.is(readFileSync(join(folder, 'rows.txt'), 'utf8'), 'old');
    assert.equal(tree(folder), ['rows.txt']);
    const aFolder = await nodeFiles.writeAtomic(folder, broken()).catch(String);
    assert.match(String(aFolder), 'EISDIR');
  });
});

test('a new folder appears with all that was put into it: text, copies, links', async () => {
  await withFiles({ 'a.png': 'picture' }, async (folder) => {
    const from = join(folder, 'a.png');
    await nodeFiles.writeFolder(join(folder, 'made', 'out'), async (out) => {
      await out.write('deep/er/text.txt', ['one ', 'two']);
      await out.write('bytes', Uint8Array.of(1, 2));
      await out.copy('copy.png', from);
      await out.link('images/link.png', from);
      assert.not(readdirSync(join(folder, 'made')).includes('out'));
    });
    const out = join(folder, 'made', 'out');
    assert.equal(tree(join(folder, 'made')), [
      'out',
      'out/bytes',
      'out/copy.png',
      'out/deep',
      'out/deep/er',
      'out/deep/er/text.txt',
      'out/images',
      'out/images/link.png',
    ]);
    assert.is(readFileSync(join(out, 'deep/er/text.txt'), 'utf8'), 'one two');
    assert.is(readFileSync(join(out, 'copy.png'), 'utf8'), 'picture');
    assert.not(lstatSync(join(out, 'copy.png')).isSymbolicLink());
    assert.is(readlinkSync(join(out, 'images/link.png')), realpathSync(from));
  });
});

test('a folder that cannot be filled leaves no trace, not even of the folders above it', async () => {
  await withFiles({ 'a.png': '' }, async (folder) => {
    const fill = async (out: Parameters<Parameters<typeof nodeFiles.writeFolder>[1]>[0]) => {
      await out.write('first.txt', 'text');
      await out.copy('a.png', join(folder, 'none.png'));
    };
    await assertUserError(
      () => nodeFiles.writeFolder(join(folder, 'x/y/out'), fill),
      'none.png does not exist',
    );
    assert.equal(tree(folder), ['a.png']);
    mkdirSync(join(folder, 'empty'));
    await assertUserError(
      () => nodeFiles.writeFolder(join(folder, 'empty'), fill),
      'none.png does not exist',
    );
    assert.equal(tree(folder), ['a.png', 'empty']);
  });
});

test('an empty folder is taken, also behind a link; anything else at the place is refused untouched', async () => {
  await withFiles({ 'full/mine.txt': 'mine', 'file.txt': 'mine' }, async (folder) => {
    const at = (name: string) => join(folder, name);
    const write = (name: string) => nodeFiles.writeFolder(at(name), (out) => out.write('a.txt', 'a'));
    mkdirSync(at('empty'));
    await write('empty');
    assert.equal(readdirSync(at('empty')), ['a.txt']);
    mkdirSync(at('real'));
    symlinkSync(at('real'), at('linked'));
    await write('linked');
    assert.equal(readdirSync(at('real')), ['a.txt']);
    assert.ok(lstatSync(at('linked')).isSymbolicLink());
    symlinkSync(at('nowhere'), at('dangling'));
    const before = tree(folder);
    await assertUserError(() => write('full'), 'full exists and is not empty: name another folder');
    await assertUserError(() => write('file.txt'), 'file.txt is a file: name a folder');
    await assertUserError(() => write('file.txt/out'), 'lies below a file');
    await assertUserError(() => write('dangling'), 'does not exist');
    assert.equal(tree(folder), before);
  });
});

test('no name leads outside the new folder or takes the place of another', async () => {
  await withFiles({ 'a.png': 'picture' }, async (folder) => {
    const names = ['../x', 'a/../../x', '/x', 'a//b', './x', '', '..', 'a\\b', 'a\0', join(folder, 'x')];
    for (const name of names) {
      for (const way of ['write', 'copy', 'link'] as const) {
        const made = nodeFiles.writeFolder(join(folder, 'out'), (out) =>
          out[way](name, join(folder, 'a.png')),
        );
        assert.match(String(await made.catch(String)), 'is no name inside the new folder', `${way} ${name}`);
      }
    }
    for (const way of ['write', 'copy', 'link'] as const) {
      const made = nodeFiles.writeFolder(join(folder, 'out'), async (out) => {
        await out.link('taken', join(folder, 'a.png'));
        await out[way]('taken', join(folder, 'a.png'));
      });
      assert.match(String(await made.catch(String)), 'EEXIST', way);
    }
    assert.is(readFileSync(join(folder, 'a.png'), 'utf8'), 'picture');
    assert.equal(tree(folder), ['a.png']);
  });
});

/** Runs the body with a disk of 256 KB, which only root can make; where it cannot be made the test says so. */
async function onSmallDisk(body: (disk: string) => Promise<void>): Promise<void> {
  await withFiles({}, async (folder) => {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder], { stdio: 'ignore' });
    } catch {
      console.log('SKIPPED the full disk: no file system can be mounted here');
      return;
    }
    try {
      await body(folder);
    } finally {
      execFileSync('umount', ['-l', folder]);
    }
  });
}

test('a full disk is one sentence, and every earlier file stays as it was', async () => {
  await onSmallDisk(async (disk) => {
    const path = join(disk, 'labels.csv');
    writeFileSync(path, 'old');
    const large = 'x'.repeat(1 << 20);
    const says = ['the disk is full', 'free some space'];
    await assertUserError(() => nodeFiles.writeAtomic(path, large), 'labels.csv cannot be written', ...says);
    await assertUserError(() => nodeFiles.writeAtomic(path, [large, large].values()), ...says);
    await assertUserError(
      () =>
        nodeFiles.writeFolder(join(disk, 'out'), async (out) => {
          await out.write('a.txt', 'small');
          await out.write('b.txt', large);
        }),
      'out cannot be written',
      ...says,
    );
    assert.is(readFileSync(path, 'utf8'), 'old');
    assert.equal(tree(disk), ['labels.csv']);
    await nodeFiles.writeAtomic(path, 'new');
    assert.is(readFileSync(path, 'utf8'), 'new');
    await assertUserError(() => nodeFiles.append(path, large), ...says);
  });
});

test('a folder is made with those above it, and stays where it is there', async () => {
  await withFiles({ 'file.txt': 'mine' }, async (folder) => {
    const path = join(folder, 'a', 'b', 'c');
    await Promise.all([nodeFiles.makeFolder(path), nodeFiles.makeFolder(path), nodeFiles.makeFolder('.')]);
    assert.equal(tree(folder), ['a', 'a/b', 'a/b/c', 'file.txt']);
    assert.match(String(await nodeFiles.makeFolder(join(folder, 'file.txt')).catch(String)), 'EEXIST');
  });
});

test.run();
