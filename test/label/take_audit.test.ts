import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drawAudit } from '../../src/label/audit_draw.ts';
import { auditBound, auditChance } from '../../src/label/confidence/audit_bound.ts';
import type { ImageLabel } from '../../src/label/image_label.ts';
import { countStatuses } from '../../src/label/report/compose.ts';
import { auditWarning, leftOutWarning } from '../../src/label/report/warnings/warnings.ts';
import { auditedFrom, auditResult, doneRows, takeAudit } from '../../src/label/take_audit.ts';
import { makeReport } from './report/report_fixture.ts';

const classes = ['cat', 'dog'];
const count = 700;
const path = (image: number) => `folder/${image}.jpg`;
const made = makeReport({ images: count, classes, perClass: 20, path });
const current = 0.699;
const choice = { ...made.riskCoverage!.points[0]!, threshold: current };
const report = {
  ...made,
  warnings: ['Something else.', auditWarning],
  riskCoverage: { ...made.riskCoverage!, chosen: choice, points: [choice] },
};
const terms = { target: 0.05, drawnAt: current, earlier: 0 };

/** Images 0 … 599 automatic with falling confidence from .9995 on, the next 60 for review, the rest given. */
const labels = Array.from({ length: count }, (_, image): ImageLabel => {
  const status = image < 600 ? 'auto' : image < 660 ? 'review' : 'given';
  const confidence = status === 'auto' ? 0.9995 - image / 2000 : status === 'review' ? 0.5 : 1;
  const rest = { margin: 0.5, runnerUp: 'dog', nearestLabelled: path(699) };
  return { path: path(image), label: 'cat', confidence, status, ...rest };
});
const images = Int32Array.from(labels.keys());
const draw = await drawAudit(labels, 300);
const imageOf = (row: { readonly path: string }) => Number(/\d+/.exec(row.path)![0]);

/** Answers to the first rows of the sample: of images that are wrong, that they show an owl. */
const answered = (wrong: (image: number) => boolean, rows = 300) =>
  draw.rows.map((row, at) => (at >= rows ? null : wrong(imageOf(row)) ? 'owl' : 'cat'));
const take = (answers: readonly (string | null)[], options: Partial<typeof terms> = {}, from = labels) =>
  takeAudit(report, from, images, draw, answers, { ...terms, ...options });

test('a clean sample keeps every automatic label, and the promise is audited', () => {
  const { labels: after, report: renewed, threshold } = take(answered(() => false, 150));
  assert.is(threshold, current);
  const { checked, leftOut, errors, bound, kept, population, drawnAt, raisedTo } = renewed.auditSample!;
  assert.equal(
    [checked, leftOut, errors, kept, population, drawnAt, raisedTo],
    [150, 0, 0, true, 600, current, null],
  );
  const clean = Array.from({ length: 150 }, (_, group) => ({ confidence: 0.9, group, wrong: false }));
  assert.is(bound, auditBound(clean, 600, auditChance(0)));
  assert.equal(renewed.promise, { state: 'audited', target: 0.05, kept: true });
  assert.equal(renewed.riskCoverage, report.riskCoverage);
  assert.equal(renewed.warnings, ['Something else.'], 'the sample is checked');
  assert.is(after.filter(({ status }) => status === 'auto').length, 450);
  assert.is(after.filter(({ status }) => status === 'given').length, 40 + 150);
  assert.equal(renewed.counts, countStatuses(after));
});

test('none of these is an answer: the label was wrong, and the image is of no class from then on', () => {
  const wrong = imageOf(draw.rows[3]!);
  const answers = draw.rows.map((_, at) => (at >= 150 ? null : at === 3 ? 'none of these' : 'cat'));
  const { labels: after, report: renewed } = take(answers);
  assert.equal([renewed.auditSample!.checked, renewed.auditSample!.errors], [150, 1]);
  const { label, status } = after.find((row) => imageOf(row) === wrong)!;
  assert.equal([label, status], ['none of these', 'given']);
  assert.is(renewed.noneOfThese, 1);
  assert.equal(
    renewed.classes.map(({ name }) => name),
    classes,
  );
  const counted = renewed.auditSample!.classCounts.find(({ name }) => name === 'none of these')!;
  assert.ok(counted.corrected.count >= 1 && counted.corrected.interval[1] > counted.corrected.count);
});

test('rows left out above the last filled one count as wrong, whichever they are, and the report warns of them', () => {
  const full = answered((image) => image % 12 === 0, 200);
  const wrong = full.filter((answer) => answer === 'owl').length;
  assert.ok(wrong > 10);
  const honest = take(full).report.auditSample!;
  // The person passes over every wrong row.
  const picked = full.map((answer) => (answer === 'owl' ? null : answer));
  const { report: renewed } = take(picked);
  const last = picked.findLastIndex((answer) => answer !== null);
  const trailing = full.slice(last + 1, 200).length;
  const { checked, errors, leftOut, bound, kept } = renewed.auditSample!;
  assert.equal([errors, leftOut, checked + leftOut], [0, wrong - trailing, last + 1]);
  assert.is(kept, false);
  if (trailing === 0) assert.is(bound, honest.bound);
  assert.ok(renewed.warnings.includes(leftOutWarning(leftOut)));
  // Checking them later takes the warning back, and they count as what they are.
  const right = full.map((answer, at) => (answer && picked[at] === null ? 'cat' : answer));
  const later = takeAudit(renewed, take(picked).labels, images, draw, right, terms).report;
  assert.is(later.auditSample!.leftOut, 0);
  assert.is(later.auditSample!.errors, 0);
  assert.is(later.promise.kept, true);
  assert.equal(later.warnings, ['Something else.']);
});

test('checking the images of one class alone promises nothing', async () => {
  const two = labels.map((label, image) => ({ ...label, label: image % 2 === 0 ? 'cat' : 'dog' }));
  const sample = await drawAudit(two, 300);
  const answers = sample.rows.map(({ label }) => (label === 'cat' ? 'cat' : null));
  const { checked, leftOut, bound, kept } = auditResult(sample, answers, [], terms);
  assert.ok(checked > 100 && leftOut > 100 && bound > 0.5 && !kept);
});

test('what the labels alone could not promise waits in review until an audit of it keeps the target', async () => {
  const waiting = labels.map((label) =>
    label.status === 'auto' ? { ...label, status: 'review' as const } : label,
  );
  const sample = await drawAudit(waiting, 300, undefined, current);
  assert.equal(
    sample.rows.map((row) => row.path),
    draw.rows.map((row) => row.path),
    'the same order as of automatic labels',
  );
  assert.is((await drawAudit(waiting, 300)).population, 0);
  const { chosen: _, ...risk } = report.riskCoverage;
  const withheld = { ...report, riskCoverage: { ...risk, chosen: null, withheld: choice } };
  assert.is(auditedFrom(withheld), current);
  const clean = answered(() => false, 150);
  const { labels: after, report: renewed } = takeAudit(withheld, waiting, images, sample, clean, terms);
  assert.is(after.filter(({ status }) => status === 'auto').length, 450);
  assert.is(after.filter(({ status }) => status === 'review').length, 60, 'what was less sure still waits');
  assert.equal(renewed.promise, { state: 'audited', target: 0.05, kept: true });
  const bad = answered((image) => image % 5 === 0, 150);
  const { labels: refused, report: none } = takeAudit(withheld, waiting, images, sample, bad, terms);
  assert.is(refused.filter(({ status }) => status === 'auto').length, 0);
  assert.is(none.promise.kept, false);
});

test('what was checked is given from now on, as the person wrote it; no given label changes', () => {
  const wrong = imageOf(draw.rows[5]!);
  const { labels: after } = take(answered((image) => image === wrong));
  const { label, status, confidence, nearestLabelled } = after[wrong]!;
  assert.equal([label, status, confidence, nearestLabelled], ['owl', 'given', 1, '']);
  for (const [image, before] of labels.entries())
    if (before.status === 'given') assert.equal(after[image], before);
});

test('errors among the less certain raise the threshold until the target holds; those below wait for review', () => {
  const answers = answered((image) => image > 400);
  const { labels: after, report: renewed, threshold } = take(answers);
  assert.ok(threshold! > current && threshold! >= labels[420]!.confidence, `${threshold}`);
  for (const [image, { status }] of after.entries()) {
    if (labels[image]!.status !== 'auto' || status === 'given') continue;
    assert.is(status, labels[image]!.confidence >= threshold! - 1e-9 ? 'auto' : 'review', path(image));
  }
  const { raisedTo, checked, errors, bound, kept } = renewed.auditSample!;
  assert.is(raisedTo, threshold);
  const wrong = answers.filter((answer) => answer === 'owl').length;
  // The figures are those of the whole sample, as its upper part has chosen the threshold.
  assert.equal([checked, errors, kept], [300, wrong, true]);
  assert.ok(bound > wrong / 300);
  assert.is(renewed.counts.review, after.filter(({ status }) => status === 'review').length);
});

test('a sample that promises the target nowhere leaves nothing automatic', () => {
  const { labels: after, report: renewed, threshold } = take(answered((image) => image % 2 === 0));
  assert.is(threshold, null);
  assert.is(after.filter(({ status }) => status === 'auto').length, 0);
  assert.is(renewed.riskCoverage!.chosen, null);
  assert.equal(renewed.promise, { state: 'audited', target: 0.05, kept: false });
  assert.is(renewed.warnings.length, 2);
  assert.match(renewed.warnings[0]!, 'nothing is automatic any more');
});

test('an audit after earlier ones is held to a stricter level, so that trying again finds no better promise', () => {
  const clean = answered(() => false, 100);
  assert.is(take(clean).report.promise.kept, true);
  const second = take(clean, { earlier: 1 }).report;
  assert.is(second.promise.kept, false);
  assert.is(second.auditSample!.earlierAudits, 1);
  assert.is(
    take(
      answered(() => false, 160),
      { earlier: 1 },
    ).report.promise.kept,
    true,
  );
});

test('the report shows the labels as they now are, also of a class that nobody had named', () => {
  const { labels: after, report: renewed } = take(
    answered((image) => image % 30 === 0),
    { target: 0.2 },
  );
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
  const { classCounts } = renewed.auditSample!;
  const total = (of: (each: (typeof classCounts)[number]) => number) =>
    classCounts.reduce((sum, each) => sum + of(each), 0);
  assert.equal(
    [total((each) => each.given), total((each) => each.predicted), total((each) => each.notCovered)],
    [40, 600, 60],
  );
});

test('a sample that comes back in parts leads to what it leads to in one, also after a part that promised too little', () => {
  for (const wrong of [() => false, (image: number) => image > 400, (image: number) => image === 10]) {
    const once = take(answered(wrong));
    // Thirty rows promise no 5%.
    const first = take(answered(wrong, 30));
    assert.is(first.threshold, null);
    assert.is(auditedFrom(first.report), current);
    const again = takeAudit(first.report, first.labels, images, draw, answered(wrong, 30), terms);
    assert.equal([again.labels, again.report], [first.labels, first.report], 'the same return twice');
    const twice = takeAudit(first.report, first.labels, images, draw, answered(wrong), terms);
    assert.equal(twice.labels, once.labels);
    assert.equal(twice.report, once.report);
    assert.is(twice.threshold, once.threshold);
  }
});

test('a group of which only the first rows are checked is not done; rows left out inside one count', async () => {
  const groups = labels.map((_, image) => Math.floor(image / 5));
  const sample = await drawAudit(labels, 50, groups);
  const upTo = (end: number, except = -1) =>
    sample.rows.map((_, at) => (at < end && at !== except ? 'cat' : null));
  assert.is(doneRows(sample, upTo(12)).length, 10);
  assert.is(doneRows(sample, upTo(15)).length, 15);
  assert.is(doneRows(sample, upTo(3)).length, 0);
  assert.is(auditResult(sample, upTo(3), [], terms).bound, 1);
  const gap = auditResult(sample, upTo(15, 7), [], terms);
  assert.equal([gap.checked, gap.leftOut], [14, 1]);
});

test('copies of a corrected image take its new label, copies of others keep theirs', () => {
  const [first, second] = [imageOf(draw.rows[0]!), imageOf(draw.rows[1]!)];
  const copy = (image: number, of: number): ImageLabel => ({
    ...labels[of]!,
    path: path(image),
    status: 'duplicate',
    nearestLabelled: path(of),
  });
  const copied = labels.map((label, image) =>
    image === 605 ? copy(605, first) : image === 606 ? copy(606, second) : label,
  );
  const { labels: after } = take(
    answered((image) => image === first),
    {},
    copied,
  );
  const { label, status, nearestLabelled } = after[605]!;
  assert.equal([label, status, nearestLabelled], ['owl', 'duplicate', path(first)]);
  assert.equal(after[606], copied[606]);
});

test.run();
