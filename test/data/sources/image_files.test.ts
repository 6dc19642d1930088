// Which files of a folder are images, and what is said of the others.
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findImages } from '../../../src/data/sources/image_files.ts';
import { nodeFiles as files } from '../../../src/platform/node_files.ts';
import fixture from '../../fixtures/image_files.json';
import dicom from '../../fixtures/images/dicom.json';
import { testIf } from '../../support.ts';
import { loadSet } from '../loaded_set.ts';
import { withFiles } from '../temporary.ts';

const written = (name: keyof typeof fixture.files) => Buffer.from(fixture.files[name].file, 'base64');
const solid = (red: number) =>
  sharp({ create: { width: 8, height: 8, channels: 3, background: { r: red, g: 20, b: 30 } } });

test('files without an ending, with unknown and with wrong ones are known by their content', async () => {
  const png = await solid(60).png().toBuffer();
  const content = {
    IMG_0001: await solid(10).jpeg().toBuffer(),
    'IMG.JPG_large': await solid(20).jpeg().toBuffer(),
    'UPPER.PNG': png,
    'wrong.gif': png,
    '1.2.840.113619.2': Buffer.from(dicom[0]!.file, 'base64'),
    'data.bin': 'numbers',
    README: 'words',
    'a.txt': 'words',
    'b.txt': png,
    'c.mp4': 'x',
    'd.NEF': 'x',
    'e.cr2': 'x',
    'f.CR2': 'x',
  };
  await withFiles(content, async (folder) => {
    const found = await findImages(files, folder, Object.keys(content).sort());
    assert.equal(
      found.images.map(({ path }) => path),
      ['1.2.840.113619.2', 'IMG.JPG_large', 'IMG_0001', 'UPPER.PNG', 'wrong.gif'],
    );
    assert.equal(found.leftOut, [
      '2 .txt',
      '2 raw photos (.cr2)',
      '1 .bin',
      '1 raw photo (.nef)',
      '1 video (.mp4)',
      '1 without an ending',
    ]);
    const set = await loadSet(folder, { files, imageSize: 8 });
    const reason = "raw photos (a camera's own format) are not read";
    assert.equal(
      set.unreadable,
      ['d.NEF', 'e.cr2', 'f.CR2'].map((path) => ({ path, reason })),
    );
  });
});

test('every page of a TIFF file is an image, each with its own pixels', async () => {
  const content = { 'a.tif': written('lzw.tif'), 'b/stack.tif': written('pages.tif') };
  await withFiles(content, async (folder) => {
    const set = await loadSet(folder, { files, imageSize: 9 });
    assert.equal(set.paths, ['a.tif', 'b/stack.tif#0', 'b/stack.tif#1', 'b/stack.tif#2']);
    assert.match(set.description, '4 images, some of them of 1 file of several');
    const means = [1, 2, 3]
      .map((image) => set.pixels.subarray(243 * image, 243 * image + 243))
      .map((pixels) => pixels.reduce((sum, value) => sum + value, 0) / 243);
    // The second page has half of the first one's numbers, the third one a third.
    assert.ok(
      Math.abs(means[0]! / means[1]! - 2) < 0.15 && Math.abs(means[0]! / means[2]! - 3) < 0.3,
      `${means}`,
    );
    const size = await files.imageSize(join(folder, 'b/stack.tif#2'));
    assert.equal(size, { width: fixture.width, height: fixture.height });
  });
});

test('only files whose ending says nothing are looked into', async () => {
  const names = [...Array.from({ length: 500 }, (_, i) => `${i}.jpg`), 'a.txt', 'b.tif', 'c'];
  const opened: string[] = [];
  const watched = {
    join: (...parts: string[]) => parts.join('/'),
    read: async () => new Uint8Array(),
    readSlice: async (path: string) => {
      opened.push(path);
      return new Uint8Array();
    },
  };
  await findImages(watched, 'x', names);
  assert.equal([...new Set(opened)].sort(), ['x/b.tif', 'x/c']);
});

const isRoot = process.getuid?.() === 0;

testIf(
  process.platform === 'linux' && isRoot,
  'only root can become somebody else',
  'folders and files that may not be read are passed over, with a line',
  async () => {
    const content = { 'a.png': await solid(5).png().toBuffer(), 'b.png': await solid(9).png().toBuffer() };
    await withFiles(content, async (folder) => {
      mkdirSync(join(folder, 'private'));
      chmodSync(folder, 0o755);
      chmodSync(join(folder, 'private'), 0o700);
      chmodSync(join(folder, 'b.png'), 0o600);
      process.seteuid!(65534);
      try {
        const set = await loadSet(folder, { files, imageSize: 8 });
        assert.equal(set.paths, ['a.png']);
        assert.equal(set.unreadable, [{ path: 'b.png', reason: 'may not be read' }]);
        assert.equal(set.notes, ['passed over: a folder that may not be read (private)']);
      } finally {
        process.seteuid!(0);
      }
    });
  },
);

test.run();
