import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openStream } from '../../../src/data/sources/open_stream.ts';
import { UserError } from '../../../src/errors.ts';
import { nodeFiles } from '../../../src/platform/node_files.ts';
import { assertUserError, withFiles } from '../temporary.ts';
import { arrayFile, classNumbers, greyImages, imagesIn, rgbImages } from './image_arrays.ts';

type Name = Parameters<typeof arrayFile>[0];

const withSet = (name: Name, body: (spec: string) => Promise<void>): Promise<void> =>
  withFiles({ [name]: arrayFile(name) }, (folder) => body(`hdf5:${folder}/${name}`));
const open = (spec: string) => openStream(spec, { files: nodeFiles });

test('x and y are images and labels, whatever chunks, filters and byte order they were written with', async () => {
  for (const name of ['plain.h5', 'gzip.h5'] as const)
    await withSet(name, async (spec) => {
      const stream = await open(spec);
      assert.equal(await imagesIn(stream), rgbImages, name);
      assert.equal([...stream.labels], classNumbers, name);
      assert.equal(stream.classes, ['0', '2', '5']);
    });
  await withSet('latest.h5', async (spec) => {
    const stream = await open(spec);
    assert.equal(await imagesIn(stream), greyImages);
    assert.equal([...stream.labels], classNumbers);
  });
});

test('groups are the parts of a set, with the classes’ names beside; links elsewhere are passed over', () =>
  withSet('groups.h5', async (spec) => {
    const stream = await open(spec);
    assert.equal(stream.partition, ['train', 'train', 'train', 'train', 'test', 'test']);
    assert.equal(stream.paths[4], 'test/images#0');
    assert.equal(stream.classes, ['a', 'b', 'c', 'd', 'e', 'é']);
    assert.equal([...stream.labels], [0, 2, 2, 0, 5, 5]);
    assert.equal(await imagesIn(stream), greyImages);
  }));

test('labels may lie in a file beside that ends in _y', async () => {
  const content = arrayFile('plain.h5');
  await withFiles({ 'only_x.h5': content }, async (folder) => {
    assert.equal([...(await open(`hdf5:${folder}/only_x.h5`)).labels], classNumbers);
  });
});

test('a filter that is not undone is named and refused, not read as noise', () =>
  withSet('lzf.h5', (spec) =>
    assertUserError(() => open(spec), 'lzf', 'x is packed by the filter lzf', 'gzip'),
  ));

test('images of sixteen bits, other files and files that are cut off are refused', async () => {
  await withSet('big_endian.h5', (spec) => assertUserError(() => open(spec), 'x is uint16', 'uint8'));
  await withFiles(
    { 'a.h5': 'no HDF5', 'b.h5': arrayFile('gzip.h5').subarray(0, 1000), 'c.h5': new Uint8Array() },
    async (folder) => {
      for (const name of ['a.h5', 'b.h5', 'c.h5'])
        await assertUserError(() => open(`hdf5:${folder}/${name}`), name, 'HDF5 file');
      await assertUserError(() => open(`${folder}/a.h5`), `hdf5:${folder}/a.h5`);
    },
  );
});

test('2,000 damaged files are read or refused in a sentence, and of whole ones behind them few stay open', async () => {
  const names = ['plain.h5', 'gzip.h5', 'latest.h5', 'groups.h5'] as const;
  const originals = names.map(arrayFile);
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
  await withFiles({}, async (folder) => {
    const path = join(folder, 'damaged.h5');
    await fc.assert(
      fc.asyncProperty(fc.nat(names.length - 1), damage, fc.option(fc.nat()), async (which, changes, end) => {
        const bytes = originals[which]!.slice();
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        // A file of its own each time: HDF5 takes one that it could not close for the same one, whatever it holds by then.
        rmSync(path, { force: true });
        writeFileSync(path, end === null ? bytes : bytes.subarray(0, end % bytes.length));
        try {
          const stream = await open(`hdf5:${path}`);
          assert.ok(stream.paths.length * stream.size ** 2 <= 1032 * bytes.length);
          const numbers = Int32Array.from(stream.paths.keys());
          await stream.read(numbers, new Uint8Array(3 * numbers.length * stream.size ** 2));
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          assert.not.match(error.message, '\n');
        }
      }),
      { numRuns: 2000, seed: 1 },
    );
    // The library leaves files open on which it failed.
    const openFiles = () => (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0);
    const before = openFiles();
    for (let number = 0; number < 40; number++) {
      const whole = join(folder, `${number}.h5`);
      writeFileSync(whole, originals[0]!);
      assert.equal(await imagesIn(await open(`hdf5:${whole}`)), rgbImages);
    }
    assert.ok(openFiles() < before + 12, `${openFiles()} behind ${before}`);
  });
});

test.run();
