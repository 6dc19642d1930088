import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { classificationScores } from '../../../src/label/confidence/scores.ts';
import { wilsonInterval } from '../../../src/numerics/interval.ts';
import { Random } from '../../../src/random.ts';

test('scores of a hand-made example, unknown truth left out', () => {
  const predicted = Int32Array.of(0, 0, 1, 1, 1, 0, 3, 2);
  const truth = Int32Array.of(0, 0, 0, 1, 1, 3, 3, -1);
  const scores = classificationScores(predicted, truth, 4);
  assert.equal(scores.confusion, [
    [2, 1, 0, 0],
    [0, 2, 0, 0],
    [0, 0, 0, 0],
    [1, 0, 0, 1],
  ]);
  assert.is(scores.count, 7);
  assert.is(scores.accuracy, 5 / 7);
  assert.equal(scores.interval, wilsonInterval(5, 7));
  assert.is(scores.balancedAccuracy, (2 / 3 + 1 + 1 / 2) / 3);
  assert.equal(scores.classes, [
    { support: 3, predicted: 3, precision: 2 / 3, recall: 2 / 3 },
    { support: 2, predicted: 3, precision: 2 / 3, recall: 1 },
    { support: 0, predicted: 0, precision: null, recall: null },
    { support: 2, predicted: 1, precision: 1, recall: 0.5 },
  ]);
});

test('precision and recall agree with counting row by row at a ragged size', () => {
  const random = new Random(2);
  const [predicted, truth] = [0, 1].map(() => Int32Array.from({ length: 257 }, () => random.integer(5)));
  const scores = classificationScores(predicted!, truth!, 5);
  const rows = Array.from(truth!.keys());
  for (let k = 0; k < 5; k++) {
    const right = rows.filter((row) => truth![row] === k && predicted![row] === k).length;
    assert.is(scores.classes[k]!.recall, right / rows.filter((row) => truth![row] === k).length);
    assert.is(scores.classes[k]!.precision, right / rows.filter((row) => predicted![row] === k).length);
  }
  assert.is(scores.accuracy, rows.filter((row) => truth![row] === predicted![row]).length / 257);
});

test('without any known truth all is open', () => {
  const scores = classificationScores(Int32Array.of(0, 1), Int32Array.of(-1, -1), 2);
  assert.equal([scores.count, scores.accuracy, scores.balancedAccuracy], [0, 0, 0]);
  assert.equal(scores.interval, [0, 1]);
});

test.run();
