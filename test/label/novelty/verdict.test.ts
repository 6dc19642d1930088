import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { RiskCoverage, RiskCoveragePoint } from '../../../src/label/confidence/risk_coverage.ts';
import { type Novelty, unnamedShare } from '../../../src/label/novelty/novelty.ts';
import { judgeUnnamed, predictedClasses } from '../../../src/label/novelty/verdict.ts';

const [labelled, open] = [60, 400];
const point: RiskCoveragePoint = {
  threshold: 0.9,
  accepted: labelled,
  errors: 0,
  coverage: 1,
  error: 0,
  bound: 0.05,
  auto: open,
  queued: 0,
};
const risk = (target: number): RiskCoverage => ({ target, chosen: point, points: [point] });
const rows = Int32Array.from({ length: labelled + open }, (_, row) => row);
const known = rows.subarray(0, labelled);
const others = rows.subarray(labelled);

/** Scores of which those of named classes are evenly spread, and so many of the open ones, the first, lie beyond all. */
function world(unnamed: number, sureOfThem = 0.95) {
  const scores = Float64Array.from(rows, (row) =>
    row < labelled ? row / labelled : row < labelled + unnamed ? 2 : ((row * 37) % open) / open,
  );
  const sure = (row: number) => (row >= labelled && row < labelled + unnamed ? sureOfThem : 0.95);
  const probabilities = Float32Array.from(rows, sure).reduce(
    (all, value, row) => {
      all[2 * row] = value;
      all[2 * row + 1] = 1 - value;
      return all;
    },
    new Float32Array(2 * rows.length),
  );
  const novelty: Novelty = {
    scores,
    pValues: new Float64Array(rows.length),
    unusual: new Uint8Array(rows.length),
    novel: new Uint8Array(rows.length),
    share: unnamedShare(scores, rows, known, others),
  };
  const predictions = {
    probabilities,
    labelled: known,
    checked: probabilities.subarray(0, 2 * labelled),
    classes: 2,
  };
  return (target: number) => judgeUnnamed(novelty, rows, predictions, others, risk(target));
}

test('a promise is withheld where the share of unnamed images among automatic ones exceeds the target, else kept', () => {
  const judge = world(100);
  const { automatic, withheld, risk: found } = judge(0.1);
  // A quarter of the open images; those of named classes spread as the labelled ones do.
  assert.ok(Math.abs(automatic!.share - 0.25) < 0.03, String(automatic!.share));
  assert.ok(withheld);
  assert.is(found.chosen, null);
  assert.is(found.withheld, point);
  const lenient = judge(0.5);
  assert.not(lenient.withheld);
  assert.is(lenient.risk.chosen, point);
});

test('unnamed images that would not be automatic break no promise', () => {
  const { automatic, withheld } = world(100, 0.6)(0.05);
  assert.ok(automatic!.share < 0.02);
  assert.not(withheld);
});

test('what chance explains withholds nothing', () => {
  const { withheld, risk: found } = world(12)(0.01);
  assert.not(withheld);
  assert.is(found.chosen, point);
});

test('labels of fewer than nine groups say nothing; images of a labelled group are left out', () => {
  const scores = Float64Array.from(rows, (row) => (row < labelled ? row : 1000));
  assert.is(
    unnamedShare(
      scores,
      rows.map((row) => (row < labelled ? row % 8 : row)),
      known,
      others,
    ),
    null,
  );
  const oneGroup = rows.map((row) => (row < labelled ? row : 0));
  assert.is(unnamedShare(scores, oneGroup, known, others), null);
  // A burst of four hundred is one observation beside three hundred others.
  const burst = rows.map((row) => (row < labelled || row >= labelled + 100 ? row : labelled));
  const mixed = scores.map((score, row) => (row >= labelled + 100 ? 0 : score));
  assert.ok(unnamedShare(mixed, burst, known, others)!.share < 0.01);
  assert.ok(unnamedShare(mixed, rows, known, others)!.share > 0.1);
});

test('the class of a labelled image is that which it was predicted out of fold', () => {
  const probabilities = Float32Array.of(0.9, 0.1, 0.2, 0.8);
  const checked = Float32Array.of(0.3, 0.7);
  const labelledRows = Int32Array.of(0);
  assert.equal([...predictedClasses({ probabilities, labelled: labelledRows, checked, classes: 2 })], [1, 1]);
});

test.run();
