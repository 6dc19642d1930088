import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { matchPaths } from '../../../src/data/feature_file/match_paths.ts';
import { assertUserError } from '../temporary.ts';

const source = (paths: readonly string[], omitted: readonly string[] = []) => ({
  name: 'photos',
  classes: [],
  paths,
  omitted,
  unreadable: [{ path: 'z.gif', reason: 'only PNG, JPEG and WebP can be read' }],
});
const photos = source(['cats/1.jpg', 'cats/2.jpg', 'dogs/1.jpg'], ['dogs/9.jpg']);
const rowsOf = (paths: readonly string[], of = photos) => [...matchPaths(paths, of, 'f.npy').rowOf];

test('rows find their images in whatever order, and images without a row are told', () => {
  assert.equal(rowsOf(['dogs/1.jpg', 'cats/2.jpg', 'cats/1.jpg']), [2, 1, 0]);
  assert.equal(rowsOf(['dogs/1.jpg', 'cats/1.jpg']), [1, -1, 0]);
});

test('the paths of another machine are the same images: backslashes, dots, accents in two parts, folders in front', () => {
  assert.equal(rowsOf(['.\\cats\\1.jpg', './cats/2.jpg', './/dogs/1.jpg']), [0, 1, 2]);
  assert.equal(rowsOf(['/home/a b/photos/cats/1.jpg', '/home/a b/photos/dogs/1.jpg']), [0, -1, 1]);
  assert.equal(rowsOf(['C:\\data\\cats\\2.jpg', 'C:\\data\\cats\\1.jpg']), [1, 0, -1]);
  assert.equal(rowsOf(['e\u0301.png'], source(['\u00e9.png'])), [0]);
  const below = source(['photos/cats/1.jpg', 'photos/dogs/1.jpg']);
  assert.equal(rowsOf(['dogs/1.jpg', 'cats/1.jpg'], below), [1, 0]);
  const { how } = matchPaths(['/x/cats/1.jpg'], photos, 'f.npy');
  assert.is(how, "without '/x/' in front of its paths");
});

test('mere file names are enough where no two images have the same', () => {
  const unique = source(['cats/a.jpg', 'dogs/b.jpg', 'dogs/c.jpg']);
  assert.equal(rowsOf(['c.jpg', 'a.jpg', 'b.jpg'], unique), [1, 2, 0]);
});

test('what could be one image or another is refused, as is what is none', async () => {
  const refused = (paths: readonly string[], ...parts: string[]) =>
    assertUserError(() => matchPaths(paths, photos, 'f.npy'), 'f.npy', ...parts);
  // Two images are called 1.jpg.
  await refused(['1.jpg'], 'two ways', "with 'cats/' in front", "with 'dogs/' in front");
  await refused(['/x/cats/1.jpg', '/y/cats/1.jpg'], 'two ways', "without '/x/'", "without '/y/'");
  await refused(['birds/7.jpg'], 'names no image of photos', 'such as birds/7.jpg', 'such as cats/1.jpg');
  await refused(['cats/1.jpg', './cats/1.jpg'], 'two rows of cats/1.jpg', 'rows 0 and 1');
});

test('rows of images left out or of other formats are passed over, those of no image at all are counted', () => {
  const { rowOf, unknown } = matchPaths(['dogs/9.jpg', 'z.gif', 'cats/7.jpg', 'cats/2.jpg'], photos, 'f.npy');
  assert.equal([...rowOf], [-1, 3, -1]);
  assert.equal(unknown, [2]);
});

test.run();
