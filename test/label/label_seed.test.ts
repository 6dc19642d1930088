import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { labelSeed } from '../../src/label/label_seed.ts';
import { label, make } from './made_labelling.ts';

const paths = ['a.png', 'b.png', 'c.png'];
const classes = ['cat', 'dog'];

test('the seed follows from which image has which label, and from nothing else', () => {
  const own = labelSeed(paths, Int32Array.of(0, 1, -1), classes);
  assert.is(own, labelSeed(paths, Int32Array.of(1, 0, -1), ['dog', 'cat']), 'numbers of classes');
  assert.is(
    own,
    labelSeed([...paths, 'd.png'], Int32Array.of(0, 1, -1, -1), classes),
    'images without a label',
  );
  for (const given of [Int32Array.of(1, 0, -1), Int32Array.of(0, 1, 1), Int32Array.of(0, -1, 1)])
    assert.is.not(own, labelSeed(paths, given, classes));
});

test('another seed gives the same promise for the same labels', async () => {
  const made = make(24, 1);
  // Features that leave errors, so that folds matter.
  const values = made.features.values.map((value) => (value > 2 ? value - 2.6 : value));
  const noisy = { ...made, features: { ...made.features, values } };
  const reports = [];
  for (const seed of [0, 1, 2]) reports.push((await label(noisy, ['probe'], undefined, seed)).report);
  const [first, ...others] = reports.map(({ outOfFold, calibration, riskCoverage }) => ({
    ...{ outOfFold, calibration, riskCoverage },
  }));
  assert.ok(first!.outOfFold!.accuracy < 1, `${first!.outOfFold!.accuracy}`);
  for (const other of others) assert.equal(other, first);
});

test.run();
