import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { choiceOptimism } from '../../../src/label/confidence/choice_optimism.ts';

const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} ± ${tolerance}`);

/** The mean over all n^n bootstrap samples of n rows. */
function overAllSamples(tried: readonly Uint8Array[], weights: Float64Array): number {
  const n = weights.length;
  const accuracy = (hits: Uint8Array, rows: readonly number[]) => {
    const all = rows.reduce((sum, row) => sum + weights[row]!, 0);
    return rows.reduce((sum, row) => sum + weights[row]! * hits[row]!, 0) / all;
  };
  const every = Array.from({ length: n }, (_, row) => row);
  let sum = 0;
  for (let code = 0; code < n ** n; code++) {
    const rows = every.map((place) => Math.floor(code / n ** place) % n);
    const right = tried.map((hits) => rows.reduce((total, row) => total + hits[row]!, 0));
    const best = tried[right.indexOf(Math.max(...right))]!;
    sum += accuracy(best, rows) - accuracy(best, every);
  }
  return sum / n ** n;
}

test('the optimism of a choice is the mean over all bootstrap samples', () => {
  const tried = [Uint8Array.of(1, 0, 1, 0, 1), Uint8Array.of(0, 1, 1, 1, 0), Uint8Array.of(1, 1, 0, 0, 1)];
  for (const weights of [new Float64Array(5).fill(1), Float64Array.of(3, 1, 1, 0.5, 2)]) {
    const groups = Int32Array.of(0, 1, 2, 3, 4);
    // 500 draws of a spread of 0.2: three standard errors.
    near(choiceOptimism(tried, groups, weights, 1), overAllSamples(tried, weights), 0.027);
  }
});

test('nothing was chosen among one candidate, or among equal ones', () => {
  const hits = Uint8Array.of(1, 0, 1);
  const weights = Float64Array.of(1, 2, 3);
  assert.is(choiceOptimism([hits], Int32Array.of(0, 1, 2), weights, 1), 0);
  assert.is(choiceOptimism([hits, hits.slice()], Int32Array.of(0, 1, 2), weights, 1), 0);
});

test('images of a group are drawn together: as many groups as images leave less open', () => {
  const tried = Array.from({ length: 4 }, (_, k) =>
    Uint8Array.from({ length: 40 }, (_, row) => (Math.floor(row / 10) === k ? 0 : 1)),
  );
  const weights = new Float64Array(40).fill(1);
  const alone = choiceOptimism(
    tried,
    Int32Array.from({ length: 40 }, (_, row) => row),
    weights,
    1,
  );
  const together = choiceOptimism(
    tried,
    Int32Array.from({ length: 40 }, (_, row) => Math.floor(row / 10)),
    weights,
    1,
  );
  assert.ok(together > 1.5 * alone, `${together}, ${alone}`);
});

test.run();
