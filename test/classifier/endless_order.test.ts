import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EndlessOrder } from '../../src/classifier/endless_order.ts';

const ascending = (numbers: number[]) => numbers.toSorted((a, b) => a - b);

test('each pass holds every number once, whatever the batches', () => {
  const order = new EndlessOrder(7, 3, 0);
  const taken = [5, 5, 4, 7].flatMap((count) => order.take(count));
  for (const pass of [taken.slice(0, 7), taken.slice(7, 14), taken.slice(14, 21)])
    assert.equal(ascending(pass), [0, 1, 2, 3, 4, 5, 6]);
  assert.not.equal(taken.slice(0, 7), taken.slice(7, 14));
});

test('a batch larger than all repeats some; seed and stream say all', () => {
  const take = (seed: number, stream: number) => new EndlessOrder(3, seed, stream).take(8);
  assert.equal(ascending(take(1, 0)).length, 8);
  assert.equal([...new Set(take(1, 0))].length, 3);
  assert.equal(take(1, 0), take(1, 0));
  assert.not.equal(take(1, 0), take(2, 0));
  assert.not.equal(take(1, 0), take(1, 100));
});

test('there must be something to draw', () => {
  assert.throws(() => new EndlessOrder(0, 1, 0), /no image to draw/);
});

test.run();
