import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { labellingMethods } from '../../src/label/methods/method_registry.ts';
import { takeCensus } from '../../src/label/scan/census.ts';
import { assertUserError } from '../data/temporary.ts';
import { classes, label, make } from './made_labelling.ts';

test('features alone are enough: every method that needs no encoder is compared, and the best of them labels', async () => {
  const made = make(30, 1);
  const { labels, model, method, report, stages } = await label(made, labellingMethods);
  assert.equal(
    report.comparison.rows.map((row) => row.method),
    ['features.npy + probe', 'kNN on features.npy features', 'majority class'],
  );
  assert.is(method, 'features.npy + probe');
  assert.is(model.origin, made.features.origin);
  assert.equal(
    labels.map((row) => row.label),
    Array.from(made.truth, (number) => classes[number]),
  );
  assert.is(report.provenance.fingerprint.length, 64);
  assert.ok(stages.has('looking at the images'), 'copies are found by the images themselves');
});

test('a census that comes with the features is taken for what it is: the images are not looked at again', async () => {
  const made = make(30, 1);
  const census = await takeCensus(made.stream);
  const read = () => Promise.reject(new Error('was read'));
  const before = await label(made, ['probe']);
  const after = await label({ ...made, stream: { ...made.stream, read } }, ['probe'], census);
  assert.equal(after.labels, before.labels);
  assert.equal(after.report, before.report);
});

test('where no method that can be compared labels, it says which does', async () => {
  await assertUserError(() => label(make(30, 1), ['finetune', 'majority']), 'let methods name probe');
});

test('labelled copies are no further evidence: ten images copied eight times promise what ten do', async () => {
  const { report } = await label(make(5, 8));
  assert.is(report.audit.exactDuplicates, 70);
  assert.is(report.riskCoverage!.chosen, null);
  const last = report.riskCoverage!.points.at(-1)!;
  assert.equal([last.accepted, last.errors], [10, 0]);
  // Ten of equal weight bound the error by 1 − 0.05^(1/10) = 0.2589, of weights that differ as a few outliers make the
  // classes differ by a little more; eighty would by 0.0368.
  assert.ok(last.bound > 0.2588 && last.bound < 0.28, `${last.bound}`);
  assert.is(
    report.calibration!.after.bins.reduce((sum, bin) => sum + bin.count, 0),
    10,
  );
});

test('as many labels of images that are no copies keep their promise', async () => {
  const { report, labels } = await label(make(40, 1));
  assert.is(report.riskCoverage!.chosen!.accepted, 80);
  assert.ok(labels.some(({ status }) => status === 'auto'));
});

test('a class whose weight was limited is named in a warning', async () => {
  const warnings = async (share: number) =>
    (await label(make(40, 1, share))).report.warnings.filter((warning) => warning.includes('four-fold'));
  assert.equal(await warnings(0.5), []);
  // Half of the labels, a tenth of the images.
  const [warning, ...others] = await warnings(0.1);
  assert.is(others.length, 0);
  assert.match(warning!, /predictions: 'cat'\./);
});

test.run();
