import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ImageStream } from '../../../src/data/sources/image_stream.ts';
import { openStream } from '../../../src/data/sources/open_stream.ts';
import { UserError } from '../../../src/errors.ts';
import { MemoryFiles } from '../../memory_files.ts';
import { assertUserError } from '../temporary.ts';
import { arrayFile, classNumbers, greyImages, imagesIn, rgbImages } from './image_arrays.ts';

const files = new MemoryFiles();
const open = (name: Parameters<typeof arrayFile>[0], options: object = {}): Promise<ImageStream> => {
  files.content.set(`sets/${name}`, arrayFile(name));
  return openStream(`npz:sets/${name}`, { files, ...options });
};

test('MedMNIST’s arrays are read, deflated or stored: test is held out, validation is trained on', async () => {
  for (const name of ['medmnist.npz', 'stored.npz'] as const) {
    const stream = await open(name);
    assert.equal(stream.paths, [
      ...['train_images#0', 'train_images#1', 'val_images#0', 'val_images#1'],
      ...['test_images#0', 'test_images#1'],
    ]);
    assert.equal(stream.partition, ['train', 'train', 'train', 'train', 'test', 'test']);
    assert.equal(stream.classes, ['0', '2', '5']);
    assert.equal([...stream.labels], classNumbers);
    assert.is(stream.size, 5);
    assert.equal(await imagesIn(stream), greyImages);
    assert.is(
      stream.description,
      `${name}: 4 training images of 5×5 grey pixels from train_images and val_images (validation counts as training), 2 test images`,
    );
  }
});

test('Keras’ names, nameless arrays and planes in front of rows give the same images', async () => {
  const keras = await open('keras.npz');
  assert.equal(keras.partition, ['train', 'train', 'train', 'train', 'test', 'test']);
  for (const stream of [keras, await open('unnamed.npz'), await open('planes.npz')]) {
    assert.equal(await imagesIn(stream), rgbImages);
    assert.equal([...stream.labels], classNumbers);
  }
});

test('classes bear the names that the file has for them; −1 and empty texts are no label', async () => {
  const named = await open('named.npz');
  assert.equal(named.classes, ['no', 'yes', 'été']);
  assert.equal([...named.labels], [0, 1, 1, 0, 2, -1]);
  const text = await open('text.npz');
  assert.equal(text.classes, ['a', 'b']);
  assert.equal([...text.labels], [1, 0, 0, 1, -1, 0]);
  assert.equal([...(await open('one_hot.npz')).labels], [0, 1, 1, 0, 2, 2]);
});

test('a limit keeps the same images’ pixels and labels together', async () => {
  const whole = await open('stored.npz');
  const some = await open('stored.npz', { limit: 2, testLimit: 1, seed: 3 });
  assert.is(some.paths.length, 3);
  const pixels = await imagesIn(some);
  for (const [i, path] of some.paths.entries()) {
    const image = whole.paths.indexOf(path);
    assert.is(some.labels[i], whole.labels[image]);
    assert.equal(pixels[i], greyImages[image]);
  }
  assert.is(some.omitted.length, 3);
});

test('what is no set of labelled images is refused with its array and what to do', async () => {
  const cases: [Parameters<typeof arrayFile>[0], ...string[]][] = [
    ['multi_label.npz', 'train_labels is 6×3', 'several answers an image'],
    ['floats.npz', 'images is float32', 'uint8'],
    ['volumes.npz', '2×5×5×5×5', 'N×H×W'],
    ['cubes.npz', '2×5×5×5', 'N×H×W'],
    ['fortran.npz', 'Fortran', 'ascontiguousarray'],
    ['objects.npz', 'images holds pickled Python objects', 'save the images'],
    ['fewer.npz', '5 labels for 6 images'],
    ['measured.npz', 'label 4 is 2.5', 'whole number'],
    ['features.npz', 'no array of training images', 'features 6×7', 'x_train'],
  ];
  for (const [name, ...parts] of cases) await assertUserError(() => open(name), name, ...parts);
});

test('a missing file, a folder and a file without its kind in front are told apart', async () => {
  files.content.set('sets/plain/medmnist.npz', arrayFile('medmnist.npz'));
  await assertUserError(() => openStream('npz:sets/none.npz', { files }), 'there is no file sets/none.npz');
  await assertUserError(() => openStream('npz:sets/plain', { files }), 'is a folder');
  await assertUserError(() => openStream('npz', { files }), 'npz:FILE');
  const bare = 'sets/plain/medmnist.npz';
  await assertUserError(() => openStream(bare, { files }), `npz:${bare}`);
  files.content.set('sets/text.npz', new TextEncoder().encode('no zip'));
  await assertUserError(() => openStream('npz:sets/text.npz', { files }), 'not a whole zip file');
});

test('10,000 damaged files are read or refused in a sentence, in memory that the file’s size bounds', async () => {
  const names = ['medmnist.npz', 'stored.npz', 'keras.npz', 'named.npz', 'text.npz', 'planes.npz'] as const;
  const originals = names.map(arrayFile);
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.nat(names.length - 1), damage, fc.option(fc.nat()), async (which, changes, end) => {
      const bytes = originals[which]!.slice();
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      files.content.set('damaged.npz', end === null ? bytes : bytes.slice(0, end % bytes.length));
      try {
        const stream = await openStream('npz:damaged.npz', { files });
        assert.ok(stream.paths.length * stream.size ** 2 <= 1032 * bytes.length);
        const numbers = Int32Array.from(stream.paths.keys());
        await stream.read(numbers, new Uint8Array(3 * numbers.length * stream.size ** 2));
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        assert.not.match(error.message, '\n');
      }
    }),
    { numRuns: 10_000, seed: 1 },
  );
});

test.run();
