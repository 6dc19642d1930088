import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { acceptedByThreshold, chooseThreshold } from '../../../src/label/confidence/threshold_rule.ts';
import { boundHolds } from '../../../src/numerics/binomial_bound.ts';
import { Random } from '../../../src/random.ts';

/** Chance of an error at each place of the confidence scale 0 … 1. */
type Risk = (confidence: number) => number;

/** Error among all of at least some confidence, where confidences are spread evenly. */
function errorAbove(risk: Risk): (threshold: number) => number {
  const steps = 2000;
  const sums = new Float64Array(steps + 1);
  for (let i = steps - 1; i >= 0; i--) sums[i] = sums[i + 1]! + risk((i + 0.5) / steps);
  return (threshold) => {
    const i = Math.min(steps - 1, Math.floor(threshold * steps));
    return sums[i]! / (steps - i);
  };
}

/** Shares of draws in which the rule, and the plain bound, accept more error than the target; and mean coverage. */
function simulate(risk: Risk, n: number, target: number, draws: number, seed: number) {
  const random = new Random(seed);
  const error = errorAbove(risk);
  const outcome = { violations: 0, plainViolations: 0, coverage: 0 };
  for (let draw = 0; draw < draws; draw++) {
    const confidence = Float64Array.from({ length: n }, () => random.next());
    const correct = Array.from(confidence, (c) => random.next() >= risk(c));
    const accepted = acceptedByThreshold({ confidence, correct });
    const chosen = accepted[chooseThreshold(accepted, target)];
    if (chosen) {
      outcome.coverage += (1 - chosen.threshold) / draws;
      if (error(chosen.threshold) > target) outcome.violations += 1 / draws;
    }
    const plain = accepted.findLast(({ errors, count }) => boundHolds(errors, count, target));
    if (plain && error(plain.threshold) > target) outcome.plainViolations += 1 / draws;
  }
  return outcome;
}

test('whatever the scores are worth, the accepted error exceeds the target in at most 5% of draws', () => {
  const draws = 300;
  // Three standard errors of a true 5% in so many draws.
  const allowed = 0.05 + 3 * Math.sqrt((0.05 * 0.95) / draws);
  for (const [n, target] of [
    [100, 0.05],
    [250, 0.1],
    [250, 0.3],
  ] as const) {
    const risks: [string, Risk][] = [
      ['worthless scores, just above the target', () => target * 1.001],
      ['informative scores', (c) => 0.9 * (1 - c) ** 2],
      ['the surest are often wrong', (c) => (c > 0.95 ? 3 * target : 0.8 * (1 - c))],
      [
        'right at the top, then a steep rise',
        (c) => (c > 0.75 ? target / 3 : c > 0.5 ? 1.7 * target : target),
      ],
    ];
    for (const [index, [name, risk]] of risks.entries()) {
      const { violations } = simulate(risk, n, target, draws, 10 * n + index);
      assert.ok(violations <= allowed, `${violations} of the draws: ${name}, n = ${n}, target ${target}`);
    }
  }
});

test('the plain bound, chosen among all thresholds, does not keep that promise; the rule costs little of its coverage', () => {
  const flat = simulate(() => 0.1001, 250, 0.1, 300, 7);
  // In exact terms 17.7%.
  assert.ok(flat.plainViolations > 0.1, `${flat.plainViolations}`);
  // Error 5% at the most lenient threshold: all can be accepted at a target of 10%.
  const good = simulate((c) => 0.1 * (1 - c), 250, 0.1, 100, 8);
  assert.ok(good.coverage > 0.9, `${good.coverage}`);
});

test('equal confidences are accepted or refused together', () => {
  const accepted = acceptedByThreshold({
    confidence: [0.5, 0.9, 0.5, 0.9, 0.7, 0.5],
    correct: [1, 1, 0, 1, 0, 1],
  });
  assert.equal(
    accepted.map(({ threshold, count, errors, error }) => [threshold, count, errors, error]),
    [
      [0.9, 2, 0, 0],
      [0.7, 3, 1, 1 / 3],
      [0.5, 6, 2, 1 / 3],
    ],
  );
});

test('weights make the error that of the population and shrink what the sample is worth', () => {
  const [, last] = acceptedByThreshold({ confidence: [0.8, 0.6], correct: [true, false], weights: [1, 3] });
  assert.equal([last!.weight, last!.error, last!.effectiveCount], [4, 0.75, 4 / 3]);
  const scaled = acceptedByThreshold({
    confidence: [0.8, 0.6],
    correct: [true, false],
    weights: [0.25, 0.75],
  });
  assert.equal([scaled[1]!.error, scaled[1]!.effectiveCount], [0.75, 4 / 3]);
});

test('the heaviest row decides what all are worth, also where it is not accepted', () => {
  const [first] = acceptedByThreshold({ confidence: [0.8, 0.6], correct: [true, true], weights: [1, 4] });
  assert.is(first!.effectiveCount, 0.25);
});

const rows = (right: number, wrong: number) => ({
  confidence: Float64Array.from({ length: right + wrong }, (_, i) => 1 - i / 1000),
  correct: Array.from({ length: right + wrong }, (_, i) => i < right),
});

test('59 right ones promise 5%, 58 do not; without any or with all wrong nothing is chosen', () => {
  const choose = (right: number, wrong: number) => {
    const accepted = acceptedByThreshold(rows(right, wrong));
    return accepted[chooseThreshold(accepted, 0.05)]?.count ?? null;
  };
  assert.is(choose(59, 0), 59);
  assert.is(choose(58, 0), null);
  assert.is(choose(0, 0), null);
  assert.is(choose(0, 100), null);
  assert.is(choose(300, 0), 300);
  assert.ok(choose(300, 300)! >= 300);
  assert.throws(() => chooseThreshold([], 0), /0\.05/);
  assert.throws(() => chooseThreshold([], 1), /between 0 and 1/);
});

test.run();
