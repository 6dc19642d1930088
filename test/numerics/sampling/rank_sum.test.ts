import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rankSumDeviations } from '../../../src/numerics/sampling/rank_sum.ts';
import { Random } from '../../../src/random.ts';

const ones = (count: number) => new Float64Array(count).fill(1);

test('one stratum without weights is the Mann–Whitney test', () => {
  // U counts pairs in which a row of the first sample lies below one of the second: here 11 of 12.
  const scores = [1, 2, 4, 3, 5, 6, 7];
  const first = [1, 1, 1, 0, 0, 0, 0];
  const own = rankSumDeviations({ scores, first, strata: ones(7), weights: ones(7), groups: scores });
  const [m, n, u] = [3, 4, 11];
  // Without the finite correction of the variance m n (m + n + 1)/12, which is at most 1/(m + n + 1) of it.
  const plain = (u - (m * n) / 2) / Math.sqrt((m * n * (m + n)) / 12);
  assert.ok(Math.abs(own - plain) < 1e-12, `${own} and ${plain}`);
});

test('equal scores are no difference, and strata without rows of both count nothing', () => {
  const first = [1, 0, 1, 0, 1];
  const rows = { first, strata: [0, 0, 0, 0, 1], weights: ones(5), groups: [0, 1, 2, 3, 4] };
  assert.is(rankSumDeviations({ ...rows, scores: [2, 2, 2, 2, 9] }), 0);
  assert.is(rankSumDeviations({ ...rows, scores: [1, 2, 1, 2, 9], first: [1, 1, 1, 1, 1] }), 0);
});

test('under one distribution the figure has mean 0 and deviation 1, with strata, weights and groups of equal rows', () => {
  const random = new Random(3);
  const draws = 4000;
  let [sum, squares] = [0, 0];
  for (let draw = 0; draw < draws; draw++) {
    const scores: number[] = [];
    const strata: number[] = [];
    const groups: number[] = [];
    for (let row = 0; row < 60; row++) {
      // Rows 0 … 11 are four groups of three with one score each.
      const repeats = row < 12 && row % 3 > 0;
      scores.push(repeats ? scores[row - 1]! : random.next());
      strata.push(repeats ? strata[row - 1]! : random.integer(2));
      groups.push(row < 12 ? Math.floor(row / 3) : row);
    }
    const first = scores.map((_, row) => (row < 20 ? 1 : 0));
    const weights = scores.map((_, row) => (row % 2 ? 3 : 1));
    const value = rankSumDeviations({ scores, first, strata, weights, groups });
    sum += value;
    squares += value ** 2;
  }
  // The mean's deviation is 1/√4000 = 0.016, the mean square's √(2/4000) = 0.022; three of each.
  assert.ok(Math.abs(sum / draws) < 0.05, `mean ${sum / draws}`);
  assert.ok(Math.abs(squares / draws - 1) < 0.08, `mean square ${squares / draws}`);
});

test.run();
