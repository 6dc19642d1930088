import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { classWeights } from '../../../src/label/confidence/class_weights.ts';
import { riskCoverage } from '../../../src/label/confidence/risk_coverage.ts';
import { binomialBound } from '../../../src/numerics/binomial_bound.ts';
import { Random } from '../../../src/random.ts';

const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} ± ${tolerance}`);

/** Confidences of two decimals, so with ties; the likelier right the higher. */
function draw(n: number, seed: number) {
  const random = new Random(seed);
  const confidence = Float64Array.from({ length: n }, () => Math.round(100 * random.next() ** 0.3) / 100);
  const correct = Array.from(confidence, (c) => random.next() < c ** 2);
  const weights = Float64Array.from(confidence, () => 0.5 + random.next());
  return { confidence, correct, weights };
}

test('every point of the table is what counting at its threshold gives', () => {
  const outOfFold = draw(403, 1);
  const { confidence, correct, weights } = outOfFold;
  const rest = draw(1001, 2).confidence;
  const { points, chosen } = riskCoverage(outOfFold, rest, { target: 0.15 });
  const sum = (keep: (row: number) => boolean, value: (row: number) => number) =>
    Array.from(confidence.keys())
      .filter(keep)
      .reduce((total, row) => total + value(row), 0);
  const all = sum(
    () => true,
    (row) => weights[row]!,
  );
  assert.ok(chosen && points.some((point) => point.threshold === chosen.threshold));
  for (const point of points) {
    const kept = (row: number) => confidence[row]! >= point.threshold;
    const weight = sum(kept, (row) => weights[row]!);
    const wrong = sum(
      (row) => kept(row) && !correct[row],
      (row) => weights[row]!,
    );
    const effective = weight / Math.max(...weights);
    assert.is(
      point.accepted,
      sum(kept, () => 1),
    );
    assert.is(
      point.errors,
      sum(kept, (row) => (correct[row] ? 0 : 1)),
    );
    near(point.coverage, weight / all, 1e-12);
    near(point.error, wrong / weight, 1e-12);
    near(point.bound, binomialBound((wrong / weight) * effective, effective), 1e-9);
    assert.is(point.auto, rest.filter((c) => c >= point.threshold).length);
    assert.is(point.auto + point.queued, 1001);
  }
});

test('the table stays short, falls from the strictest to the most lenient, and holds the choice and both ends', () => {
  const random = new Random(3);
  const confidence = Float64Array.from({ length: 3000 }, () => random.next());
  const correct = Array.from(confidence, (c) => random.next() < 0.7 + 0.3 * c);
  const { points, chosen } = riskCoverage({ confidence, correct }, [], { target: 0.1 });
  const thresholds = points.map(({ threshold }) => threshold);
  assert.ok(points.length >= 50 && points.length <= 51, `${points.length}`);
  assert.equal(
    thresholds,
    thresholds.toSorted((a, b) => b - a),
  );
  assert.is(
    thresholds[0],
    confidence.reduce((a, b) => Math.max(a, b)),
  );
  assert.is(
    thresholds.at(-1),
    confidence.reduce((a, b) => Math.min(a, b)),
  );
  assert.is(points.at(-1)!.coverage, 1);
  assert.ok(chosen !== null && thresholds.includes(chosen.threshold));
  assert.ok(chosen.bound <= 0.1, 'the promise implies the plain bound');
});

test('where the best of several predictors was kept, the promise stays true in 95% of draws', () => {
  // Six predictors as good as each other, each wrong for 5.2% of the images by chance, whatever its confidence; the one
  // with the fewest errors among 200 labels is kept, as the best method out of fold is.
  const random = new Random(9);
  const rate = 0.052;
  const draws = 300;
  let [corrected, plain] = [0, 0];
  for (let draw = 0; draw < draws; draw++) {
    const predictors = Array.from({ length: 6 }, () =>
      Array.from({ length: 200 }, () => random.next() >= rate),
    );
    const right = (correct: readonly boolean[]) => correct.filter(Boolean).length;
    const correct = predictors.reduce((best, other) => (right(other) > right(best) ? other : best));
    const outOfFold = { confidence: correct.map(() => random.next()), correct };
    const choose = (candidates: number) => riskCoverage(outOfFold, [], { target: 0.05, candidates }).chosen;
    if (choose(6)) corrected++;
    if (choose(1)) plain++;
  }
  // Any choice is a false promise here. Three standard deviations of 300 draws at 5% are 3.8 points.
  assert.ok(corrected / draws <= 0.05 + 0.038, `${corrected} of ${draws}`);
  assert.ok(plain / draws > 0.1, `without the correction ${plain} of ${draws}: the test would not notice`);
});

test('no labelled rows, or too few for the target: a table without a choice', () => {
  assert.equal(riskCoverage({ confidence: [], correct: [] }, [0.5], { target: 0.05 }), {
    target: 0.05,
    chosen: null,
    points: [],
  });
  const few = riskCoverage({ confidence: [0.9, 0.8], correct: [1, 1] }, [0.85, 0.1], { target: 0.05 });
  assert.is(few.chosen, null);
  assert.equal(
    few.points.map(({ auto, queued }) => [auto, queued]),
    [
      [0, 2],
      [1, 1],
    ],
  );
});

test('weights of classes: share among the images over share among the labels, within 1/4 … 4, mean 1', () => {
  const given = Int32Array.of(0, 0, 1, 1);
  const shares = [0.75, 0.25];
  // Shares ¾ and ¼ against ½ and ½.
  assert.equal(Array.from(classWeights(given, shares).weights), [1.5, 1.5, 0.5, 0.5]);
  // A class with a hundredth of the labels and all of the images; the other one without any.
  const rare = Int32Array.from({ length: 100 }, (_, row) => (row === 0 ? 1 : 0));
  const { weights, limited } = classWeights(rare, [0, 1]);
  assert.equal(limited, [0, 1]);
  assert.equal(classWeights(given, shares).limited, []);
  near(weights[0]! / weights[1]!, 16, 1e-12);
  near(
    weights.reduce((sum, weight) => sum + weight, 0),
    100,
    1e-9,
  );
});

test('labels taken class by class: the weighted promise holds for a population of other shares', () => {
  // A common class (80%) with errors of 20% at every confidence, a rare one without; labels half and half.
  const random = new Random(12);
  const given = Int32Array.from({ length: 200 }, (_, row) => row % 2);
  const { weights } = classWeights(given, [0.8, 0.2]);
  const violations = (weighted: boolean) => {
    let count = 0;
    for (let draw = 0; draw < 100; draw++) {
      const confidence = Float64Array.from(given, () => random.next());
      const correct = Array.from(given, (k) => k === 1 || random.next() >= 0.2);
      const rows = { confidence, correct, ...(weighted && { weights }) };
      // The population's error is 16% at every threshold, that of the labelled rows 10%.
      if (riskCoverage(rows, [], { target: 0.155 }).chosen) count++;
    }
    return count;
  };
  assert.ok(violations(true) <= 11, 'at most 5% and three standard errors');
  assert.ok(violations(false) > 30);
});

test('errors that all lie in a class of large weight: the promise is false in at most 5% of draws', () => {
  const draws = 300;
  // Three standard errors of a true 5% in so many draws; with Kish's effective count 15–27% are false.
  const allowed = 0.05 + 3 * Math.sqrt((0.05 * 0.95) / draws);
  const target = 0.05;
  for (const [labels, share, error] of [
    [20, 0.4, 0.1255],
    [10, 0.2, 0.251],
    [20, 0.2, 0.251],
  ] as const) {
    const random = new Random(labels + 100 * share);
    const given = Int32Array.from({ length: 200 }, (_, row) => (row < labels ? 1 : 0));
    const { weights } = classWeights(given, [1 - share, share]);
    let violations = 0;
    for (let draw = 0; draw < draws; draw++) {
      const confidence = Float64Array.from(given, () => random.next());
      const correct = Array.from(given, (k) => k === 0 || random.next() >= error);
      // At every threshold the population's error is 5.02%.
      if (riskCoverage({ confidence, correct, weights }, [], { target }).chosen) violations++;
    }
    assert.ok(violations <= allowed * draws, `${violations} of ${draws}: ${labels} labels, share ${share}`);
  }
});

test.run();
