import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { auditLines } from '../../src/cli/audit_outcome.ts';
import type { AuditResult } from '../../src/label/report/report.ts';
import { makeReport } from '../label/report/report_fixture.ts';

const made = makeReport({ images: 300, classes: ['a', 'b', 'c'], perClass: 40, noise: 0.3 });
const audit: AuditResult = {
  checked: 90,
  leftOut: 0,
  errors: 1,
  bound: 0.0689,
  target: 0.1,
  kept: true,
  population: 200,
  drawnAt: 0.9,
  raisedTo: null,
  earlierAudits: 0,
  byClass: [],
  byConfidence: [],
  classCounts: Array.from({ length: 12 }, (_, at) => ({
    name: `class ${at}`,
    given: 0,
    notCovered: 2,
    predicted: 17,
    corrected: { count: 16.4, interval: [12.2, 21.9] },
    classical: { count: 16, interval: [9, 25] },
  })),
};
const linesOf = (changes: Partial<AuditResult>, checkedBefore = 0) => [
  ...auditLines({ report: { ...made, auditSample: { ...audit, ...changes } }, checked: 90, checkedBefore }),
];

test('a returned audit says what came back, that the promise is audited, and how many images of a class there are', () => {
  const [first, promise, labels, counts, ...more] = linesOf({}, 20);
  assert.is(first, 'audit: 90 rows of the file are filled in (20 of them given back before)');
  assert.is(
    promise,
    'audited: 90 automatic labels drawn at random checked, 1 wrong; with 95% confidence at most 6.9% of the 200 automatic labels that they were drawn from were wrong before the check; the target of 10% is kept',
  );
  assert.match(labels!, /^labels: \d+ automatic, \d+ wait for review, \d+ given$/);
  assert.match(
    counts!,
    /: class 0 16 \(12–22\), class 1 16 .*class 9 16 \(12–22\), … \(report\.html has all\); 24 other/,
  );
  assert.equal(more, []);
});

test('rows that were left out and earlier audits are told before the promise', () => {
  const lines = linesOf({ leftOut: 3, earlierAudits: 1, kept: false });
  assert.match(lines[1]!, 'left out: 3 rows above the last one filled in count as wrong');
  assert.match(lines[2]!, 'earlier audits of the run: 1;');
  assert.match(lines[3]!, '3 left out above the last one and counted as wrong');
  assert.match(lines[3]!, 'does not keep the target of 10%: nothing is automatic any more');
});

test.run();
