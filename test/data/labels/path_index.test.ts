import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PathIndex } from '../../../src/data/labels/path_index.ts';

test('paths are found by their key, each once, in their order; those without a key are not', () => {
  const paths = Array.from({ length: 5000 }, (_, i) => `${i}/A${i % 1700}.jpg`);
  const index = new PathIndex([...paths, paths[3]!], (path) =>
    path.startsWith('7/') ? undefined : path.slice(path.indexOf('/') + 1).toLowerCase(),
  );
  assert.equal(index.get('a3.jpg'), ['3/A3.jpg', '1703/A3.jpg', '3403/A3.jpg']);
  assert.equal(index.get('a7.jpg'), ['1707/A7.jpg', '3407/A7.jpg']);
  assert.is(index.get('a1700.jpg'), undefined);
  assert.ok(index.has('a1699.jpg'));
  assert.not.ok(new PathIndex([]).has('a'));
});

test.run();
