import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Status } from '../../../src/data/labels/status.ts';
import { evaluateLabels, readTruth } from '../../../src/label/confidence/evaluation.ts';
import type { ImageLabel } from '../../../src/label/image_label.ts';
import { assertUserError } from '../../data/temporary.ts';

const labelled = (path: string, label: string, status: Status, confidence: number): ImageLabel => ({
  path,
  label,
  confidence,
  margin: confidence / 2,
  runnerUp: '',
  status,
  nearestLabelled: '',
});

// Eight predicted rows with a truth (five right), one without, two given of which one is wrong.
const labels = [
  labelled('1', 'cat', 'auto', 0.95),
  labelled('2', 'cat', 'auto', 0.9),
  labelled('3', 'dog', 'auto', 0.85),
  labelled('4', 'dog', 'auto', 0.8),
  labelled('5', 'dog', 'review', 0.6),
  labelled('6', 'cat', 'review', 0.6),
  labelled('7', 'cat', 'outlier', 0.35),
  labelled('8', 'dog', 'duplicate', 0.25),
  labelled('9', 'dog', 'review', 0.5),
  labelled('g', 'cat', 'given', 1),
  labelled('h', 'dog', 'given', 1),
];
const truth = new Map(
  Object.entries({
    1: 'cat',
    2: 'cat',
    3: 'dog',
    4: 'cat',
    5: 'dog',
    6: 'dog',
    7: 'bird',
    8: 'dog',
    g: 'cat',
    h: 'cat',
    z: 'cat',
  }),
);
const close = (value: number, wanted: number) =>
  assert.ok(Math.abs(value - wanted) < 1e-12, `${value}, not ${wanted}`);

test('given labels and rows without a truth are in no score; a class that nobody labelled counts as missed', () => {
  const { classes, given, withoutTruth, all } = evaluateLabels(labels, truth);
  assert.equal(classes, ['bird', 'cat', 'dog']);
  assert.equal([given, withoutTruth, all.count], [2, 1, 8]);
  assert.is(all.accuracy, 5 / 8);
  close(all.balancedAccuracy, (0 + 2 / 3 + 3 / 4) / 3);
  assert.equal(all.confusion, [
    [0, 1, 0],
    [0, 2, 1],
    [0, 1, 3],
  ]);
  assert.equal(all.classes[0], { support: 1, predicted: 0, precision: null, recall: 0 });
});

test('scores are also told by status, with the bound of what is labelled automatically', () => {
  const { byStatus, autoErrorBound } = evaluateLabels(labels, truth);
  assert.equal(Object.keys(byStatus), ['auto', 'review', 'outlier', 'duplicate']);
  assert.equal(
    Object.values(byStatus).map(({ count, accuracy }) => [count, accuracy]),
    [
      [4, 3 / 4],
      [2, 1 / 2],
      [1, 0],
      [1, 1],
    ],
  );
  // The upper end p for one error among four solves (1 − p)^4 + 4p(1 − p)^3 = 0.05.
  const p = autoErrorBound!;
  assert.ok(Math.abs((1 - p) ** 4 + 4 * p * (1 - p) ** 3 - 0.05) < 1e-9, `${p}`);
  assert.is(evaluateLabels(labels.slice(4), truth).autoErrorBound, null);
});

test('calibration bins confidences: the expected error is the weighted gap between them and what is right', () => {
  const { calibration } = evaluateLabels(labels, truth);
  // Bins of a tenth: .25 right | .35 wrong | .6 .6 one right | .8 .85 one right | .9 .95 both right.
  const gaps = [0.75, 0.35, Math.abs(1 - 1.2), Math.abs(1 - 1.65), Math.abs(2 - 1.85)];
  close(calibration.expectedError, gaps.reduce((sum, gap) => sum + gap, 0) / 8);
  assert.equal(
    calibration.bins.map(({ count }) => count),
    [0, 0, 1, 1, 0, 0, 2, 0, 2, 2],
  );
  close(calibration.bins[8]!.confidence, 0.825);
  assert.is(calibration.bins[8]!.accuracy, 0.5);
});

test('risk and coverage: errors among the surest, equal confidences never parted', () => {
  const { riskCoverage } = evaluateLabels(labels, truth);
  assert.equal(
    riskCoverage.map(({ threshold, accepted, errors }) => [threshold, accepted, errors]),
    [
      [0.95, 1, 0],
      [0.9, 2, 0],
      [0.85, 3, 0],
      [0.8, 4, 1],
      [0.6, 6, 2],
      [0.35, 7, 3],
      [0.25, 8, 3],
    ],
  );
  close(riskCoverage[2]!.coverage, 3 / 8);
  // No error among three: the bound solves (1 − p)^3 = 0.05.
  assert.ok(Math.abs(riskCoverage[2]!.bound - (1 - 0.05 ** (1 / 3))) < 1e-9);
});

test('a truth file may cover more than the run, and counts only what a person gave', async () => {
  const csv =
    "path,label,status\n./1,cat,given\n2,dog,auto\nelse/where.png,dog,given\n3,dog,given\n'=4,dog,given\n";
  const read = readTruth(csv, ['1', '2', '3', '=4'], 'truth.csv');
  assert.equal(
    [...read],
    [
      ['1', 'cat'],
      ['3', 'dog'],
      ['=4', 'dog'],
    ],
  );
  const refuse = (text: string, ...parts: string[]) =>
    assertUserError(() => readTruth(text, ['1', '2'], 'truth.csv'), 'truth.csv', ...parts);
  await refuse('path,label\na,cat\n', 'no label of an image of the run', 'like 1');
  await refuse('path,label\n1,\n', 'row 2', 'empty label');
  await refuse('path,label\n1,cat\n1,dog\n', 'row 3', "'dog', but 'cat'");
  await assertUserError(
    () => evaluateLabels(labels, new Map([['g', 'cat']])),
    'none of the 9 predicted labels',
  );
});

test.run();
