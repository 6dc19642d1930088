import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Labels, Partition } from '../../src/data/sources/image_stream.ts';
import { chooseTask, labelledSet } from '../../src/label/task.ts';

/** 60 training images of three classes in turn, then as many test images as asked for. */
function known(tests: number, labelled = 60): Labels {
  const count = 60 + tests;
  const partition = Array.from({ length: count }, (_, i): Partition => (i < 60 ? 'train' : 'test'));
  const labels = Int32Array.from({ length: count }, (_, i) => (i < labelled || i >= 60 ? i % 3 : -1));
  return { classes: ['a', 'b', 'c'], labels, partition };
}

const members = (labels: Int32Array) => [...labelledSet(labels).images];

test('official test images score, and are neither given nor in the pool', () => {
  const task = chooseTask(known(12), { perClass: 2, seed: 0 });
  assert.equal(
    [...task.heldOut],
    Array.from({ length: 12 }, (_, i) => 60 + i),
  );
  assert.is(task.heldOutFrom, 'official test images');
  assert.ok(task.pool.every((image) => image < 60));
  assert.is(members(task.given).length, 6);
  assert.ok(
    members(task.given).every((image) => task.pool.includes(image) && task.given[image] === image % 3),
  );
});

test('without official test images those score whose label every draw hides', () => {
  const task = chooseTask(known(0), { perClass: 4, draws: 3, seed: 5 });
  const draws = [task.given, ...task.otherDraws].map(members);
  assert.is(draws.length, 3);
  assert.not.equal(draws[0], draws[1]);
  const shown = new Set(draws.flat());
  assert.is(task.heldOut.length, 60 - shown.size);
  assert.ok([...task.heldOut].every((image) => !shown.has(image)));
});

test('where every known label was given, nothing is held out', () => {
  const task = chooseTask(known(0, 21), { seed: 0 });
  assert.is(task.heldOut.length, 0);
  assert.is(task.heldOutFrom, null);
  assert.is(members(task.given).length, 21);
});

test('a limit of the pool never drops a given label, and fills up with images that have none', () => {
  for (const poolLimit of [10, 21, 40]) {
    const task = chooseTask(known(0, 21), { poolLimit, seed: 1 });
    assert.is(task.pool.length, Math.max(21, poolLimit));
    assert.ok(members(task.given).every((image) => task.pool.includes(image)));
    assert.equal(
      [...task.pool],
      [...task.pool].sort((a, b) => a - b),
    );
  }
});

test('with hidden labels the given ones come from the pool', () => {
  const task = chooseTask(known(9), { perClass: 3, poolLimit: 30, heldOutLimit: 5, seed: 2 });
  assert.is(task.pool.length, 30);
  assert.ok(members(task.given).every((image) => task.pool.includes(image)));
  assert.is(task.heldOut.length, 5);
});

test('several draws need labels to hide', () => {
  assert.throws(() => chooseTask(known(0), { draws: 2, seed: 0 }), /give labelsPerClass with it/);
});

test.run();
