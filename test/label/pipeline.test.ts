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

test('an exact copy takes the label that all given ones agree on; contradicting ones are no truth', async () => {
  const made = make(40, 3);
  // Of 80 pictures the first copy is labelled; the second of picture 0 too, with the other class.
  const given = made.given.map((label, image) => (image < 80 ? label : image === 80 ? 1 - label : -1));
  const { labels, report } = await label({ ...made, given });
  assert.equal(
    [labels[81]!.status, labels[81]!.nearestLabelled, labels[81]!.confidence],
    ['duplicate', '1.png', 1],
  );
  assert.is(labels[160]!.status, 'review');
  assert.ok(labels[160]!.confidence < 1);
  assert.equal(report.audit.conflictCount, { exact: 1, near: 0 });
  assert.is(report.warnings.filter((warning) => /pixel by pixel.*wrong/.test(warning)).length, 1);
  // The other 79 are told without an error.
  assert.is(report.riskCoverage!.points.at(-1)!.errors, 1);
  assert.is(
    report.calibration!.after.bins.reduce((sum, bin) => sum + bin.count, 0),
    79,
  );
});

test('near copies of labelled images keep their own label, confidence and status, and are among the promised', async () => {
  const made = make(80, 2);
  const given = made.given.map((label, image) => (image < 160 ? label : -1));
  const { stream } = made;
  // The second copies are a level brighter, as far as there is one.
  const read: typeof stream.read = async (images, target) => {
    await stream.read(images, target);
    images.forEach((image, at) => {
      if (image < 160 || image >= 320) return;
      const own = target.subarray(at * 3 * 256, (at + 1) * 3 * 256);
      own.forEach((level, i) => {
        own[i] = Math.min(255, level + 1);
      });
    });
    return [];
  };
  const { labels, report } = await label({ ...made, given, stream: { ...stream, read } });
  assert.equal([report.audit.exactDuplicates, report.audit.nearDuplicates], [0, 160]);
  assert.is(report.counts.duplicate, 0);
  const copies = labels.slice(160, 320);
  assert.ok(copies.every(({ status, confidence }) => status !== 'given' && confidence < 1));
  assert.is(report.riskCoverage!.chosen!.auto, report.counts.auto);
  assert.ok(copies.filter(({ status }) => status === 'auto').length > 80);
  assert.is(
    report.warnings.filter((warning) => warning.startsWith('88.9% of the images are near copies')).length,
    1,
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
