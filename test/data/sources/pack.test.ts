import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { prepareRun } from '../../../src/app/jobs/prepare_run.ts';
import { silentReporter } from '../../../src/app/reporter.ts';
import { folderLabels } from '../../../src/data/labels/class_numbers.ts';
import { openStream } from '../../../src/data/sources/open_stream.ts';
import { nodeFiles } from '../../../src/platform/node_files.ts';
import { loadSet } from '../loaded_set.ts';
import { assertUserError, withFiles } from '../temporary.ts';

const files = nodeFiles;
const context = { files, reporter: silentReporter, command: [], versions: {} };

/** A picture of noise, so that no two are alike. */
const picture = (seed: number, width = 40, height = 40) => {
  const pixels = Uint8Array.from(
    { length: 3 * width * height },
    (_, i) => (i * 31 + seed * 101 + (i % seed)) % 256,
  );
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
};

/** Two classes, a name with a comma, a file that is no image, one that is cut, and one that stands there twice. */
async function folderOfImages(): Promise<Record<string, Uint8Array | string>> {
  const twice = await picture(7);
  return {
    'set/cat/a, "b".png': await picture(3),
    'set/cat/two.png': twice,
    'set/dog/again.png': twice,
    'set/dog/três.png': await picture(5, 60, 40),
    'set/dog/broken.png': (await picture(9)).subarray(0, 60),
    'set/dog/drawing.svg': '<svg/>',
  };
}

test('a pack gives the pixels, paths and folder labels of the folder that it was made of', async () => {
  await withFiles(await folderOfImages(), async (folder) => {
    const out = join(folder, 'pack');
    const packed = await prepareRun({ data: join(folder, 'set'), out, imageSize: 24 }, context);
    assert.is(packed.interrupted, false);
    const own = await loadSet(join(folder, 'set'), { files, imageSize: 24 });
    const set = await loadSet(`pack:${out}`, { files });
    assert.equal(set.paths, own.paths);
    assert.is(set.size, 24);
    assert.equal(set.pixels, own.pixels);
    assert.equal(set.unreadable, own.unreadable);
    const labels = folderLabels(await openStream(`pack:${out}`, { files }));
    assert.equal(labels.classes, ['cat', 'dog']);
    assert.equal([...labels.labels], [0, 0, 1, 1]);
  });
});

test('images that are the same file are told as such, and those that only look alike when shrunk are not', async () => {
  const flat = (level: number) => {
    const pixels = new Uint8Array(3 * 64 * 64).fill(90);
    // One pixel of 4,096 differs by less than what a square of 8 pixels shows.
    pixels[3 * 10] = level;
    return sharp(pixels, { raw: { width: 64, height: 64, channels: 3 } })
      .png()
      .toBuffer();
  };
  const content = { 'set/a.png': await flat(90), 'set/b.png': await flat(91), 'set/c.png': await flat(90) };
  await withFiles(content, async (folder) => {
    const out = join(folder, 'pack');
    await prepareRun({ data: join(folder, 'set'), out, imageSize: 8 }, context);
    const stream = await openStream(`pack:${out}`, { files });
    const pixels = new Uint8Array(3 * 3 * 64);
    await stream.read(Int32Array.of(0, 1, 2), pixels);
    assert.equal(pixels.subarray(0, 192), pixels.subarray(192, 384));
    const [a, b, c] = await stream.identify!(Int32Array.of(0, 1, 2));
    assert.is(a, c);
    assert.is.not(a, b);
  });
});

test('a set that knows its classes and its test part keeps both', async () => {
  await withFiles({}, async (folder) => {
    const out = join(folder, 'pack');
    await prepareRun({ data: 'demo', out, limit: 20, testLimit: 5 }, context);
    const own = await loadSet('demo', { files, limit: 20, testLimit: 5 });
    const set = await loadSet(`pack:${out}`, { files });
    assert.equal(set.classes, own.classes);
    assert.equal(set.labels, own.labels);
    assert.equal(set.partition, own.partition);
    assert.equal(set.pixels, own.pixels);
    const few = await openStream(`pack:${out}`, {
      files,
      limit: 4,
      keep: async () => new Set(own.paths.slice(0, 3)),
    });
    assert.ok(own.paths.slice(0, 3).every((path) => few.paths.includes(path)));
    // By default as many of the test part.
    assert.is(few.paths.length, 4 + 4);
    assert.is(few.omitted.length, 16 + 1);
    // In any order, twice, at another side.
    const target = new Uint8Array(3 * 3 * 16 * 16);
    await few.resized(16).read(Int32Array.of(7, 0, 7), target);
    assert.equal(target.subarray(0, 768), target.subarray(1536));
    assert.is.not(target.subarray(0, 768).join(), target.subarray(768, 1536).join());
  });
});

test('an abort leaves nothing, a folder that is there stays, and images that are all broken make no pack', async () => {
  await withFiles(
    { ...(await folderOfImages()), 'bad/x.png': 'no image', 'there/file': '' },
    async (folder) => {
      const stop = new AbortController();
      const reporter = { ...silentReporter, signal: stop.signal, progress: () => stop.abort() };
      const asked = { data: 'demo', limit: 600, out: join(folder, 'pack') };
      assert.equal(await prepareRun(asked, { ...context, reporter }), {
        interrupted: true,
        folder: asked.out,
      });
      assert.is(await files.stat(asked.out), undefined);
      const there = join(folder, 'there');
      await assertUserError(() => prepareRun({ ...asked, out: there }, context), /is there already/);
      const bad = { data: join(folder, 'bad'), out: asked.out };
      await assertUserError(() => prepareRun(bad, context), /no image|can be read|cannot be read/);
      assert.is(await files.stat(asked.out), undefined);
    },
  );
});

test('a pack that was cut, changed or is none is refused with what to do', async () => {
  await withFiles(await folderOfImages(), async (folder) => {
    const out = join(folder, 'pack');
    await prepareRun({ data: join(folder, 'set'), out, imageSize: 24 }, context);
    const open = () => openStream(`pack:${out}`, { files });
    const damages: readonly [string, (text: Buffer) => string | Uint8Array, RegExp][] = [
      [
        'pixels-00000.bin',
        (bytes) => bytes.subarray(1),
        /pixels-00000.bin has 6911 bytes, but 4 images .* 6912/,
      ],
      [
        'index.csv',
        (bytes) => String(bytes).split('\n').slice(0, -2).join('\n'),
        /has 3 images, but pack.json says 4/,
      ],
      ['index.csv', () => 'path,label\n', /does not begin with path,label,partition,identity/],
      ['pack.json', (bytes) => String(bytes).replace('"version": 1', '"version": 9'), /another version/],
      ['pack.json', (bytes) => String(bytes).replace('"side": 24', '"side": "x"'), /damaged at side/],
    ];
    for (const [name, damage, says] of damages) {
      const path = join(out, name);
      const whole = readFileSync(path);
      writeFileSync(path, damage(whole));
      await assertUserError(open, says);
      writeFileSync(path, whole);
    }
    await open();
    await assertUserError(() => openStream(`pack:${join(folder, 'set')}`, { files }), /holds no pack.json/);
  });
});

test.run();
