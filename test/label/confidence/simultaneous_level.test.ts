import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { passingChance, simultaneousLevel } from '../../../src/label/confidence/simultaneous_level.ts';

/** The definition: over all 2^n sequences of right and wrong. */
function bruteForce(counts: readonly number[], target: number, significance: number): number {
  const n = counts.at(-1)!;
  const binomial = (k: number, e: number) => {
    let ways = 1;
    for (let i = 0; i < e; i++) ways = (ways * (k - i)) / (i + 1);
    return ways * target ** e * (1 - target) ** (k - e);
  };
  const tail = (k: number, e: number) => {
    let sum = 0;
    for (let i = 0; i <= e; i++) sum += binomial(k, i);
    return sum;
  };
  let chance = 0;
  for (let sequence = 0; sequence < 2 ** n; sequence++) {
    let errors = 0;
    let passes = false;
    for (let k = 1; k <= n; k++) {
      errors += (sequence >> (k - 1)) & 1;
      passes ||= counts.includes(k) && tail(k, errors) <= significance;
    }
    if (passes) chance += target ** errors * (1 - target) ** (n - errors);
  }
  return chance;
}

test('the chance to pass any of the tests is that over all sequences of right and wrong', () => {
  for (const counts of [[13], [3, 6, 13], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]]) {
    for (const target of [0.2, 0.45, 0.8]) {
      for (const significance of [0.05, 0.15]) {
        const difference =
          passingChance(counts, target, significance) - bruteForce(counts, target, significance);
        // Sums of at most 2¹³ terms in float64.
        assert.ok(Math.abs(difference) < 1e-12, `${difference} at ${counts}, ${target}, ${significance}`);
      }
    }
  }
});

test('one test keeps its level; several are stricter, together hold the level, and less strict than Bonferroni', () => {
  assert.is(simultaneousLevel([200], 0.05), 0.95);
  assert.is(simultaneousLevel([], 0.05), 0.95);
  const counts = Array.from({ length: 192 }, (_, i) => 59 + i);
  for (const level of [0.95, 0.8]) {
    const strict = simultaneousLevel(counts, 0.05, level);
    assert.ok(strict > level && strict < 1 - (1 - level) / 10, `${strict}`);
    assert.ok(passingChance(counts, 0.05, 1 - strict) <= 1 - level);
    assert.ok(passingChance(counts, 0.05, (1 - strict) * 1.05) > 1 - level, 'as lenient as can be');
  }
});

test('unlikely numbers of errors are dropped from long walks without changing the chance', () => {
  // From the single test's own definition: at most so many errors as keep the tail under 5%, so just under 5%.
  const chance = passingChance([20_000], 0.3, 0.05);
  assert.ok(chance <= 0.05 && chance > 0.0485, `${chance}`);
});

test.run();
