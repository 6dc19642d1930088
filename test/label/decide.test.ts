import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decide, type RowFacts, topTwo } from '../../src/label/decide.ts';

const classes = ['cat', 'dog', 'owl'];
const probabilities = Float32Array.from([
  0.1,
  0.2,
  0.7, // a: given cat
  0.9,
  0.06,
  0.04, // b: above the threshold
  0.5,
  0.3,
  0.2, // c: below
  0.05,
  0.9,
  0.05, // d: unlike all labelled
  0.25,
  0.7,
  0.05, // e: the very pixels of a
  0.25,
  0.7,
  0.05, // f: the very pixels of images with contradicting labels
  0.3,
  0.3,
  0.4, // g: repeats c
]);
const evidence: RowFacts = {
  paths: ['a', 'b', 'c', 'd', 'e', 'f', 'g'],
  classes,
  given: Int32Array.of(0, -1, -1, -1, -1, -1, -1),
  probabilities,
  inheritsFrom: Int32Array.of(0, 1, 2, 3, 0, 5, 2),
  held: Uint8Array.of(0, 0, 0, 0, 0, 1, 0),
  outlier: Uint8Array.of(0, 0, 0, 1, 0, 0, 0),
  nearest: new Int32Array(7),
  threshold: 0.8,
};
const rows = decide(evidence);
const near = (actual: number, expected: number) => assert.ok(Math.abs(actual - expected) < 1e-6, `${actual}`);

test('a given label stays as it is, whatever is predicted', () => {
  assert.equal(rows[0], {
    path: 'a',
    label: 'cat',
    confidence: 1,
    margin: 1,
    runnerUp: '',
    status: 'given',
    nearestLabelled: '',
  });
});

test('confidence decides between automatic and review; runner-up, margin and nearest labelled are told', () => {
  assert.equal([rows[1]!.status, rows[1]!.label, rows[1]!.runnerUp], ['auto', 'cat', 'dog']);
  near(rows[1]!.margin, 0.84);
  assert.is(rows[2]!.status, 'review');
  assert.is(rows[2]!.nearestLabelled, 'a');
});

test('an outlier is never automatic', () => {
  assert.is(rows[3]!.status, 'outlier');
  near(rows[3]!.confidence, 0.9);
});

test('an exact copy of a labelled image takes its label, as surely as a person gave it', () => {
  assert.equal([rows[4]!.status, rows[4]!.label, rows[4]!.nearestLabelled], ['duplicate', 'cat', 'a']);
  assert.equal([rows[4]!.confidence, rows[4]!.margin, rows[4]!.runnerUp], [1, 1, '']);
});

test('a copy of images with contradicting labels keeps its prediction and waits for review, however sure it is', () => {
  for (const threshold of [0.8, 0.1]) {
    const row = decide({ ...evidence, threshold, outlier: evidence.outlier.with(5, 1) })[5]!;
    assert.equal([row.status, row.label, row.runnerUp], ['review', 'dog', 'cat']);
    near(row.confidence, 0.7);
  }
});

test('a copy of an unlabelled image agrees with it', () => {
  assert.equal([rows[6]!.status, rows[6]!.label, rows[6]!.nearestLabelled], ['duplicate', 'cat', 'c']);
  near(rows[6]!.confidence, 0.5);
});

test('without a threshold nothing is automatic', () => {
  assert.ok(decide({ ...evidence, threshold: null }).every(({ status }) => status !== 'auto'));
});

test('the two likeliest classes, earlier ones of equals first', () => {
  assert.equal(topTwo(Float32Array.of(0.4, 0.4, 0.2), 0, 3).first, 0);
  assert.equal(topTwo(Float32Array.of(0.2, 0.4, 0.4), 0, 3).second, 2);
  assert.equal(topTwo(Float32Array.of(0.5, 0.2, 0.3), 0, 3).second, 2);
});

test.run();
