import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { distantPermutations, permutationCount } from '../../src/pretext/parts/permutations.ts';

const all = distantPermutations(permutationCount);
const distance = (a: readonly number[], b: readonly number[]) => a.filter((cell, k) => cell !== b[k]).length;
const distances = (set: readonly (readonly number[])[]) =>
  set.flatMap((a, i) => set.slice(0, i).map((b) => distance(a, b)));

test('jigsaw’s orders: 72 permutations of nine, the identity first, any two different in eight places or nine', () => {
  assert.is(all.length, 72);
  assert.equal(all[0], [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  for (const order of all) assert.equal(order.toSorted(), all[0]);
  assert.equal([...new Set(distances(all))].toSorted(), [8, 9]);
});

test('sets of up to nine differ everywhere, and every set is the beginning of the next', () => {
  assert.equal([...new Set(distances(distantPermutations(9)))], [9]);
  assert.equal(distantPermutations(20), all.slice(0, 20));
  for (const count of [0, 73, 1.5]) assert.throws(() => distantPermutations(count), RangeError);
});

test.run();
