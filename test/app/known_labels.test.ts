import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findLabels, requireLabelsFile } from '../../src/app/inputs/known_labels.ts';
import { silentReporter } from '../../src/app/reporter.ts';
import { hideLabels } from '../../src/data/labels/hidden_labels.ts';
import type { ImageStream } from '../../src/data/sources/image_stream.ts';
import { openStream } from '../../src/data/sources/open_stream.ts';
import type { Sentence } from '../../src/errors.ts';
import { assertUserError } from '../data/temporary.ts';
import { MemoryFiles } from '../memory_files.ts';

const files = new MemoryFiles();
const context = { files, reporter: silentReporter, command: [], versions: {} };

test('the demo shows forty labels a class, or as many as its smallest class has', async () => {
  for (const [limit, most] of [
    [600, 40],
    [60, 10],
  ] as const) {
    const stream = await openStream('demo', { files, limit, testLimit: 0 });
    const { known, perClass } = await findLabels(
      context,
      stream,
      { data: 'demo' },
      { labelsRequired: false },
    );
    assert.ok(perClass! >= 1 && perClass! <= most, `${limit} images: ${perClass}`);
    if (limit === 600) assert.is(perClass, 40);
    assert.not.throws(() => hideLabels(known, perClass!, 0));
  }
});

test('a number of labels that the user asks for stays, whatever the demo has', async () => {
  const stream = await openStream('demo', { files, limit: 60, testLimit: 0 });
  const options = { data: 'demo', labelsPerClass: 10 };
  assert.is((await findLabels(context, stream, options, { labelsRequired: false })).perClass, 10);
});

/** Six images in a folder, whose files are never opened. */
async function openPhotos(): Promise<ImageStream> {
  const photos = new MemoryFiles();
  for (let i = 0; i < 6; i++) photos.content.set(`photos/${i}.jpg`, new Uint8Array(1));
  return openStream('photos', { files: photos });
}

/** The classes that a labels setting gives to six images, and what was said of it. */
async function foundIn(labels: string): Promise<{ found: string[]; notes: string[] }> {
  const notes: string[] = [];
  const reporter = { ...silentReporter, note: (text: string | Sentence) => void notes.push(String(text)) };
  const stream = await openPhotos();
  await requireLabelsFile(context, labels);
  const { known } = await findLabels(
    { ...context, reporter },
    stream,
    { data: 'photos', labels },
    { labelsRequired: true },
  );
  return { found: Array.from(known.labels, (label) => known.classes[label] ?? ''), notes };
}

const write = (path: string, text: string) => files.content.set(path, new TextEncoder().encode(text));

test('a file of labels is read by what it holds, whatever its name ends in', async () => {
  const rows = [0, 1, 2].map((i) => ({ path: `${i}.jpg`, label: i < 2 ? 'cat' : 'dog' }));
  write('labels.txt', rows.map((row) => JSON.stringify(row)).join('\n'));
  write('labels.csv', JSON.stringify(rows));
  write('labels.json', `path,label\n${rows.map(({ path, label }) => `${path},${label}`).join('\n')}\n`);
  for (const name of ['labels.txt', 'labels.csv', 'labels.json'])
    assert.equal((await foundIn(name)).found, ['cat', 'cat', 'dog', '', '', ''], name);
  assert.match((await foundIn('labels.txt')).notes.join('\n'), 'labels: 3 taken from labels.txt');
});

test('a folder of Pascal VOC’s annotations is one set of labels; a folder without any is refused', async () => {
  for (const [i, name] of ['cat', 'dog', 'cat'].entries()) {
    const object = `<object><name>${name}</name></object>`;
    write(`voc/Annotations/${i}.xml`, `<annotation><filename>${i}.jpg</filename>${object}</annotation>`);
  }
  const { found, notes } = await foundIn('voc');
  assert.equal(found, ['cat', 'dog', 'cat', '', '', '']);
  assert.match(notes.join('\n'), '3 taken from voc (Pascal VOC)');
  write('empty/readme.txt', '');
  await assertUserError(() => foundIn('empty'), 'empty is a folder without XML files of annotations');
  await assertUserError(() => foundIn('nothing.json'), 'nothing.json does not exist');
});

test.run();
