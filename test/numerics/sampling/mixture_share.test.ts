import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mixtureShare } from '../../../src/numerics/sampling/mixture_share.ts';
import { Random } from '../../../src/random.ts';

/** How often bounds are above the truth, over draws of known and mixed rows; scores are uniform, of the other kind 1. */
function draws(share: number, recall: number, count = 2000) {
  const random = new Random(5, 1);
  const [known, mixed] = [49, 400];
  let [above, outside, sum] = [0, 0, 0];
  for (let draw = 0; draw < count; draw++) {
    const scores = Array.from({ length: known }, () => random.next()).sort((a, b) => b - a);
    // Beyond the fifth largest of 49 lies a tenth, on average.
    const limit = scores[4]!;
    let mixedBeyond = 0;
    for (let i = 0; i < mixed; i++) {
      const other = random.next() < share;
      if (other ? random.next() < recall : random.next() > limit) mixedBeyond++;
    }
    const found = mixtureShare({ known, knownBeyond: 4, mixed, mixedBeyond });
    if (found.atLeast > share) above++;
    if (found.interval[0] > share || found.interval[1] < share) outside++;
    sum += found.share;
  }
  return { above: above / count, outside: outside / count, mean: sum / count };
}

test('the lower bound exceeds the true share in at most 5% of draws, with none and with some of another kind', () => {
  for (const share of [0, 0.1, 0.4]) {
    const { above } = draws(share, 1);
    // 2,000 draws: the standard error of 5% is 0.5 points.
    assert.ok(above < 0.065, `${share}: ${above}`);
  }
});

test('the estimate is right where all of the other kind lie beyond the limit, and its interval covers', () => {
  const { mean, outside } = draws(0.3, 1);
  assert.ok(Math.abs(mean - 0.3) < 0.01, String(mean));
  assert.ok(outside < 0.065, String(outside));
});

test('what looks like the known kind is not counted: the estimate is too low, never too high', () => {
  const { mean, above } = draws(0.3, 0.5);
  assert.ok(mean < 0.2 && mean > 0.05, String(mean));
  assert.is(above, 0);
});

test('a known figure: 4 of 49 beyond the limit, a hundred of 200', () => {
  const { share, interval, atLeast } = mixtureShare({
    known: 49,
    knownBeyond: 4,
    mixed: 200,
    mixedBeyond: 100,
  });
  assert.ok(Math.abs(share - (0.5 - 0.1) / 0.9) < 1e-12);
  // scipy.stats.beta.ppf: F₀ ≤ 0.183383 (96%, beta(5, 45)) and F ≥ 0.415955 (99%, beta(100, 101)).
  assert.ok(Math.abs(atLeast - (0.415955 - 0.183383) / (1 - 0.183383)) < 2e-6, String(atLeast));
  assert.ok(interval[0] < atLeast && interval[1] > share);
});

test('without known rows nothing is said', () => {
  const { share, atLeast } = mixtureShare({ known: 0, knownBeyond: 0, mixed: 10, mixedBeyond: 0 });
  assert.is(share, 0);
  assert.is(atLeast, 0);
});

test.run();
