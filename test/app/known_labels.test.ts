import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findLabels } from '../../src/app/inputs/known_labels.ts';
import { silentReporter } from '../../src/app/reporter.ts';
import { hideLabels } from '../../src/data/labels/hidden_labels.ts';
import { openStream } from '../../src/data/sources/open_stream.ts';
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

test.run();
