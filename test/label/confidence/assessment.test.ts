import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { assess, promiseError, sharesAmong } from '../../../src/label/confidence/assessment.ts';
import { isRandomSample } from '../../../src/label/task.ts';
import { Random } from '../../../src/random.ts';

const classes = 3;

/** Logits of images of three classes, in these proportions, of which the first is often taken for the others; what is sure is right more often. */
function made(count: number, shares: readonly number[], seed: number) {
  const random = new Random(seed, 0);
  const labels = Int32Array.from({ length: count }, () => {
    const at = random.next();
    return at < shares[0]! ? 0 : at < shares[0]! + shares[1]! ? 1 : 2;
  });
  const logits = new Float32Array(count * classes);
  labels.forEach((label, row) => {
    const sure = random.next();
    const right = random.next() < (label === 0 ? 0.6 + 0.3 * sure : 0.9 + 0.1 * sure);
    logits[row * classes + (right ? label : (label + 1 + random.integer(2)) % classes)] = 1 + 4 * sure;
  });
  return { logits, labels };
}

/** The share of 200 other images that a promise of at most 20% wrong makes automatic. */
function automatic(
  labelled: readonly number[],
  others: readonly number[],
  sampled: boolean,
  seed: number,
): number {
  const { logits, labels } = made(120, labelled, seed);
  const outOfFold = assess({ logits, labels }, Int32Array.from(labels.keys()), classes);
  const rest = assess(
    made(200, others, seed + 1000),
    Int32Array.from({ length: 200 }, (_, i) => i),
    classes,
  );
  const open = Int32Array.from({ length: 200 }, (_, row) => row);
  const shares = sharesAmong(outOfFold, rest.probabilities, open, classes, { seed: 1 });
  const options = { target: 0.2, candidates: 1, sampled, shares };
  const { risk } = promiseError(outOfFold, rest.probabilities, open, classes, options);
  return (risk.chosen?.auto ?? 0) / 200;
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const draws = [...Array(4).keys()];
const even = [1 / 3, 1 / 3, 1 / 3];

test('labels known to be a random sample promise more than labels that only may be one', () => {
  const [known, perhaps] = [true, false].map((sampled) =>
    mean(draws.map((seed) => automatic(even, even, sampled, seed))),
  );
  assert.ok(known! > perhaps! + 0.02, `${known} against ${perhaps}`);
});

test('a sample that is said to be random, of shares that predictions of the others deny, is taken for none', () => {
  const others = [0.05, 0.05, 0.9];
  for (const seed of draws)
    assert.is(automatic(even, others, true, seed), automatic(even, others, false, seed));
});

test('labels are a random sample where none that checks came otherwise', () => {
  const given = Int32Array.of(0, 1, -1, 1);
  const origins = (...names: ('random' | 'stratified' | 'proposed' | 'audit' | 'own')[]) =>
    new Map([0, 1, 3].map((image, at) => [image, { origin: names[at]! }] as const));
  assert.is(isRandomSample({ given, origins: origins('random', 'random', 'proposed') }), true);
  assert.is(isRandomSample({ given, origins: origins('random', 'audit', 'random') }), true);
  assert.is(isRandomSample({ given, origins: origins('random', 'stratified', 'random') }), false);
  assert.is(isRandomSample({ given, origins: origins('random', 'own', 'random') }), false);
  assert.is(isRandomSample({ given, origins: origins('proposed', 'proposed', 'audit') }), false);
  assert.is(isRandomSample({ given }), false);
});

test.run();
