import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Lifetime, planMemory } from '../../src/gpu/memory_plan.ts';

const lifetime: fc.Arbitrary<Lifetime> = fc
  .record({ bytes: fc.integer({ min: 1, max: 1000 }), first: fc.nat(30), length: fc.nat(12) })
  .map(({ bytes, first, length }) => ({ bytes, first, last: first + length }));
const lifetimes = fc.array(lifetime, { maxLength: 40 });

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** The most bytes that are alive at one command: no plan can do with less. */
const peak = (list: readonly Lifetime[]) =>
  Math.max(
    0,
    ...Array.from({ length: 50 }, (_, at) =>
      sum(list.filter(({ first, last }) => first <= at && at <= last).map(({ bytes }) => bytes)),
    ),
  );

test('values that are alive at once never share a buffer, and every buffer is large enough', () => {
  fc.assert(
    fc.property(lifetimes, (list) => {
      const { buffers, assignment } = planMemory(list);
      assert.is(assignment.length, list.length);
      list.forEach((one, i) => {
        assert.ok(buffers[assignment[i]!]! >= one.bytes);
        list.forEach((other, j) => {
          const apart = one.last < other.first || other.last < one.first;
          assert.ok(i === j || apart || assignment[i] !== assignment[j], `${i} and ${j} share a buffer`);
        });
      });
    }),
  );
});

test('the buffers take no more than the values one by one, and no less than those alive at once', () => {
  fc.assert(
    fc.property(lifetimes, (list) => {
      const total = sum(planMemory(list).buffers);
      assert.ok(total <= sum(list.map(({ bytes }) => bytes)));
      assert.ok(total >= peak(list));
      assert.is(total === 0, list.length === 0);
    }),
  );
});

test('values that are never alive at once share one buffer, as large as the largest', () => {
  const list = [30, 10, 20].map((bytes, i) => ({ bytes, first: 2 * i, last: 2 * i + 1 }));
  assert.equal(planMemory(list), { buffers: [30], assignment: [0, 0, 0] });
});

test('a chain of equal values, each made from the last, takes two buffers', () => {
  const chain = Array.from({ length: 9 }, (_, i) => ({ bytes: 100, first: i, last: i + 1 }));
  assert.equal(planMemory(chain).buffers, [100, 100]);
});

test('the plan depends on nothing but the lifetimes', () => {
  fc.assert(
    fc.property(lifetimes, (list) => {
      assert.equal(planMemory(list), planMemory(list.map((one) => ({ ...one }))));
    }),
  );
});

test.run();
