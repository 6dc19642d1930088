import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseAscending, Random } from '../src/random.ts';

/** The published hash in exact integers, independent of Math.imul and shifts of signed numbers. */
function exactHash(input: bigint): bigint {
  const mask = 0xffffffffn;
  const state = (input * 747796405n + 2891336453n) & mask;
  const word = (((state >> ((state >> 28n) + 4n)) ^ state) * 277803737n) & mask;
  return (word >> 22n) ^ word;
}

test('draws the PCG hash of seed, stream and counter, on 32 bits', () => {
  for (const [seed, stream] of [
    [0, 0],
    [1, 0],
    [4294967295, 3],
    [123456789, 4294967295],
    [-1, 0],
  ] as const) {
    const mask = 0xffffffffn;
    const key = exactHash((exactHash(BigInt(seed) & mask) + BigInt(stream)) & mask);
    const random = new Random(seed, stream);
    for (let k = 0; k < 100; k++) {
      assert.is(random.word(), Number(exactHash(exactHash(BigInt(k)) ^ key)), `word ${k} of seed ${seed}`);
    }
  }
});

test('goes on from a saved counter', () => {
  const random = new Random(7);
  for (let k = 0; k < 10; k++) random.next();
  const resumed = new Random(7, 0, random.counter);
  assert.equal([resumed.next(), resumed.next()], [random.next(), random.next()]);
});

test('draws uniform numbers in [0, 1)', () => {
  const random = new Random(3);
  const draws = Array.from({ length: 20000 }, () => random.next());
  assert.ok(draws.every((value) => value >= 0 && value < 1));
  const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
  // Standard error of the mean: 1/√(12·20000) = 0.002; five of them.
  assert.ok(Math.abs(mean - 0.5) < 0.01, `mean ${mean}`);
});

test('draws every integer below n about equally often', () => {
  const counts = new Array<number>(7).fill(0);
  const random = new Random(5);
  for (let draw = 0; draw < 14000; draw++) counts[random.integer(7)]! += 1;
  const chiSquare = counts.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
  // Six degrees of freedom: 22.5 is exceeded once in a thousand.
  assert.ok(chiSquare < 22.5, `chi-square ${chiSquare}`);
});

test('gives independent sequences to neighbouring seeds and streams', () => {
  const sequences = [new Random(0), new Random(1), new Random(0, 1)].map((random) =>
    Array.from({ length: 4000 }, () => random.next() - 0.5),
  );
  for (const [a, b] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const) {
    for (const shift of [0, 1, 2]) {
      const products = sequences[a]!.slice(shift).map((value, k) => value * sequences[b]![k]! * 12);
      const correlation = products.reduce((sum, value) => sum + value, 0) / products.length;
      // Standard error 1/√4000 = 0.016; five of them.
      assert.ok(Math.abs(correlation) < 0.08, `sequences ${a} and ${b}, shift ${shift}: ${correlation}`);
    }
  }
});

test('shuffles to a permutation in which every element comes first about equally often', () => {
  const first = new Array<number>(5).fill(0);
  for (let seed = 0; seed < 5000; seed++) {
    const shuffled = new Random(seed).shuffle([0, 1, 2, 3, 4]);
    assert.equal([...shuffled].sort(), [0, 1, 2, 3, 4]);
    first[shuffled[0]!]! += 1;
  }
  const chiSquare = first.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  // Four degrees of freedom: 18.5 is exceeded once in a thousand.
  assert.ok(chiSquare < 18.5, `chi-square ${chiSquare}`);
});

test('a smaller choice is part of a larger one with the same seed', () => {
  const small = chooseAscending(100, 10, new Random(2));
  const large = new Set(chooseAscending(100, 40, new Random(2)));
  assert.is(small.length, 10);
  assert.is(large.size, 40);
  assert.ok(small.every((index) => large.has(index)));
  assert.equal(
    [...small],
    [...small].sort((a, b) => a - b),
  );
});

test.run();
