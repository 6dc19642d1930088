import { parseHTML } from 'linkedom';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { renderReport } from '../../../src/label/report/page.ts';
import { promiseOf } from '../../../src/label/report/promise.ts';
import type { AuditResult, Report } from '../../../src/label/report/report.ts';
import { nodeFiles } from '../../../src/platform/node_files.ts';
import { madeThumbnail, makeReport } from './report_fixture.ts';

const side = 8;
const render = (report: Report) =>
  renderReport(report, {
    side,
    thumbnail: (image) => madeThumbnail(image, side),
    encodeJpeg: nodeFiles.encodeJpeg,
  });
const small = makeReport({ images: 400, classes: ['cat', 'dog', 'owl'], perClass: 40 });
const parse = (html: string): Document => parseHTML(html).document;
const textOf = (element: Element | null) => element?.textContent?.replace(/\s+/g, ' ').trim();

const audit: AuditResult = {
  checked: 100,
  leftOut: 0,
  errors: 2,
  bound: 0.0616,
  target: 0.05,
  kept: true,
  population: 321,
  drawnAt: 0.9,
  raisedTo: null,
  earlierAudits: 0,
  byClass: [{ name: '<b>cat', checked: 60, errors: 2, interval: [0.009, 0.114] }],
  byConfidence: [{ from: 0.91, to: 0.98, checked: 100, errors: 2, interval: [0.006, 0.07] }],
  classCounts: [
    {
      name: 'cat',
      given: 12,
      notCovered: 34,
      predicted: 200,
      corrected: { count: 195.5, interval: [180.2, 210.7] },
      classical: { count: 190, interval: [160, 220] },
    },
  ],
};

/** Texts of the summary and of part 6 for an audit with some other figures. */
async function auditTexts(changes: Partial<AuditResult>): Promise<string[]> {
  const auditSample = { ...audit, ...changes };
  const risk = small.riskCoverage!;
  const riskCoverage = { ...risk, target: 0.05, chosen: auditSample.kept ? risk.points[0]! : null };
  const promise = promiseOf({ riskCoverage, auditSample });
  const page = parse(await render({ ...small, riskCoverage, auditSample, promise }));
  return ['main > section', '#threshold'].map((part) => textOf(page.querySelector(part))!);
}

const audited = await auditTexts({});

test('a promise is provisional in words, in the headline and beside the threshold, until an audit has come back', async () => {
  const chosen = small.riskCoverage!.chosen ?? small.riskCoverage!.points[0]!;
  const page = parse(await render({ ...small, riskCoverage: { ...small.riskCoverage!, chosen } }));
  assert.match(textOf(page.querySelector('.totals'))!, 'provisional: with 95% confidence at most');
  assert.match(textOf(page.querySelector('#threshold'))!, 'Provisional: this speaks of images like');
  for (const text of audited) assert.not.match(text.replace(/Before you trust.*/, ''), /provisional/i);
});

test('an audit that came back is what the summary promises by: of the labels it was drawn from, before the check', async () => {
  for (const text of audited)
    assert.match(
      text,
      'at most 6.2% of the 321 automatic labels that they were drawn from were wrong before the check; the target of 5% is kept',
    );
  const [summary] = audited;
  assert.match(summary!, 'audited: 100 automatic labels drawn at random checked, 2 wrong');
  // The sample chose the threshold: its plain bound promises nothing there.
  for (const text of await auditTexts({ raisedTo: 0.97 })) {
    assert.match(
      text,
      'threshold was raised to 97.0%: with 95% confidence at most 5% of the automatic labels',
    );
    assert.not.match(text, '6.2%');
  }
  for (const text of await auditTexts({ kept: false })) {
    assert.match(text, 'does not keep the target of 5%: nothing is automatic any more');
    assert.not.match(text, 'were automatic before the check');
  }
});

test('an audit with gaps says how many rows were left out and that they count as wrong; one after others says so', async () => {
  const [summary, part] = await auditTexts({ leftOut: 7, earlierAudits: 2 });
  assert.match(summary!, '2 wrong, 7 left out above the last one and counted as wrong');
  assert.match(summary!, '2 earlier audits of this run came back');
  assert.match(part!, '100 and 7 left out');
  assert.match(part!, 'Rows that were left out count as wrong');
  for (const text of audited) assert.not.match(text, 'left out');
});

test('after an audit the page counts the images of each class with intervals, and says what they do not cover', async () => {
  const [, part] = audited;
  assert.match(part!, '196 (180–211)');
  assert.match(part!, '190 (160–220)');
  assert.match(part!, 'For 34 other predicted labels nothing checks the counts: they are not covered');
  assert.match(part!, '0.9–11.4%');
});

test.run();
