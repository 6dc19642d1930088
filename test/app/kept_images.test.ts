import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { keptImages } from '../../src/app/inputs/kept_images.ts';
import { findLabels } from '../../src/app/inputs/known_labels.ts';
import { openRunImages } from '../../src/app/inputs/run_labels.ts';
import { silentReporter } from '../../src/app/reporter.ts';
import { assertUserError } from '../data/temporary.ts';
import { MemoryFiles } from '../memory_files.ts';

const images = Array.from({ length: 30 }, (_, at) => `i${String(at).padStart(2, '0')}.png`);

/** Files of images and of labels, a context that remembers what is said, and the images of a job on them. */
async function world(contents: Record<string, string>, paths: readonly string[] = images) {
  const files = new MemoryFiles();
  for (const path of paths) await files.writeAtomic(files.join('set', path), 'image');
  for (const [name, text] of Object.entries(contents)) await files.writeAtomic(name, text);
  const said: string[] = [];
  const reporter = { ...silentReporter, note: (text: unknown) => said.push(String(text)) };
  const context = { files, reporter, command: [], versions: {} };
  const open = (
    options: { limit?: number; labels?: string; labelsPerClass?: number },
    sources: Parameters<typeof keptImages>[2] = {},
  ) => {
    const all = { data: 'set', seed: 0, ...options };
    return openRunImages(files, all as never, undefined, keptImages(context, all, sources));
  };
  return { context, said, open };
}

const csv = (labelled: readonly string[]) =>
  `path,label\n${labelled.map((path, at) => `${path},${at % 2 ? 'x' : 'y'}\n`).join('')}`;

test('a limit keeps every labelled image and fills up with others', async () => {
  const { open, said, context } = await world({ 'l.csv': csv(images.slice(0, 8)) });
  const stream = await open({ limit: 12, labels: 'l.csv' });
  assert.is(stream.paths.length, 12);
  assert.ok(images.slice(0, 8).every((path) => stream.paths.includes(path)));
  assert.equal(said, []);
  const { given } = await findLabels(
    context,
    stream,
    { data: 'set', labels: 'l.csv' },
    { labelsRequired: true },
  );
  assert.is(given.filter((label) => label >= 0).length, 8);
});

test('the same labels, kept by a run, choose the same images; later ones come in beside them', async () => {
  const { open } = await world({ 'l.csv': csv(images.slice(0, 8)), 'more.csv': csv(images.slice(20, 24)) });
  const first = await open({ limit: 12, labels: 'l.csv' });
  const earlier = async () => images.slice(0, 8).map((path, at) => ({ path, label: at % 2 ? 'x' : 'y' }));
  assert.equal((await open({ limit: 12 }, { earlier })).paths, first.paths);
  const later = await open({ limit: 12 }, { earlier, added: 'more.csv' });
  assert.is(later.paths.length, 12);
  assert.ok([...images.slice(0, 8), ...images.slice(20, 24)].every((path) => later.paths.includes(path)));
});

test('a run from before labelled images were kept is resumed with the images that it had', async () => {
  const { open } = await world({ 'l.csv': csv(images.slice(0, 8)) });
  const old = await open({ limit: 12 });
  assert.equal((await open({ limit: 12, labels: 'l.csv' }, { keepsLabelled: false })).paths, old.paths);
});

test('a sample is taken of a set that is labelled whole, and of one whose labels are hidden', async () => {
  const { open, context, said } = await world({ 'l.csv': csv(images), 'some.csv': csv(images.slice(0, 20)) });
  const sample = await open({ limit: 12 });
  const whole = await open({ limit: 12, labels: 'l.csv' });
  assert.equal(whole.paths, sample.paths);
  assert.equal((await open({ limit: 12, labels: 'some.csv', labelsPerClass: 2 })).paths, sample.paths);
  await findLabels(context, whole, { data: 'set', labels: 'l.csv' }, { labelsRequired: true });
  assert.equal(said, ['labels: 18 of 30 labels do not count: 18 of images that limit leaves out']);
});

test('a limit that leaves nothing to be labelled is refused with what to do', async () => {
  const { open } = await world({ 'l.csv': csv(images.slice(0, 20)) });
  await assertUserError(
    () => open({ limit: 12, labels: 'l.csv' }),
    'limit 12 leaves no image to be labelled beside the 20 that have a label',
    'labelsPerClass',
  );
});

test('folders: classes that only skipped images have are named, parts are no classes', async () => {
  const paths = ['cat/1.png', 'dog/2.png', 'bird/3.svg', 'u.png'];
  const { open, context, said } = await world({}, paths);
  const stream = await open({ labels: 'folders' });
  const { known } = await findLabels(
    context,
    stream,
    { data: 'set', labels: 'folders' },
    { labelsRequired: true },
  );
  assert.equal(known.classes, ['cat', 'dog']);
  assert.match(
    said.join('\n'),
    /1 of 3 labels do not count: 1 of images that cannot be read, such as bird\/3\.svg \(SVG drawings are not read\)/,
  );
  assert.match(said.join('\n'), "the class 'bird' has no other and is not learned");
});

test('an encoding is told by the classes of the run, and said', async () => {
  const bytes = Uint8Array.from('path,label\ni00.png,K\u00e4fer\n', (letter) => letter.charCodeAt(0));
  const { open, context, said } = await world({});
  await context.files.writeAtomic('next.csv', bytes);
  const stream = await open({});
  const earlier = async () => [
    { path: 'i01.png', label: 'Käfer' },
    { path: 'i02.png', label: 'x' },
  ];
  const options = { data: 'set' };
  const found = await findLabels(context, stream, options, {
    labelsRequired: true,
    earlier,
    added: 'next.csv',
  });
  assert.equal(found.known.classes, ['Käfer', 'x']);
  assert.is(said[0], 'next.csv was read as Windows-1252, in which its names are known ones');
  await assertUserError(
    () => findLabels(context, stream, { data: 'set', labels: 'next.csv' }, { labelsRequired: true }),
    'next.csv, row 2 is not UTF-8 text',
  );
});

test.run();
