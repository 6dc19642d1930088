import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseFiles } from '../../../src/data/sources/choose_files.ts';
import { openStream } from '../../../src/data/sources/open_stream.ts';
import { describeSystemFolders, systemPart } from '../../../src/data/sources/system_folders.ts';
import { nodeFiles } from '../../../src/platform/node_files.ts';
import type { Files } from '../../../src/platform/platform.ts';
import { chooseAscending, Random, streams } from '../../../src/random.ts';

const never = () => false;
const none = new Set<string>();
const found = Array.from({ length: 40 }, (_, at) => `i${String(at).padStart(2, '0')}.png`);
const choose = (limit: number, kept: ReadonlySet<string> = none) =>
  chooseFiles(found, { limit, seed: 3, kept, isHeldOut: never });

test('without labels a limit chooses as it always did: the first of a seeded shuffle', () => {
  const before = chooseAscending(40, 12, new Random(3, streams.limit));
  assert.equal(
    choose(12),
    Array.from(before, (at) => found[at]!),
  );
});

test('kept files are chosen first, the others fill up, and a later label changes one file at most', () => {
  const names = fc.uniqueArray(fc.constantFrom(...found), { maxLength: 10 });
  fc.assert(
    fc.property(names, fc.constantFrom(...found), fc.integer({ min: 11, max: 40 }), (kept, later, limit) => {
      const chosen = choose(limit, new Set(kept));
      assert.is(chosen.length, limit);
      assert.ok(kept.every((path) => chosen.includes(path)));
      assert.equal([...chosen].sort(), chosen);
      const then = choose(limit, new Set([...kept, later]));
      const gone = chosen.filter((path) => !then.includes(path));
      assert.is(gone.length, chosen.includes(later) ? 0 : 1);
      assert.ok(gone.every((path) => !kept.includes(path)));
    }),
    { numRuns: 1000, seed: 1 },
  );
});

test('more kept files than the limit stay, all of them', () => {
  assert.equal(choose(3, new Set(found.slice(0, 5))), found.slice(0, 5));
});

test('held-out files have a limit of their own', () => {
  const isHeldOut = (path: string) => path < 'i20';
  const chosen = chooseFiles(found, { limit: 10, testLimit: 5, seed: 0, kept: none, isHeldOut });
  assert.equal([chosen.filter(isHeldOut).length, chosen.length], [5, 15]);
});

test('folders that systems make are told from those of people, wherever they lie', () => {
  for (const path of [
    '@eaDir/a.jpg',
    'cat/@eaDir/a.jpg/SYNOPHOTO_THUMB_M.jpg',
    '#recycle/a.jpg',
    '__MACOSX/cat/._a.jpg',
    'lost+found/a.jpg',
    '$RECYCLE.BIN/S-1-5/$R1.jpg',
    '$Recycle.Bin/a.jpg',
    'System Volume Information/a.jpg',
    '@Recycle/a.jpg',
    'cat/.thumbnails/a.jpg',
    '.hidden.jpg',
    'Thumbs/a.jpg',
  ])
    assert.ok(systemPart(path), path);
  for (const path of ['cat/a.jpg', 'recycle/a.jpg', 'lost/found/a.jpg', 'a@eaDir/b.jpg', 'system/a.jpg'])
    assert.is(systemPart(path), undefined, path);
  const said = describeSystemFolders(['a.jpg', '@eaDir/b.jpg', '#recycle/c.jpg', '.git/d.jpg']);
  assert.is(said, ', 2 files in folders of the system (@eaDir, #recycle) left out');
  assert.is(describeSystemFolders(['a.jpg', '.git/d.jpg']), '');
});

test('a folder lists neither, holds out the test part of labelled sub-folders, and asks what to keep where it must', async () => {
  const names = [
    'train/cat/1.png',
    'train/dog/2.png',
    'test/cat/3.png',
    'test/4.png',
    '@eaDir/5.png',
    '.x/6.png',
  ];
  const files: Files = {
    ...nodeFiles,
    stat: async () => ({ kind: 'folder', bytes: 0 }),
    list: async () => [...names].sort(),
  };
  const plain = await openStream('set', { files });
  assert.equal([...plain.paths].sort(), names.slice(0, 4).sort());
  assert.ok(plain.partition.every((part) => part === 'train'));
  assert.is(plain.description, 'folder: 4 images, 1 file in folders of the system (@eaDir) left out');
  const labelled = await openStream('set', { files, labelledByFolders: true });
  assert.equal(
    labelled.paths.filter((_, image) => labelled.partition[image] === 'test'),
    ['test/cat/3.png'],
  );
  let asked = 0;
  const keep = async (images: { readonly paths: readonly string[] }) => {
    asked++;
    assert.is(images.paths.length, 4);
    return new Set(['test/4.png']);
  };
  const cut = await openStream('set', { files, limit: 2, keep });
  assert.is(asked, 1);
  assert.ok(cut.paths.includes('test/4.png') && cut.paths.length === 2 && cut.omitted.length === 2);
  await openStream('set', { files, limit: 4, keep });
  assert.is(asked, 1);
});

test.run();
