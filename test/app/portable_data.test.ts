import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openedData, portableData } from '../../src/app/run/portable_data.ts';

test('a pack beside the run is named from there, wherever both lie', () => {
  for (const folder of ['', 'sessions/1/', '/home/x/', 'C:\\runs\\']) {
    const kept = portableData(`pack:${folder}images`, `${folder}run`);
    assert.is(kept, 'pack:{run}/../images');
    assert.is(openedData(kept, `${folder}run/`), `pack:${folder}images`);
  }
  assert.is(portableData('pack:a/b/images', 'a/run'), 'pack:{run}/../b/images');
  assert.is(openedData('pack:{run}/../images', '.'), 'pack:./../images');
});

test('a pack elsewhere, and every other source, stays as it was given', () => {
  const others = [
    ['pack:other/images', 'runs/a'],
    ['pack:/data/images', 'run'],
    ['pack:../images', 'run'],
    ['cifar10:runs/a', 'runs/b'],
    ['runs/photos', 'runs/a'],
    ['pack:runs/images', 'runs/..'],
  ] as const;
  for (const [data, run] of others) {
    assert.is(portableData(data, run), data);
    assert.is(openedData(data, run), data);
  }
});

test.run();
