import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readAudit } from '../../src/label/files/audit_csv.ts';
import type { ImageLabel } from '../../src/label/image_label.ts';
import { countStatuses } from '../../src/label/report/compose.ts';
import { auditWarning } from '../../src/label/report/warnings.ts';
import { auditedFrom, takeAudit, wasAutomatic } from '../../src/label/take_audit.ts';
import { binomialBound } from '../../src/numerics/binomial_bound.ts';
import { makeReport } from './report/report_fixture.ts';

const classes = ['cat', 'dog'];
const count = 400;
const path = (image: number) => `folder/${image}.jpg`;
const made = makeReport({ images: count, classes, perClass: 20, path });
const current = 0.699;
const choice = { ...made.riskCoverage!.points[0]!, threshold: current };
const report = {
  ...made,
  warnings: ['Something else.', auditWarning],
  riskCoverage: { ...made.riskCoverage!, chosen: choice, points: [choice] },
};

/** Images 0 … 299 automatic with falling confidence from .999 on, the next 60 for review, the rest given. */
const labels = Array.from({ length: count }, (_, image): ImageLabel => {
  const status = image < 300 ? 'auto' : image < 360 ? 'review' : 'given';
  const confidence = status === 'auto' ? 0.999 - image / 1000 : status === 'review' ? 0.5 : 1;
  const rest = { margin: 0.5, runnerUp: 'dog', nearestLabelled: path(399) };
  return { path: path(image), label: 'cat', confidence, status, ...rest };
});
const images = Int32Array.from(labels.keys());

/** A checked sample: of every other automatic image, `wrong` say what else it shows. */
const checkedWith = (wrong: (image: number) => boolean, step = 2) =>
  labels
    .filter(({ status }, image) => status === 'auto' && image % step === 0)
    .map(({ path: checkedPath, label, confidence }, i) => {
      const correct = !wrong(i * step);
      return {
        path: checkedPath,
        label,
        confidence,
        checked: correct ? 'cat' : 'owl',
        correct,
        earlier: false,
      };
    });

test('a clean sample keeps every automatic label, and its bound is that of the binomial', () => {
  const checked = checkedWith(() => false);
  const {
    labels: after,
    report: renewed,
    threshold,
  } = takeAudit(report, labels, images, checked, current, 0.05);
  assert.is(threshold, current);
  assert.equal(renewed.auditSample, {
    checked: 150,
    errors: 0,
    bound: binomialBound(0, 150),
    population: 300,
    drawnAt: current,
    raisedTo: null,
  });
  assert.equal(renewed.riskCoverage, report.riskCoverage);
  assert.equal(renewed.warnings, ['Something else.'], 'the sample is checked');
  assert.is(after.filter(({ status }) => status === 'auto').length, 150);
  assert.is(after.filter(({ status }) => status === 'given').length, 40 + 150);
  assert.equal(renewed.counts, countStatuses(after));
});

test('what was checked is given from now on, as the person wrote it; no given label changes', () => {
  const checked = checkedWith((image) => image === 10);
  const { labels: after } = takeAudit(report, labels, images, checked, current, 0.05);
  assert.equal(
    [after[10]!.label, after[10]!.status, after[10]!.confidence, after[10]!.nearestLabelled],
    ['owl', 'given', 1, ''],
  );
  for (const [image, label] of labels.entries())
    if (label.status === 'given') assert.equal(after[image], label);
});

test('errors among the less certain raise the threshold until the target holds; those below wait for review', () => {
  const checked = checkedWith((image) => image > 200);
  const {
    labels: after,
    report: renewed,
    threshold,
  } = takeAudit(report, labels, images, checked, current, 0.05);
  assert.ok(threshold! > current);
  const sure = (image: number) => labels[image]!.confidence >= threshold!;
  for (const [image, { status }] of after.entries()) {
    if (labels[image]!.status !== 'auto' || image % 2 === 0) continue;
    assert.is(status, sure(image) ? 'auto' : 'review', path(image));
  }
  const { raisedTo, checked: all, errors, bound } = renewed.auditSample!;
  assert.is(raisedTo, threshold);
  // Images 202, 204 … 298; the figures are those of the whole sample, as its upper part has chosen the threshold.
  assert.equal([all, errors, bound], [150, 49, binomialBound(49, 150)]);
  assert.is(renewed.counts.review, after.filter(({ status }) => status === 'review').length);
});

test('a sample that promises the target nowhere leaves nothing automatic', () => {
  const checked = checkedWith((image) => image % 4 === 0);
  const {
    labels: after,
    report: renewed,
    threshold,
  } = takeAudit(report, labels, images, checked, current, 0.05);
  assert.is(threshold, null);
  assert.is(after.filter(({ status }) => status === 'auto').length, 0);
  assert.is(renewed.counts.auto, 0);
  assert.is(renewed.riskCoverage!.chosen, null);
  assert.equal([renewed.auditSample!.checked, renewed.auditSample!.errors], [150, 75]);
  assert.is(renewed.warnings.length, 2);
  assert.match(renewed.warnings[0]!, 'nothing is automatic any more');
});

test('the report shows the labels as they now are, also of a class that nobody had named', () => {
  const checked = checkedWith((image) => image % 60 === 0);
  const { labels: after, report: renewed } = takeAudit(report, labels, images, checked, current, 0.2);
  const now = new Map(after.map((label) => [label.path, label]));
  for (const point of renewed.map) {
    assert.equal([point.label, point.status], [now.get(point.path)!.label, now.get(point.path)!.status]);
  }
  for (const { mostCertain, leastCertain } of renewed.gallery) {
    for (const image of [...mostCertain, ...leastCertain])
      assert.is(image.status, now.get(image.path)!.status);
  }
  assert.ok(renewed.queue.every(({ status }) => status === 'review'));
  assert.ok(renewed.classes.some(({ name, given }) => name === 'owl' && given > 0));
});

test('a sample that comes back in two parts leads to what it leads to in one, also after a part that promised too little', () => {
  for (const wrong of [() => false, (image: number) => image > 200, (image: number) => image === 10]) {
    const file = (part: ReturnType<typeof checkedWith>) =>
      `path,label,confidence,checked_label\n${part.map((row) => `${row.path},${row.label},${row.confidence.toFixed(6)},${row.checked}\n`).join('')}`;
    const whole = checkedWith(wrong);
    const once = takeAudit(report, labels, images, whole, current, 0.05);
    // Every fifth row: 30, which promise no 5%.
    const first = takeAudit(
      report,
      labels,
      images,
      whole.filter((_, i) => i % 5 === 0),
      current,
      0.05,
    );
    assert.is(first.threshold, null);
    const { checked } = readAudit(file(whole), first.labels, 'audit.csv', (label) =>
      wasAutomatic(first.report, label),
    );
    assert.is(checked.filter(({ earlier }) => earlier).length, 30);
    assert.is(auditedFrom(first.report), current);
    const twice = takeAudit(first.report, first.labels, images, checked, current, 0.05);
    assert.equal(twice.labels, once.labels);
    assert.equal(twice.report, once.report);
    assert.ok(Math.abs(twice.threshold! - once.threshold!) < 1e-9);
  }
});

test('copies of a corrected image take its new label, copies of others keep theirs', () => {
  const copy = (image: number, of: number): ImageLabel => ({
    ...labels[of]!,
    path: path(image),
    status: 'duplicate',
    nearestLabelled: path(of),
  });
  const copied = labels.map((label, image) =>
    image === 305 ? copy(305, 10) : image === 306 ? copy(306, 12) : label,
  );
  const { labels: after } = takeAudit(
    report,
    copied,
    images,
    checkedWith((image) => image === 10),
    current,
    0.05,
  );
  assert.equal(
    [after[305]!.label, after[305]!.status, after[305]!.nearestLabelled],
    ['owl', 'duplicate', path(10)],
  );
  assert.equal(after[306], copied[306]);
});

test.run();
